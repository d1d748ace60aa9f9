import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actualSize, fitViewport, panBy, revealBox, zoomAt, zoomToBox } from '../../../../webview/geometry/viewport.js';

const stage = { width: 900, height: 600 };
const image = { width: 640, height: 480 };
const side = fc.integer({ min: 1, max: 5000 });

describe('fitViewport', () => {
  it('shows the whole image in the middle', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { scale, x, y } = fitViewport({ width, height }, stage);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x * 2 + width * scale).toBeCloseTo(stage.width, 6);
        expect(y * 2 + height * scale).toBeCloseTo(stage.height, 6);
      }),
    );
  });

  it('survives a stage or an image without area', () => {
    for (const nothing of [
      { width: 0, height: 0 },
      { width: NaN, height: 10 },
    ]) {
      expect(fitViewport(nothing, stage).scale).toBe(1);
      expect(fitViewport(image, nothing).scale).toBe(1);
    }
  });
});

describe('zoomAt', () => {
  it('keeps the image point under the pointer while the image stays in view', () => {
    const before = fitViewport(image, stage);
    const after = zoomAt(before, 1.7, 400, 300, image, stage);
    expect((400 - after.x) / after.scale).toBeCloseTo((400 - before.x) / before.scale, 9);
    expect((300 - after.y) / after.scale).toBeCloseTo((300 - before.y) / before.scale, 9);
    expect(after.scale).toBeCloseTo(before.scale * 1.7, 9);
  });

  it('never loses the image, however far it goes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
            x: fc.integer({ min: -50, max: 950 }),
            y: fc.integer({ min: -50, max: 650 }),
          }),
          { maxLength: 20 },
        ),
        (turns) => {
          let viewport = fitViewport(image, stage);
          for (const { factor, x, y } of turns) viewport = zoomAt(viewport, factor, x, y, image, stage);
          expect(viewport.scale).toBeGreaterThan(0.1);
          expect(viewport.scale).toBeLessThanOrEqual(64);
          expectVisible(viewport);
        },
      ),
    );
  });
});

describe('panBy', () => {
  it('leaves a part of the image on the stage', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }), (dx, dy) => {
        expectVisible(panBy(fitViewport(image, stage), dx, dy, image, stage));
      }),
    );
  });
});

describe('actualSize', () => {
  it('is one to one around the middle of the stage', () => {
    const before = zoomAt(fitViewport(image, stage), 3, 450, 300, image, stage);
    const after = actualSize(before, image, stage);
    expect(after.scale).toBeCloseTo(1, 12);
    expect(450 - after.x).toBeCloseTo((450 - before.x) / before.scale, 9);
  });
});

describe('zoomToBox', () => {
  it('puts a tiny object in the middle with what stands around it', () => {
    const { scale, x, y } = zoomToBox({ x1: 300, y1: 200, x2: 306, y2: 204 }, image, stage);
    expect(303 * scale + x).toBeCloseTo(450, 6);
    expect(202 * scale + y).toBeCloseTo(300, 6);
    expect(stage.height / scale).toBeGreaterThanOrEqual(4 + 2 * 12 - 1e-9);
    expect(6 * scale).toBeGreaterThan(100);
  });

  it('takes a box without area', () => {
    expect(zoomToBox({ x1: 5, y1: 5, x2: 5, y2: 5 }, image, stage).scale).toBeGreaterThan(1);
  });
});

describe('revealBox', () => {
  const viewport = { scale: 4, x: -800, y: -400 };

  it('does not move for a box in view', () => {
    expect(revealBox(viewport, { x1: 210, y1: 110, x2: 220, y2: 120 }, image, stage)).toBe(viewport);
  });

  it('moves by no more than it needs', () => {
    const moved = revealBox(viewport, { x1: 190, y1: 110, x2: 210, y2: 120 }, image, stage);
    expect(190 * moved.scale + moved.x).toBeCloseTo(0, 9);
    expect(moved.y).toBe(viewport.y);
  });
});

function expectVisible({ scale, x, y }: { scale: number; x: number; y: number }): void {
  expect(x).toBeLessThan(stage.width);
  expect(y).toBeLessThan(stage.height);
  expect(x + image.width * scale).toBeGreaterThan(0);
  expect(y + image.height * scale).toBeGreaterThan(0);
}
