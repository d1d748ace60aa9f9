/** Where the names of boxes go so that none covers another. */
import type { Rect, Size } from './viewport.js';

export interface PlacedName {
  /** Of the box. */
  readonly index: number;
  /** Top left corner, CSS px of the stage. */
  readonly x: number;
  readonly y: number;
}

/** A box with a shorter side than this is too small to be named, CSS px. */
const LEAST_SIDE = 10;

/**
 * Each name stands above the top left corner of its box, inside it where the stage ends there. Larger boxes choose
 * first; a name that would cover another, or whose box is out of sight or tiny, is left out.
 * @param boxes on the stage, CSS px.
 * @param widths of the names, CSS px; 0 for none.
 * Cost: boxes times placed names, which are few: they tile the stage.
 */
export function placeNames(
  boxes: readonly Rect[],
  widths: readonly number[],
  height: number,
  stage: Size,
): PlacedName[] {
  const placed: (PlacedName & { readonly width: number })[] = [];
  for (const { index, box, width } of bySize(boxes, widths)) {
    if (!isNamed(box, width, stage)) continue;
    const x = clamp(box.x1, 0, stage.width - width);
    const y = box.y1 >= height ? box.y1 - height : Math.max(box.y1, 0);
    const covers = placed.some(
      (other) => x < other.x + other.width && other.x < x + width && y < other.y + height && other.y < y + height,
    );
    if (!covers) placed.push({ index, x: Math.round(x), y: Math.round(y), width });
  }
  return placed.map(({ index, x, y }) => ({ index, x, y }));
}

function bySize(boxes: readonly Rect[], widths: readonly number[]) {
  const named = boxes.map((box, index) => ({ index, box, width: widths[index] ?? 0 }));
  return named.sort((a, b) => areaOf(b.box) - areaOf(a.box) || a.index - b.index);
}

/** NaN corners fail it. */
function isNamed({ x1, y1, x2, y2 }: Rect, width: number, stage: Size): boolean {
  const inSight = x2 > 0 && y2 > 0 && x1 < stage.width && y1 < stage.height;
  return inSight && width > 0 && width <= stage.width && Math.min(x2 - x1, y2 - y1) >= LEAST_SIDE;
}

function areaOf({ x1, y1, x2, y2 }: Rect): number {
  return (x2 - x1) * (y2 - y1);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
