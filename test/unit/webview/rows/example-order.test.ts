import { describe, expect, it } from 'vitest';
import { orderByMeasure } from '../../../../webview/rows/example-order.js';

const measures = {
  entropy: Float32Array.of(1, 3, NaN, 3, 2),
  margin: Float64Array.of(0.5, -0.5, 0.5, NaN, -1),
  el2n: Float32Array.of(0, 0.1, 1.4, 0.2, 0.2),
};

describe('orderByMeasure', () => {
  it('puts the hardest first: undecided, most wrong, farthest from the label; unknown last, equal ones by row', () => {
    expect([...orderByMeasure(measures, 'entropy')]).toEqual([1, 3, 4, 0, 2]);
    expect([...orderByMeasure(measures, 'margin')]).toEqual([4, 1, 0, 2, 3]);
    expect([...orderByMeasure(measures, 'el2n')]).toEqual([2, 3, 4, 1, 0]);
  });

  it('takes no rows', () => {
    expect(orderByMeasure({ entropy: [], margin: [], el2n: [] }, 'margin')).toHaveLength(0);
  });
});
