import { describe, expect, it } from 'vitest';
import { CHANGE_IDS, changesBetween, highLossOf } from '../../../../src/core/reports/checkpoint-changes.js';

type Look = readonly [learned: 0 | 1, loss: number, margin?: number];
const look = (...examples: Look[]) => ({
  learned: Uint8Array.from(examples, ([learned]) => learned),
  loss: Float64Array.from(examples, ([, loss]) => loss),
  margin: Float64Array.from(examples, ([learned, , margin = learned === 1 ? 1 : -1]) => margin),
});
const change = (a: Look, b: Look) => CHANGE_IDS[changesBetween(look(a), look(b), 2)[0]];

describe('what became of an example', () => {
  it('is told by whether it is known, whatever the losses', () => {
    expect(change([1, 9], [0, 0.1])).toBe('broken');
    expect(change([0, 0.1], [1, 9])).toBe('fixed');
    expect(change([0, 0.1], [0, 0.1])).toBe('still-hard');
  });

  it('is told by the losses where it is known at both; the threshold itself is low', () => {
    expect(change([1, 2], [1, 2.5])).toBe('newly-hard');
    expect(change([1, 2.5], [1, 2.5])).toBe('still-hard');
    expect(change([1, 2.5], [1, 2])).toBe('still-known');
    expect(change([1, NaN], [1, 3])).toBe('newly-hard');
  });

  it('is told by the losses alone where scores are unknown; what no RoI met is not known', () => {
    expect(change([0, 3, NaN], [0, 1, NaN])).toBe('fixed');
    expect(change([1, 1], [0, NaN, NaN])).toBe('broken');
    expect(change([0, NaN, NaN], [0, NaN, NaN])).toBe('still-hard');
  });

  it('is nothing without examples', () => {
    expect(changesBetween(look(), look(), 1)).toHaveLength(0);
  });
});

describe('a high loss', () => {
  const highOf = (...examples: Look[]) => highLossOf(look(...examples));
  it('is one that nine tenths of what is known do not exceed', () => {
    const known = [5, 1, NaN, 2, 3, 4, 9, 8, 7, 6, 10, Infinity].map((loss): Look => [1, loss]);
    expect(highOf(...known, [0, 50], [0, 60])).toBe(9);
    expect(highOf([1, 1])).toBe(1);
    expect(highOf([1, 0], [1, 0])).toBe(0);
    expect(highOf([0, 5])).toBe(0);
  });

  it('is of all losses where no scores are known', () => {
    expect(highOf([0, 3, NaN])).toBe(3);
  });
});
