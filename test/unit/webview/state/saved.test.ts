import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { NONE } from '../../../../src/core/tables.js';
import { FIRST_LAYERS, NO_FILTERS } from '../../../../webview/rows/filters.js';
import { createModel } from '../../../../webview/state/create-model.js';
import { readSaved, type SavedState } from '../../../../webview/state/saved.js';

const choices = {
  layers: { ...FIRST_LAYERS, 'below-budget': true },
  filters: {
    ground: 'foreground',
    status: 'ignored',
    label: 2,
    prediction: 1,
    wrong: true,
    verdict: 'hard',
    text: 'dog',
  },
  drawAll: true,
  colourBy: 'ghm',
  exampleSort: 'margin',
  compared: resolveConfig('ssd', { negPosRatio: 2 }),
  compareView: 'side',
  sideOpen: true,
  folded: ['What is selected'],
};
const state: SavedState = {
  version: 2,
  run: '2026-01-01T00:00:00.000Z',
  imageIndex: 3,
  mining: resolveConfig('tf-od', { numHardExamples: 17 }),
  zoomed: { scale: 2, x: -5, y: 7.5 },
  focused: 12,
  choices,
};
/** As 0.1.0 left it. */
const older = { ...state, ...choices, version: 1, choices: undefined };

describe('readSaved', () => {
  it('reads back what was saved, through JSON as VS Code stores it', () => {
    expect(readSaved(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('takes nothing from another version or shape', () => {
    for (const other of [undefined, null, 7, [], {}, older, { ...state, run: 7 }, { ...state, imageIndex: -1 }])
      expect(readSaved(other)).toBeNull();
  });

  it('falls back part by part', () => {
    const broken = {
      ...state,
      mining: { ...state.mining, batchSize: -1 },
      zoomed: { scale: 0, x: 0, y: 0 },
      focused: 'a',
      choices: 7,
    };
    const read = readSaved(broken);
    expect(read?.mining.preset).toBe('paper');
    expect(read).toMatchObject({ zoomed: null, focused: NONE, choices: {} });
  });
});

describe('the choices of a panel that comes back', () => {
  it('are those that were saved', () => {
    const model = createModel(readSaved(state)?.choices);
    expect(model.layers.value).toEqual(choices.layers);
    expect(model.filters.value).toEqual(choices.filters);
    expect([model.colourBy.value, model.exampleSort.value, model.compareView.value]).toEqual(['ghm', 'margin', 'side']);
    expect([model.drawAll.value, model.sideOpen.value]).toEqual([true, true]);
    expect(model.compared.value).toEqual(choices.compared);
  });

  it('fall back one by one, filters field by field', () => {
    const { layers, filters, compared, colourBy, drawAll } = createModel({
      layers: { selected: 'yes' },
      filters: { ground: 'sky', label: 1.5, text: 'cat' },
      compared: { preset: 'paper', batchSize: 1e99 },
      colourBy: 'toString',
      drawAll: true,
    });
    expect(layers.value).toEqual(FIRST_LAYERS);
    expect(filters.value).toEqual({ ...NO_FILTERS, text: 'cat' });
    expect([compared.value, colourBy.value, drawAll.value]).toEqual([null, 'rank', true]);
  });

  it('never break the panel, whatever was there', () => {
    const names = Object.keys(choices);
    const hostile = fc.dictionary(fc.oneof(fc.constantFrom(...names, '__proto__'), fc.string()), fc.anything());
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ ...anyField(), choices: hostile })), (value) => {
        const model = createModel(readSaved(value)?.choices);
        expect(Object.keys(model.layers.value)).toEqual(Object.keys(FIRST_LAYERS));
        expect(model.choices.save()).toBeTypeOf('object');
      }),
    );
  });
});

/** The frame that a saved state must have, round anything. */
function anyField() {
  const anything = fc.anything();
  return {
    version: fc.constant(2),
    run: fc.constant('r'),
    imageIndex: fc.nat(),
    mining: anything,
    zoomed: anything,
    focused: anything,
  };
}
