/** The random numbers that a scene is made of: core's seeded generator with the words that scenes need. */
import { seededRandom, type SeededRandom } from '../../src/core/seeded-random.js';

export class SceneRandom {
  readonly #random: SeededRandom;

  /** @param seed any integer; its low 32 bits count. */
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** The next 32 bits, [0, 2^32). */
  bits(): number {
    return this.#random.below(0x1_0000_0000);
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.#random.next();
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Bell-shaped around 0 with standard deviation 1, within [-3.5, 3.5]: the sum of twelve uniforms. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.unit();
    return Math.max(-3.5, Math.min(3.5, sum));
  }

  /** One entry of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.unit() * list.length)];
  }

  /** One index of a list of non-negative weights that do not sum to 0. */
  weighted(weights: readonly number[]): number {
    let left = this.unit() * weights.reduce((sum, weight) => sum + weight, 0);
    for (let i = 0; i < weights.length; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }
}
