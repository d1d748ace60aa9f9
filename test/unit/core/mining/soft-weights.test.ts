import { describe, expect, it } from 'vitest';
import { focalWeight, ghmWeights } from '../../../../src/core/mining/soft-weights.js';

describe('focalWeight', () => {
  it('damps easy RoIs by (1 - p)², foreground by .25 and background by .75', () => {
    const weights = focalWeight([0.9, 0.9, 0.5, 0, 1], [1, 0, 1, 0, 1]);
    [0.25 * 0.01, 0.75 * 0.01, 0.25 * 0.25, 0.75, 0].forEach((expected, i) =>
      expect(weights[i]).toBeCloseTo(expected, 15),
    );
  });

  it('is alpha alone at gamma 0', () => {
    expect([...focalWeight([0.1, 0.7], [1, 0], 0.5, 0)]).toEqual([0.5, 0.5]);
  });

  it('gives nothing for nothing', () => {
    expect(focalWeight([], []).length).toBe(0);
  });
});

describe('ghmWeights', () => {
  it('gives each occupied bin the same sum: R / bins', () => {
    // Bins of .1: three in the first, one in the fourth, two in the last (1 belongs to it).
    const weights = ghmWeights([0.01, 0.05, 0.0999, 0.35, 0.95, 1]);
    [0.2, 0.2, 0.2, 0.6, 0.3, 0.3].forEach((expected, i) => expect(weights[i]).toBeCloseTo(expected, 15));
  });

  it('weighs all alike where they are spread evenly', () => {
    const norms = Array.from({ length: 50 }, (_, i) => (i + 0.5) / 50);
    expect([...ghmWeights(norms, 10)]).toEqual(new Array(50).fill(1));
  });

  it('leaves out what is no gradient norm', () => {
    expect([...ghmWeights([NaN, -0.1, 1.1, Infinity, 0.5], 2)]).toEqual([0, 0, 0, 0, 0.5]);
    expect(ghmWeights([]).length).toBe(0);
  });
});
