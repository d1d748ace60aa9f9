import { describe, expect, it } from 'vitest';
import { SCATTER_BINS } from '../../../../src/protocol/checkpoint-messages.js';
import { stepOf } from '../../../../src/run/query/checkpoint-table.js';
import {
  areaOf,
  cellAt,
  scatterLayout,
  shareOf,
  stepLosses,
  stepStart,
  tickLosses,
} from '../../../../webview/checkpoints/scatter-layout.js';

const layout = scatterLayout(360);

describe('the scatter', () => {
  it('finds the cell whose middle is pointed at, that of "no RoI" too, and the nearest beyond the ends', () => {
    for (const step of [0, 7, SCATTER_BINS - 1, SCATTER_BINS]) {
      const along = stepStart(step, layout) + layout.step / 2;
      expect(cellAt(layout.left + along, layout.bottom - along, layout)).toEqual({ a: step, b: step });
    }
    expect(cellAt(-99, 9999, layout)).toEqual({ a: 0, b: 0 });
    expect(cellAt(9999, -99, layout)).toEqual({ a: SCATTER_BINS, b: SCATTER_BINS });
  });

  it('has the steps of the engine process: a loss lies between those at which its step begins and ends', () => {
    for (const loss of [0, 0.01, 0.5, 3, 12]) {
      const [from, to] = stepLosses(stepOf(loss, 12.5), 12.5);
      expect(loss).toBeGreaterThanOrEqual(from - 1e-9);
      expect(loss).toBeLessThanOrEqual(to + 1e-9);
    }
    expect([shareOf(0, 9), shareOf(9, 9), shareOf(99, 9), shareOf(1, 0)]).toEqual([0, 1, 1, 0]);
  });

  it('chooses what lies between two cells, whichever comes first', () => {
    expect(areaOf({ a: 9, b: 2 }, { a: 4, b: 6 })).toEqual({ a: { first: 4, last: 9 }, b: { first: 2, last: 6 } });
  });

  it('writes round losses, not crowded, none without losses but 0', () => {
    expect(tickLosses(12)).toEqual([0, 1, 3, 10]);
    expect(tickLosses(0)).toEqual([0]);
  });

  it('does no harm without room', () => {
    expect(cellAt(5, 5, scatterLayout(0)).a).toBe(0);
  });
});
