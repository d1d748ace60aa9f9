import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryEntropy, hasTableEntropy, tableEntropy } from '../../../../src/core/losses/binary-entropy.js';
import { float32Bits } from '../../../../src/core/losses/float32-bits.js';

const bitsOf = (x: number) => float32Bits(Float32Array.of(x))[0];
/** The float32 before another one. */
const before = (x: number) => new Float32Array(Uint32Array.of(bitsOf(x) - 1).buffer)[0];

describe('tableEntropy', () => {
  it('is the entropy to what float32 resolves', () => {
    fc.assert(
      fc.property(fc.float({ min: 2 ** -64, max: 0.5, maxExcluded: true, noNaN: true }), (p) => {
        expect(hasTableEntropy(bitsOf(p))).toBe(true);
        const entropy = binaryEntropy(p);
        expect(Math.abs(tableEntropy(bitsOf(p)) - entropy)).toBeLessThanOrEqual(4e-8 * entropy);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends where the table does', () => {
    expect([0, -0, -0.1, before(2 ** -64), 0.5, 1, 2, Number.NaN].map((p) => hasTableEntropy(bitsOf(p)))).not.toContain(
      true,
    );
    expect([2 ** -64, before(0.5)].map((p) => hasTableEntropy(bitsOf(p)))).toEqual([true, true]);
  });
});
