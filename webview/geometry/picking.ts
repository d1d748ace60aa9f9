/** Which RoI is under the pointer; overlapping ones one after another. */
import { NONE, type Boxes } from '../../src/core/tables.js';
import type { Rect, Viewport } from './viewport.js';

/** How near to an outline the pointer counts as on it, CSS px. */
const EDGE_TOLERANCE = 4;

interface Hit {
  readonly row: number;
  readonly onEdge: boolean;
  readonly area: number;
}

/** The box of a row, image px. @param row [0, R). */
export function rectOf({ x1, y1, x2, y2 }: Boxes, row: number): Rect {
  return { x1: x1[row], y1: y1[row], x2: x2[row], y2: y2[row] };
}

/**
 * Rows of `rows` under a stage point, the one that a click means first: boxes whose outline is there (the person aims
 * at a line), then boxes that contain it; smaller before larger, then in the order of `rows`.
 * @param rows candidate rows, hardest first.
 */
export function rowsAt(
  boxes: Boxes,
  rows: ArrayLike<number>,
  viewport: Viewport,
  stageX: number,
  stageY: number,
): number[] {
  const x = (stageX - viewport.x) / viewport.scale;
  const y = (stageY - viewport.y) / viewport.scale;
  const tolerance = EDGE_TOLERANCE / viewport.scale;
  const hits: Hit[] = [];
  for (let i = 0; i < rows.length; i++) {
    const hit = hitOf(boxes, rows[i], x, y, tolerance);
    if (hit !== null) hits.push(hit);
  }
  hits.sort((a, b) => Number(b.onEdge) - Number(a.onEdge) || a.area - b.area);
  return hits.map((hit) => hit.row);
}

function hitOf(boxes: Boxes, row: number, x: number, y: number, tolerance: number): Hit | null {
  const [x1, y1, x2, y2] = [boxes.x1[row], boxes.y1[row], boxes.x2[row], boxes.y2[row]];
  const outside = Math.max(x1 - x, x - x2, y1 - y, y - y2);
  // NaN corners fail this too: such a box cannot be hit.
  if (!(outside <= tolerance)) return null;
  return { row, onEdge: outside >= -tolerance, area: (x2 - x1) * (y2 - y1) };
}

/**
 * The row that a click takes: the first hit, or the one below the focused row where the same place is clicked again.
 * @param again the click is at the place of the last one.
 * @returns NONE where nothing is hit.
 */
export function pickRow(hits: readonly number[], focused: number, again: boolean): number {
  const at = again ? hits.indexOf(focused) : -1;
  return hits[(at + 1) % Math.max(hits.length, 1)] ?? NONE;
}
