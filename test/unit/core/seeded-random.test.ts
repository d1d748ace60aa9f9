import { describe, expect, it } from 'vitest';
import { sampleWithoutReplacement, seededRandom } from '../../../src/core/seeded-random.js';

describe('seededRandom', () => {
  it('repeats its numbers for a seed, and differs for the next seed from the first number on', () => {
    const numbers = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(numbers(7)).toEqual(numbers(7));
    const firsts = new Set(Array.from({ length: 1000 }, (_, seed) => numbers(seed)[0]));
    expect(firsts.size).toBe(1000);
  });

  it('spreads evenly over [0, 1) and over [0, bound)', () => {
    const random = seededRandom(1);
    const bins = new Int32Array(10);
    const dice = new Int32Array(6);
    for (let i = 0; i < 60_000; i += 1) {
      bins[Math.floor(random.next() * 10)] += 1;
      dice[random.below(6)] += 1;
    }
    for (const count of bins) expect(Math.abs(count - 6000)).toBeLessThan(400);
    for (const count of dice) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('keeps its sequence from version to version', () => {
    const random = seededRandom(42);
    expect(Array.from({ length: 4 }, () => random.below(1_000_000))).toMatchInlineSnapshot(`
      [
        950541,
        184472,
        933167,
        535139,
      ]
    `);
  });
});

describe('sampleWithoutReplacement', () => {
  it('takes each item at most once and leaves the items alone', () => {
    const items = Int32Array.of(5, 6, 7, 8, 9);
    const sample = sampleWithoutReplacement(items, 5, seededRandom(3));
    expect([...sample].sort()).toEqual([5, 6, 7, 8, 9]);
    expect([...items]).toEqual([5, 6, 7, 8, 9]);
  });

  it('clips the count', () => {
    expect(sampleWithoutReplacement(Int32Array.of(1, 2), 9, seededRandom(3)).length).toBe(2);
    expect(sampleWithoutReplacement(Int32Array.of(1, 2), -1, seededRandom(3)).length).toBe(0);
    expect(sampleWithoutReplacement(Int32Array.of(), 3, seededRandom(3)).length).toBe(0);
  });
});
