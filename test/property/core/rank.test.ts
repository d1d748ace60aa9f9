import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankRows } from '../../../src/core/rank.js';

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 1 + 2 ** -52, 1 - 2 ** -53, 1e308, -1e308),
);

describe('rankRows', () => {
  it('equals a stable comparison sort', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 600 }), (values) => {
        const loss = Float64Array.from(values);
        const rows = Int32Array.from(values.keys());
        const expected = [...rows].sort((a, b) => (loss[a] > loss[b] ? -1 : loss[a] < loss[b] ? 1 : a - b));
        expect([...rankRows(loss, rows)]).toEqual(expected);
      }),
    );
  });
});
