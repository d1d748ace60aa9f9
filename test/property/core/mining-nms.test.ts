import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxIou } from '../../../src/core/boxes/iou.js';
import { suppressByLoss } from '../../../src/core/mining/mining-nms.js';
import { rankRows } from '../../../src/core/rank.js';
import type { Boxes } from '../../../src/core/tables.js';

/** The definition, read aloud: every row against every kept row, hardest first. */
function suppressSlowly(boxes: Boxes, rows: Int32Array, threshold: number, offset: number, limit: number) {
  const kept: number[] = [];
  const suppressedBy = new Int32Array(boxes.x1.length).fill(-1);
  for (const row of rows) {
    if (kept.length >= limit) break;
    const suppressor = kept.find((k) => iou(boxes, k, row, offset) > threshold);
    if (suppressor === undefined) kept.push(row);
    else suppressedBy[row] = suppressor;
  }
  return { kept, suppressedBy };
}
const iou = (b: Boxes, i: number, j: number, o: number) =>
  boxIou(b.x1[i], b.y1[i], b.x2[i] + o, b.y2[i] + o, b.x1[j], b.y1[j], b.x2[j] + o, b.y2[j] + o);

type Corner = readonly [x: number, y: number, w: number, h: number];
const corner = (position: fc.Arbitrary<number>, size: fc.Arbitrary<number>): fc.Arbitrary<Corner> =>
  fc.tuple(position, position, size, size);
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Photographs, integer grids with many exact ties, and shapes that no detector makes. */
const scenes = [
  corner(real(0, 640), real(1, 300)),
  corner(real(100, 130), real(20, 60)),
  corner(fc.integer({ min: 0, max: 12 }), fc.integer({ min: -1, max: 8 })),
  corner(fc.constantFrom(0, 0.1, 1e9, -1e9, 3), fc.constantFrom(1e-9, 1e-3, 1, 2, 4, 1e4, 1e12)),
  corner(
    fc.constantFrom(0, 1, 1e200, NaN, Infinity, -Infinity),
    fc.constantFrom(0, 1, 2, 1e200, 1e-200, NaN, Infinity),
  ),
];
const columns = (corners: readonly Corner[]): Boxes => ({
  x1: Float64Array.from(corners, ([x]) => x),
  y1: Float64Array.from(corners, ([, y]) => y),
  x2: Float64Array.from(corners, ([x, , w]) => x + w),
  y2: Float64Array.from(corners, ([, y, , h]) => y + h),
});

describe('suppressByLoss', () => {
  const threshold = fc.oneof(fc.constantFrom(0, 0.5, 0.7, 0.999999, 1), real(0, 1));
  const compare = (corners: readonly Corner[], t: number, offset: 0 | 1, limit: number) => {
    const boxes = columns(corners);
    const rows = Int32Array.from(corners.keys());
    const suppressedBy = new Int32Array(corners.length).fill(-1);
    const kept = suppressByLoss(boxes, rows, { threshold: t, pixelOffset: offset, limit }, suppressedBy);
    const slow = suppressSlowly(boxes, rows, t, offset, limit);
    expect([...kept]).toEqual(slow.kept);
    expect([...suppressedBy]).toEqual([...slow.suppressedBy]);
  };

  it.each(scenes.map((scene, i) => [i, scene] as const))('equals the definition on the grid, scene %i', (_, scene) => {
    const boxes = fc.array(scene, { minLength: 129, maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(boxes, threshold, fc.constantFrom(0, 1), (corners, t, offset) =>
        compare(corners, t, offset, Infinity),
      ),
      { numRuns: 60 },
    );
  });

  it.each(scenes.map((scene, i) => [i, scene] as const))(
    'equals the definition with few kept, scene %i',
    (_, scene) => {
      const boxes = fc.array(scene, { maxLength: 200 });
      const limit = fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 200 }));
      fc.assert(
        fc.property(boxes, threshold, fc.constantFrom(0, 1), limit, (corners, t, offset, l) =>
          compare(corners, t, offset, l),
        ),
        { numRuns: 60 },
      );
    },
  );

  it('equals the definition in loss order with many ties, where more is kept than there was room for', () => {
    const row = fc.record({ box: corner(real(0, 2000), real(1, 60)), loss: fc.integer({ min: 0, max: 40 }) });
    const table = fc.array(row, { minLength: 1200, maxLength: 1600, size: 'max' });
    fc.assert(
      fc.property(table, real(0.3, 0.9), (drawn, t) => {
        const order = rankRows(
          Float64Array.from(drawn, ({ loss }) => loss),
          Int32Array.from(drawn.keys()),
        );
        compare(
          Array.from(order, (i) => drawn[i].box),
          t,
          0,
          Infinity,
        );
      }),
      { numRuns: 8 },
    );
  });

  it('finds what lies at the very edge of reach', () => {
    // A box at the far end of one that it just overlaps enough: the widest offset that the threshold allows.
    const pair = fc.record({
      x: real(-500, 500),
      y: real(-500, 500),
      share: fc.oneof(fc.constant(1 + 1e-6), real(1, 1.5)),
      along: fc.constantFrom('x', 'y'),
      end: fc.constantFrom(0, 1),
    });
    const harder = fc.constantFrom('small', 'large');
    // One size, so that a class has many rows and its cells are used; just below a power of two the level's end is met.
    const sizes = fc.oneof(
      fc.integer({ min: -3, max: 8 }).map((e) => 2 ** e * (1 - 1e-9)),
      real(1, 300),
    );
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 100, maxLength: 150, size: 'max' }),
        sizes,
        real(0.05, 0.95),
        harder,
        (pairs, size, t, first) => {
          const large = pairs.map(({ x, y }): Corner => [x, y, size, size]);
          const small = pairs.map(({ x, y, share, along, end }): Corner => {
            const part = Math.min(size, size * t * share);
            const offset = end * (size - part);
            return along === 'x' ? [x + offset, y, part, size] : [x, y + offset, size, part];
          });
          compare(first === 'small' ? [...small, ...large] : [...large, ...small], t, 0, Infinity);
        },
      ),
      { numRuns: 100 },
    );
  });
});
