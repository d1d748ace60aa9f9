import { describe, expect, it } from 'vitest';
import { placeTag } from '../../../../webview/canvas/tag.js';

const stage = { width: 400, height: 300 };

describe('placeTag', () => {
  it('stands above its box', () => {
    const { x, y } = placeTag({ rect: { x1: 50, y1: 100, x2: 90, y2: 140 }, stage, side: 'above' }, 80);
    expect(x).toBe(50);
    expect(y).toBeLessThan(100);
  });

  it('goes below where there is no room above, and inside where there is none at all', () => {
    expect(placeTag({ rect: { x1: 50, y1: 5, x2: 90, y2: 140 }, stage, side: 'above' }, 80).y).toBeGreaterThan(140);
    const inside = placeTag({ rect: { x1: 50, y1: -20, x2: 90, y2: 400 }, stage, side: 'above' }, 80);
    expect(inside.y).toBeGreaterThanOrEqual(0);
    expect(inside.y).toBeLessThan(280);
  });

  it('never leaves the stage sideways', () => {
    expect(placeTag({ rect: { x1: 390, y1: 100, x2: 399, y2: 140 }, stage, side: 'above' }, 80).x).toBeLessThanOrEqual(
      320,
    );
    expect(
      placeTag({ rect: { x1: -90, y1: 100, x2: 10, y2: 140 }, stage, side: 'below' }, 80).x,
    ).toBeGreaterThanOrEqual(0);
  });
});
