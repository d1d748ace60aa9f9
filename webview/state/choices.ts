/** The choices that more than one part of the panel reads. Those of one section stand in the section. */
import * as v from 'valibot';
import { miningConfig } from '../../src/protocol/mining-config.js';
import { STATUS_NAMES } from '../../src/core/tables.js';
import { measureConfig } from '../../src/protocol/mining-requests.js';
import { COLOUR_BY_IDS } from '../rows/colouring.js';
import { COMPARE_VIEWS } from '../rows/comparison.js';
import { EXAMPLE_SORT_IDS } from '../rows/example-order.js';
import { DECIDED_IDS } from '../../src/core/triage/decisions.js';
import { FIRST_LAYERS, GROUNDS, LAYER_IDS, NO_FILTERS } from '../rows/filters.js';
import { choice, type Choices } from './choice.js';

const aClass = v.fallback(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))), null);
const filters = v.object({
  ground: v.fallback(v.picklist(GROUNDS), NO_FILTERS.ground),
  status: v.fallback(v.nullable(v.picklist(STATUS_NAMES)), NO_FILTERS.status),
  label: aClass,
  prediction: aClass,
  wrong: v.fallback(v.boolean(), NO_FILTERS.wrong),
  verdict: v.fallback(v.nullable(v.picklist(DECIDED_IDS)), null),
  text: v.fallback(v.string(), NO_FILTERS.text),
});

const LAYERS = choice({
  name: 'layers',
  initial: FIRST_LAYERS,
  schema: v.object(v.entriesFromList(LAYER_IDS, v.boolean())),
});
const FILTERS = choice({ name: 'filters', initial: NO_FILTERS, schema: filters });
const DRAW_ALL = choice({ name: 'drawAll', initial: false, schema: v.boolean() });
const COLOUR_BY = choice({ name: 'colourBy', initial: 'rank', schema: v.picklist(COLOUR_BY_IDS) });
const EXAMPLE_SORT = choice({ name: 'exampleSort', initial: 'loss', schema: v.picklist(EXAMPLE_SORT_IDS) });
const COMPARED = choice({ name: 'compared', initial: null, schema: v.nullable(miningConfig) });
const COMPARE_VIEW = choice({ name: 'compareView', initial: 'overlay', schema: v.picklist(COMPARE_VIEWS) });
const MEASURED = choice({ name: 'measured', initial: null, schema: v.nullable(measureConfig) });
const SIDE_OPEN = choice({ name: 'sideOpen', initial: true, schema: v.boolean(), ofWorkspace: true });

export type SharedChoices = ReturnType<typeof sharedChoices>;

/** Those choices in a panel. */
export function sharedChoices(choices: Choices) {
  return {
    layers: choices.of(LAYERS),
    filters: choices.of(FILTERS),
    /** Every box as lines, however many. */
    drawAll: choices.of(DRAW_ALL),
    colourBy: choices.of(COLOUR_BY),
    exampleSort: choices.of(EXAMPLE_SORT),
    /** What `mining` is compared with; null: nothing. */
    compared: choices.of(COMPARED),
    compareView: choices.of(COMPARE_VIEW),
    /** How the run might be measured instead; null: no one asks. */
    measured: choices.of(MEASURED),
    sideOpen: choices.of(SIDE_OPEN),
  };
}
