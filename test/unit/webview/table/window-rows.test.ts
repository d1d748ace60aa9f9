import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrollToRow, windowRows } from '../../../../webview/table/window-rows.js';

const ROW = 22;

describe('windowRows', () => {
  it('builds every row in sight and not many more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 1000 }), fc.nat(9000), (scrollTop, viewHeight, numRows) => {
        const { start, end } = windowRows(scrollTop, viewHeight, ROW, numRows);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(numRows);
        expect(end - start).toBeLessThanOrEqual(viewHeight / ROW + 20);
        for (let row = Math.ceil(scrollTop / ROW); row * ROW < scrollTop + viewHeight && row < numRows; row++) {
          expect(row >= start && row < end).toBe(true);
        }
      }),
    );
  });
});

describe('scrollToRow', () => {
  it('moves no further than the row needs', () => {
    expect(scrollToRow(5, 0, 220, ROW)).toBe(0);
    expect(scrollToRow(20, 0, 220, ROW)).toBe(21 * ROW - 220);
    expect(scrollToRow(3, 200, 220, ROW)).toBe(3 * ROW);
  });
});
