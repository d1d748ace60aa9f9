/** A canvas in CSS px, sharp on every screen. */
import type { Boxes } from '../../src/core/tables.js';
import type { Rect, Size, Viewport } from '../geometry/viewport.js';

/** Rectangles far beyond the stage are cut to this margin, CSS px: dashes cost by length. */
const OVERHANG = 24;

/** Sizes the canvas's pixels for the stage and clears it; null where the stage has no area. */
export function openSurface(canvas: HTMLCanvasElement, stage: Size): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio;
  const [width, height] = [Math.round(stage.width * ratio), Math.round(stage.height * ratio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null || width === 0 || height === 0) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, stage.width, stage.height);
  return context;
}

/** Takes rectangles: left, top, width, height. */
export interface RectSink {
  rect(x: number, y: number, width: number, height: number): void;
}

/** Where a row's box lies on the stage, CSS px. */
export function stageRect(boxes: Boxes, row: number, viewport: Viewport): Rect {
  const { scale, x, y } = viewport;
  return {
    x1: boxes.x1[row] * scale + x,
    y1: boxes.y1[row] * scale + y,
    x2: boxes.x2[row] * scale + x,
    y2: boxes.y2[row] * scale + y,
  };
}

/**
 * Adds a rectangle to the path, on whole pixels so that lines are crisp.
 * @param lineWidth of the stroke that follows, CSS px: odd widths lie on pixel centres.
 */
export function addRect(path: RectSink, rect: Rect, stage: Size, lineWidth: number): void {
  const shift = Math.round(lineWidth) % 2 === 1 ? 0.5 : 0;
  const left = snap(rect.x1, stage.width) + shift;
  const top = snap(rect.y1, stage.height) + shift;
  path.rect(left, top, snap(rect.x2, stage.width) + shift - left, snap(rect.y2, stage.height) + shift - top);
}

function snap(value: number, length: number): number {
  return Math.round(Math.min(Math.max(value, -OVERHANG), length + OVERHANG));
}
