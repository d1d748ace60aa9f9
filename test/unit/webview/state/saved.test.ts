import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { NONE } from '../../../../src/core/tables.js';
import { FIRST_LAYERS, NO_FILTERS } from '../../../../webview/rows/filters.js';
import { readSaved, type SavedState } from '../../../../webview/state/saved.js';

const state: SavedState = {
  version: 1,
  run: '2026-01-01T00:00:00.000Z',
  imageIndex: 3,
  mining: resolveConfig('tf-od', { numHardExamples: 17 }),
  layers: { ...FIRST_LAYERS, 'below-budget': true },
  filters: { ground: 'foreground', status: 'ignored', label: 2, prediction: 1, wrong: true, text: 'dog' },
  zoomed: { scale: 2, x: -5, y: 7.5 },
  focused: 12,
  drawAll: true,
  colourBy: 'ghm',
  exampleSort: 'margin',
  compared: resolveConfig('ssd', { negPosRatio: 2 }),
  compareView: 'side',
  sideOpen: true,
  folded: ['What is selected'],
};

describe('readSaved', () => {
  it('reads back what was saved, through JSON as VS Code stores it', () => {
    expect(readSaved(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('takes nothing from another version or shape', () => {
    for (const other of [
      undefined,
      null,
      7,
      [],
      {},
      { ...state, version: 2 },
      { ...state, run: 7 },
      { ...state, imageIndex: -1 },
    ])
      expect(readSaved(other)).toBeNull();
  });

  it('falls back part by part', () => {
    const broken = {
      ...state,
      mining: { ...state.mining, batchSize: -1 },
      layers: { selected: 'yes' },
      filters: { ground: 'sky', label: 1.5 },
      zoomed: { scale: 0, x: 0, y: 0 },
      focused: 'a',
      folded: [1, 'x'],
    };
    const read = readSaved(broken);
    expect(read?.mining.preset).toBe('paper');
    expect(read?.layers).toEqual(FIRST_LAYERS);
    expect(read?.filters).toEqual(NO_FILTERS);
    expect(read?.zoomed).toBeNull();
    expect(read?.focused).toBe(NONE);
    expect(read?.folded).toEqual(['x']);
  });

  it('never throws, whatever was there', () => {
    fc.assert(
      fc.property(
        fc.record({
          version: fc.constant(1),
          run: fc.constant('r'),
          imageIndex: fc.nat(),
          mining: fc.anything(),
          layers: fc.anything(),
          filters: fc.anything(),
          zoomed: fc.anything(),
        }),
        (value) => void readSaved(value),
      ),
    );
  });
});
