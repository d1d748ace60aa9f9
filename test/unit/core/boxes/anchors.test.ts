import { expect, test } from 'vitest';
import { anchorsPerCell, generateAnchors } from '../../../../src/core/boxes/anchors.js';

const OPTIONS = { stride: 8, sizes: [16, 32], ratios: [0.5, 1, 2] };

test('an anchor lies around the centre of its cell, with its area and its ratio', () => {
  const anchors = generateAnchors(3, 4, OPTIONS);
  expect(anchorsPerCell(OPTIONS)).toBe(6);
  expect(anchors.x1).toHaveLength(3 * 4 * 6);
  for (let row = 0; row < anchors.x1.length; row++) {
    const cell = Math.floor(row / 6);
    const width = anchors.x2[row] - anchors.x1[row];
    const height = anchors.y2[row] - anchors.y1[row];
    expect((anchors.x1[row] + anchors.x2[row]) / 2).toBeCloseTo(((cell % 4) + 0.5) * 8, 4);
    expect((anchors.y1[row] + anchors.y2[row]) / 2).toBeCloseTo((Math.floor(cell / 4) + 0.5) * 8, 4);
    expect(Math.sqrt(width * height)).toBeCloseTo(OPTIONS.sizes[Math.floor((row % 6) / 3)], 3);
    expect(height / width).toBeCloseTo(OPTIONS.ratios[row % 3], 4);
  }
});

test('the first anchor by hand', () => {
  const { x1, y1, x2, y2 } = generateAnchors(1, 1, { stride: 8, sizes: [20], ratios: [4] });
  expect([x1[0], y1[0], x2[0], y2[0]]).toEqual([-1, -16, 9, 24]);
});

test('a map without cells has no anchors', () => {
  expect(generateAnchors(0, 5, OPTIONS).x1).toHaveLength(0);
});
