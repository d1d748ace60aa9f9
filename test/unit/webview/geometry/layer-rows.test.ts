import { describe, expect, it } from 'vitest';
import { Status } from '../../../../src/core/tables.js';
import { adaptiveLimit, splitRows } from '../../../../webview/geometry/layer-rows.js';

const stage = { width: 100, height: 100 };
const plain = { scale: 1, x: 0, y: 0 };

/** Ten boxes of 10 px along the diagonal. */
const corner = Float32Array.from({ length: 10 }, (_, i) => i * 10);
const boxes = { x1: corner, y1: corner, x2: corner.map((v) => v + 10), y2: corner.map((v) => v + 10) };
const order = Int32Array.from({ length: 10 }, (_, i) => 9 - i);
const status = Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 2, 2, 4);
const all = new Uint8Array(10).fill(1);

describe('splitRows', () => {
  it('draws everything while it is little, by status and hardest first', () => {
    const { drawn, numDrawn, rest } = splitRows(boxes, order, status, all, plain, stage, 100);
    expect(drawn[Status.selected]).toEqual([3, 2, 1, 0]);
    expect(drawn[Status.nmsSuppressed]).toEqual([6, 5, 4]);
    expect(drawn[Status.invalid]).toEqual([9]);
    expect(numDrawn).toBe(10);
    expect(rest).toEqual([]);
  });

  it('draws the hardest of each layer and leaves the rest to the density', () => {
    const { drawn, numDrawn, rest } = splitRows(boxes, order, status, all, plain, stage, 2);
    expect(drawn[Status.selected]).toEqual([3, 2]);
    expect(drawn[Status.nmsSuppressed]).toEqual([6, 5]);
    expect(numDrawn).toBe(7);
    expect(rest).toEqual([4, 1, 0]);
  });

  it('spends nothing on boxes beyond the stage, so zooming brings more out', () => {
    const zoomed = { scale: 4, x: 0, y: 0 };
    const { drawn, rest } = splitRows(boxes, order, status, all, zoomed, stage, 3);
    expect(drawn[Status.selected]).toEqual([2, 1, 0]);
    expect(rest).toEqual([]);
  });

  it('shows nothing that filters or layers hold back', () => {
    const { numDrawn, rest } = splitRows(boxes, order, status, new Uint8Array(10), plain, stage, 1);
    expect([numDrawn, rest.length]).toEqual([0, 0]);
  });
});

describe('adaptiveLimit', () => {
  it('grows with the stage between its bounds', () => {
    expect(adaptiveLimit({ width: 10, height: 10 })).toBe(60);
    expect(adaptiveLimit({ width: 900, height: 650 })).toBeGreaterThan(100);
    expect(adaptiveLimit({ width: 9000, height: 9000 })).toBe(400);
  });
});
