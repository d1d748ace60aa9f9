import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHalfFloats, toHalfFloats } from '../../../src/core/half-float.js';

/** The value of 16 bits by the definition of binary16. */
function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

test.each([
  [0, 0],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [Infinity, 0x7c00],
  [NaN, 0x7e00],
  [2 ** -24, 1],
  [2 ** -25, 0],
  [3 * 2 ** -25, 2],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
])('%f', (value, bits) => {
  expect(toHalfFloats(Float32Array.of(value))[0]).toBe(bits);
});

test('property: no other half is nearer', () => {
  fc.assert(
    fc.property(fc.float({ min: -65000, max: 65000, noNaN: true }), (value) => {
      const [half] = toHalfFloats(Float32Array.of(value));
      const distance = Math.abs(valueOf(half) - value);
      for (const other of [half - 1, half + 1])
        if (other >= 0 && other < 0x10000)
          expect(Math.abs(valueOf(other) - value) >= distance || Number.isNaN(valueOf(other))).toBe(true);
    }),
  );
});

test('every half has its value, and comes back as it was', () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, half) => half);
  const values = fromHalfFloats(halves);
  const differs = halves.filter((half) => !Object.is(values[half], Math.fround(valueOf(half))));
  expect([...differs]).toEqual([]);
  const back = toHalfFloats(values);
  expect(halves.filter((half) => !Number.isNaN(values[half]) && back[half] !== half)).toHaveLength(0);
});
