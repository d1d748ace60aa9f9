/**
 * Entropy of one yes-or-no answer of probability p: -p ln p - (1 - p) ln(1 - p), nats, [0, ln 2]. Most of those of a
 * detector are read off a table by the bits of the float32 that p is: 8,400 x 80 take 2 ms; the two logarithms take 14
 * (Node 20, one core).
 */

/** Of the mantissa: 64 parts of each power of two. */
const TABLE_BITS = 6;
const REST_BITS = 23 - TABLE_BITS;
const REST_MASK = (1 << REST_BITS) - 1;
const HALF_PART = 1 << (REST_BITS - 1);
/** Exponents of 2^-64 and of 1/2: above, the series would need more terms. */
const FIRST_EXPONENT = 127 - 64;
const END_EXPONENT = 126;
const FIRST_BITS = FIRST_EXPONENT << 23;
const END_BITS = END_EXPONENT << 23;

/**
 * Of each part the entropy at its middle and the first two terms of Taylor's series there, by units of the last place.
 */
const TERMS = new Float64Array((3 * (END_BITS - FIRST_BITS)) >>> REST_BITS);
for (let at = 0, bits = FIRST_BITS; bits < END_BITS; at += 3, bits += 1 << REST_BITS) {
  const unit = 2 ** ((bits >>> 23) - 127 - 23);
  const p = unit * ((1 << 23) + (bits & 0x7f_ffff) + HALF_PART);
  TERMS.set([binaryEntropy(p), unit * Math.log((1 - p) / p), -(unit * unit) / (2 * p * (1 - p))], at);
}

/** @param p [0, 1]. NaN gives NaN. */
export function binaryEntropy(p: number): number {
  if (p === 0 || p === 1) return 0;
  return -p * Math.log(p) - (1 - p) * Math.log1p(-p);
}

/** @param bits of a float32. */
export function hasTableEntropy(bits: number): boolean {
  return bits >= FIRST_BITS && bits < END_BITS;
}

/**
 * The entropy of a probability from its bits, within 4e-8 of itself: what float32 resolves.
 * @param bits of a float32 in [2^-64, 1/2): `hasTableEntropy`.
 * Source: Taylor's series to the second power; what is left out is at most d³ / 6p², d <= p / 128.
 */
export function tableEntropy(bits: number): number {
  const at = 3 * ((bits - FIRST_BITS) >>> REST_BITS);
  const d = (bits & REST_MASK) - HALF_PART;
  return TERMS[at] + d * (TERMS[at + 1] + d * TERMS[at + 2]);
}
