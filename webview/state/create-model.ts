/** A panel that has heard nothing yet. */
import { signal } from '@preact/signals';
import { DEFAULT_CONFIG } from '../../src/core/mining/mining-options.js';
import { NONE } from '../../src/core/tables.js';
import { ALL_MARKS } from '../rows/comparison.js';
import { derive } from './derive.js';
import { FIRST_LAYERS, NO_FILTERS } from '../rows/filters.js';
import type { Choices, Facts, PanelModel } from './model.js';

/** A panel that has heard nothing from the host yet. */
export function createModel(): PanelModel {
  const base = { ...createFacts(), ...createChoices() };
  return { ...base, ...derive(base) };
}

function createFacts(): Facts {
  return {
    manifest: signal(null),
    schema: signal(null),
    settings: signal({ dim: 0, colourMap: '' }),
    image: signal(null),
    others: signal(new Map()),
    examples: signal(null),
    hostImage: signal(NONE),
    runComparison: signal(null),
    progress: signal(null),
    notices: signal([]),
    stageSize: signal({ width: 0, height: 0 }),
    pictureSize: signal(null),
    pictureNote: signal(''),
  };
}

function createChoices(): Choices {
  return {
    mining: signal(DEFAULT_CONFIG),
    layers: signal(FIRST_LAYERS),
    filters: signal(NO_FILTERS),
    zoomed: signal(null),
    focused: signal(NONE),
    hovered: signal(NONE),
    drawAll: signal(false),
    colourBy: signal('rank'),
    exampleSort: signal('loss'),
    gridShape: signal({ columns: 1, rows: 1 }),
    compared: signal(null),
    compareView: signal('overlay'),
    markLayers: signal(ALL_MARKS),
    sideOpen: signal(false),
    folded: signal(new Set<string>()),
    keysShown: signal(false),
  };
}
