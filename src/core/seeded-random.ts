/**
 * Random numbers that a seed reproduces on every platform.
 *
 * Source: sfc32 of PractRand (public domain), 128 bits of state, integer arithmetic only.
 */
export interface SeededRandom {
  /** A real in [0, 1), 32 bits fine. */
  next(): number;
  /** An integer in [0, bound); bound in [1, 2^32]. */
  below(bound: number): number;
}

/** @param seed an integer; its low 32 bits count. */
export function seededRandom(seed: number): SeededRandom {
  const state = Int32Array.of(seed, seed ^ 0x9e3779b9, 0x243f6a88, 1);
  const next = () => step(state) / 0x1_0000_0000;
  // The state starts nearly equal for neighbouring seeds: 16 steps spread the difference over all of it.
  for (let i = 0; i < 16; i += 1) step(state);
  return { next, below: (bound) => Math.floor(next() * bound) };
}

/** One step of sfc32 on its four words (the last is the counter). */
function step(state: Int32Array): number {
  const sum = (state[0] + state[1] + state[3]) | 0;
  state[3] += 1;
  state[0] = state[1] ^ (state[1] >>> 9);
  state[1] = state[2] + (state[2] << 3);
  state[2] = ((state[2] << 21) | (state[2] >>> 11)) + sum;
  return sum >>> 0;
}

/**
 * `count` of `items`, each with the same chance, without replacement, in random order.
 * @param count clipped to [0, items.length].
 */
export function sampleWithoutReplacement(items: Int32Array, count: number, random: SeededRandom): Int32Array {
  const pool = items.slice();
  const drawn = Math.max(0, Math.min(count, pool.length));
  for (let i = 0; i < drawn; i += 1) {
    const j = i + random.below(pool.length - i);
    const item = pool[j];
    pool[j] = pool[i];
    pool[i] = item;
  }
  return pool.subarray(0, drawn);
}
