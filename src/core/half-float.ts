/** IEEE 754 half precision, in which exports keep weights and some take and give tensors; as its 16 bits. */

/**
 * The 16 bits of each value, rounded to nearest, ties to even; beyond 65504 to infinity.
 * Source: IEEE 754-2008, binary16.
 */
export function toHalfFloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, halfOf);
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted <= 0) {
    if (shifted < -10) return sign;
    // Subnormal: the hidden bit becomes explicit and moves right.
    return sign | roundedShift(mantissa | 0x800000, 14 - shifted);
  }
  // A carry out of the mantissa runs into the exponent, as it should.
  return sign | roundedShift((shifted << 23) | mantissa, 13);
}

function roundedShift(value: number, shift: number): number {
  const kept = Math.floor(value / 2 ** shift);
  const rest = value - kept * 2 ** shift;
  const half = 2 ** (shift - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}

/** The value of every half-precision number, 256 kB; made at the first use. */
let table: Float32Array | null = null;

/**
 * The values of half-precision numbers, exact; NaN stays NaN.
 * Cost: one look-up a value.
 */
export function fromHalfFloats(bits: Uint16Array): Float32Array {
  const values = (table ??= Float32Array.from({ length: 1 << 16 }, (_, half) => valueOf(half)));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = values[bits[i]];
  return out;
}

function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}
