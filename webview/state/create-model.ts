/** A panel that has heard nothing yet. */
import { signal } from '@preact/signals';
import { DEFAULT_CONFIG } from '../../src/core/mining/mining-options.js';
import { BACKGROUND_BELOW } from '../../src/core/predictions.js';
import { NONE } from '../../src/core/tables.js';
import { ALL_MARKS } from '../rows/comparison.js';
import { Choices } from './choice.js';
import { sharedChoices } from './choices.js';
import { createDecisions } from './decision-model.js';
import { createGallery } from './gallery-model.js';
import { derive } from './derive.js';
import type { Facts, PanelModel, Passing } from './model.js';

/**
 * A panel that has heard nothing from the host yet.
 * @param saved choices before a reload, as `SavedState` has them.
 */
export function createModel(saved?: Readonly<Record<string, unknown>>): PanelModel {
  const choices = new Choices(saved);
  const facts = createFacts();
  const gallery = createGallery(choices, () => facts.manifest.value?.classes ?? []);
  const passing = createPassing();
  const decide = createDecisions(choices, { ...facts, ...passing });
  const base = { ...facts, ...passing, ...sharedChoices(choices), choices, gallery, decide };
  return { ...base, ...derive(base) };
}

function createFacts(): Facts {
  return {
    manifest: signal(null),
    schema: signal(null),
    settings: signal({ dim: 0, colourMap: '', backgroundBelow: BACKGROUND_BELOW }),
    image: signal(null),
    others: signal(new Map()),
    examples: signal(null),
    hostImage: signal(NONE),
    runComparison: signal(null),
    measureChoices: signal(null),
    progress: signal(null),
    gaps: signal(null),
    notices: signal([]),
    stageSize: signal({ width: 0, height: 0 }),
    pictureSize: signal(null),
    pictureNote: signal(''),
    still: signal(true),
  };
}

function createPassing(): Passing {
  return {
    mining: signal(DEFAULT_CONFIG),
    zoomed: signal(null),
    focused: signal(NONE),
    hovered: signal(NONE),
    gridShape: signal({ columns: 1, rows: 1 }),
    markLayers: signal(ALL_MARKS),
    keysShown: signal(false),
    touched: signal(false),
  };
}
