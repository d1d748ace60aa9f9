import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeNames } from '../../../../webview/geometry/place-names.js';

const stage = { width: 400, height: 300 };
const box = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2 });

describe('placeNames', () => {
  it('stands above the corner, inside where the stage ends', () => {
    const boxes = [box(380, 5, 450, 90), box(50, 100, 150, 200)];
    expect(placeNames(boxes, [40, 30], 16, stage)).toEqual([
      { index: 1, x: 50, y: 84 },
      { index: 0, x: 360, y: 5 },
    ]);
  });

  it('leaves out the name of the smaller box where two would meet, tiny boxes and those out of sight', () => {
    const boxes = [box(50, 100, 90, 140), box(45, 98, 200, 220), box(10, 10, 15, 15), box(-90, 0, -10, 50)];
    expect(placeNames(boxes, [30, 30, 30, 30], 16, stage).map(({ index }) => index)).toEqual([1]);
    expect(placeNames([box(NaN, 0, 9, 90)], [30], 16, stage)).toEqual([]);
    expect(placeNames([], [], 16, stage)).toEqual([]);
  });

  it('never lets two names overlap', () => {
    const side = fc.integer({ min: -50, max: 400 });
    const rect = fc.tuple(side, side, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }));
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 40 }), (rects) => {
        const boxes = rects.map(([x, y, width, height]) => box(x, y, x + width, y + height));
        const placed = placeNames(
          boxes,
          boxes.map(() => 45),
          16,
          stage,
        );
        for (const [i, a] of placed.entries())
          for (const b of placed.slice(i + 1))
            expect(Math.abs(a.x - b.x) >= 45 || Math.abs(a.y - b.y) >= 16).toBe(true);
      }),
    );
  });
});
