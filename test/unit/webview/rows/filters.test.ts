import { describe, expect, it } from 'vitest';
import { predictedClasses } from '../../../../src/core/predictions.js';
import { allocateRoiTable, IGNORE, Status } from '../../../../src/core/tables.js';
import {
  filterRows,
  FIRST_LAYERS,
  isFiltered,
  LAYER_IDS,
  NO_FILTERS,
  rowsOnLayers,
} from '../../../../webview/rows/filters.js';

const classes = ['cat', 'dog', 'Hot Dog'];
const rois = allocateRoiTable(5, 3, 'float32');
rois.gtClass.set([0, 1, 2, 3, IGNORE]);
rois.predClass.set([1, 1, 0, 0, 2]);
const status = Uint8Array.of(
  Status.selected,
  Status.nmsSuppressed,
  Status.belowBudget,
  Status.selected,
  Status.ignored,
);
const passing = (change: Partial<typeof NO_FILTERS>) => [
  ...filterRows(
    rois,
    predictedClasses(rois, 0),
    status,
    { ...NO_FILTERS, ...change },
    [...classes, 'background'],
    (row) => (row === 1 ? 'hard' : 'undecided'),
  ),
];

describe('filterRows', () => {
  it('takes what was decided so', () => {
    expect(passing({ verdict: 'hard' })).toEqual([0, 1, 0, 0, 0]);
    expect(passing({ verdict: 'undecided' })).toEqual([1, 0, 1, 1, 1]);
  });

  it('lets everything through at first', () => {
    expect(passing({})).toEqual([1, 1, 1, 1, 1]);
    expect(isFiltered(NO_FILTERS)).toBe(false);
  });

  it('tells foreground from background; ignored is neither', () => {
    expect(passing({ ground: 'foreground' })).toEqual([1, 1, 1, 0, 0]);
    expect(passing({ ground: 'background' })).toEqual([0, 0, 0, 1, 0]);
  });

  it('finds a part of the name of the label or the prediction, in any case', () => {
    expect(passing({ text: 'DOG' })).toEqual([1, 1, 1, 0, 1]);
    expect(passing({ text: ' hot d' })).toEqual([0, 0, 1, 0, 1]);
    expect(passing({ text: 'backg' })).toEqual([0, 0, 0, 1, 0]);
    expect(passing({ text: 'zebra' })).toEqual([0, 0, 0, 0, 0]);
  });

  it('narrows by prediction and to mistakes; without a label nothing is a mistake', () => {
    expect(passing({ prediction: 1 })).toEqual([1, 1, 0, 0, 0]);
    expect(passing({ wrong: true })).toEqual([1, 0, 1, 1, 0]);
    expect(passing({ prediction: 0, wrong: true, label: 2 })).toEqual([0, 0, 1, 0, 0]);
    expect(isFiltered({ ...NO_FILTERS, wrong: true }) && isFiltered({ ...NO_FILTERS, prediction: 0 })).toBe(true);
  });

  it('narrows by label and by status', () => {
    expect(passing({ label: 3 })).toEqual([0, 0, 0, 1, 0]);
    expect(passing({ status: 'nms-suppressed' })).toEqual([0, 1, 0, 0, 0]);
    expect(passing({ status: 'selected', ground: 'background' })).toEqual([0, 0, 0, 1, 0]);
  });
});

describe('rowsOnLayers', () => {
  it('shows rows of layers that are on and that the filters let through', () => {
    expect([...rowsOnLayers(new Uint8Array(5).fill(1), status, FIRST_LAYERS)]).toEqual([1, 0, 0, 1, 0]);
    expect([
      ...rowsOnLayers(Uint8Array.of(0, 1, 1, 1, 1), status, { ...FIRST_LAYERS, 'nms-suppressed': true, ignored: true }),
    ]).toEqual([0, 1, 0, 1, 1]);
  });

  it('has a switch for each status, and one for the ground truth', () => {
    expect(LAYER_IDS.length).toBe(6);
  });
});
