/** Damage to bytes, drawn from a seed. */
import type { seededRandom } from '../../src/core/seeded-random.js';

type Random = ReturnType<typeof seededRandom>;

const PAGE_BYTES = 4096;

export interface Damage {
  readonly name: string;
  /** A changed copy of a file's bytes, and where. */
  readonly make: (bytes: Buffer, random: Random) => { readonly bytes: Buffer; readonly where: string };
}

export const FLIP: Damage = {
  name: 'a changed bit',
  make(whole, random) {
    const bytes = Buffer.from(whole);
    const [at, bit] = [random.below(bytes.length), random.below(8)];
    bytes[at] ^= 1 << bit;
    return { bytes, where: `byte ${at} bit ${bit}` };
  },
};

export const CUT: Damage = {
  name: 'cut short',
  make(whole, random) {
    const size = random.below(whole.length);
    return { bytes: whole.subarray(0, size), where: `after ${size} bytes` };
  },
};

export const PAGE: Damage = {
  name: 'a zeroed page of 4 KiB',
  make(whole, random) {
    const at = PAGE_BYTES * random.below(Math.ceil(whole.length / PAGE_BYTES));
    return { bytes: Buffer.from(whole).fill(0, at, Math.min(whole.length, at + PAGE_BYTES)), where: `at ${at}` };
  },
};
