/** What of each item is really to be seen: items painted as flat ids into one small raster, bottom to top. */
import type { Point } from './parts/drawing.js';
import { SCENE_HEIGHT as H, SCENE_WIDTH as W } from './scene.js';

/** Raster cells per image px along each axis. */
const FINE = 2;

export interface Visible {
  /** Box of the visible part, image px; all 0 where nothing is visible. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Visible area, px². */
  readonly area: number;
  /** Visible share of the item's whole silhouette, the part outside the image counted as hidden, [0, 1]. */
  readonly share: number;
}

/**
 * The visible box, area and share of every item.
 * @param outlines per item its polygons, image px, items bottom to top. Cost: pixels painted, about items * their area
 * * 4.
 */
export function measureVisible(outlines: readonly (readonly (readonly Point[])[])[]): Visible[] {
  const ids = new Int16Array(W * FINE * H * FINE).fill(-1);
  const whole = outlines.map((polygons, id) => paintItem(ids, polygons, id));
  const boxes = new Float64Array(outlines.length * 4).fill(0);
  const cells = new Float64Array(outlines.length);
  for (let y = 0; y < H * FINE; y++) {
    for (let x = 0; x < W * FINE; x++) {
      const id = ids[y * W * FINE + x];
      if (id >= 0) grow(boxes, cells, id, x, y);
    }
  }
  return outlines.map((_, id) => ({
    x1: boxes[id * 4] / FINE,
    y1: boxes[id * 4 + 1] / FINE,
    x2: boxes[id * 4 + 2] / FINE,
    y2: boxes[id * 4 + 3] / FINE,
    area: cells[id] / (FINE * FINE),
    share: cells[id] / Math.max(1, whole[id]),
  }));
}

function grow(boxes: Float64Array, cells: Float64Array, id: number, x: number, y: number): void {
  const at = id * 4;
  const first = cells[id] === 0;
  boxes[at] = first ? x : Math.min(boxes[at], x);
  boxes[at + 1] = first ? y : Math.min(boxes[at + 1], y);
  boxes[at + 2] = first ? x + 1 : Math.max(boxes[at + 2], x + 1);
  boxes[at + 3] = first ? y + 1 : Math.max(boxes[at + 3], y + 1);
  cells[id] = cells[id] + 1;
}

/** Paints one item; returns the cells of its whole silhouette, also outside the image. */
function paintItem(ids: Int16Array, polygons: readonly (readonly Point[])[], id: number): number {
  const rows = new Map<number, [number, number][]>();
  for (const polygon of polygons) collectSpans(polygon, rows);
  let whole = 0;
  for (const [y, spans] of rows) {
    let reached = -Infinity;
    for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
      const start = Math.max(from, reached);
      if (to <= start) continue;
      whole += to - start;
      reached = to;
      if (y >= 0 && y < H * FINE)
        ids.fill(
          id,
          y * W * FINE + Math.max(0, Math.min(W * FINE, start)),
          y * W * FINE + Math.max(0, Math.min(W * FINE, to)),
        );
    }
  }
  return whole;
}

/** Even-odd spans of a polygon at the cell centres of every row it crosses. */
function collectSpans(polygon: readonly Point[], rows: Map<number, [number, number][]>): void {
  const ys = polygon.map(([, y]) => y * FINE);
  for (let row = Math.floor(Math.min(...ys)); row <= Math.max(...ys); row++) {
    const crossings = crossingsAt(polygon, row + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const span: [number, number] = [Math.ceil(crossings[i] - 0.5), Math.ceil(crossings[i + 1] - 0.5)];
      rows.set(row, [...(rows.get(row) ?? []), span]);
    }
  }
}

function crossingsAt(polygon: readonly Point[], y: number): number[] {
  const crossings: number[] = [];
  for (let i = 0; i < polygon.length; i++) {
    const [ax, ay] = polygon[i];
    const [bx, by] = polygon[(i + 1) % polygon.length];
    if (ay * FINE <= y === by * FINE <= y) continue;
    crossings.push(ax * FINE + ((y - ay * FINE) / (by * FINE - ay * FINE)) * (bx - ax) * FINE);
  }
  return crossings.sort((a, b) => a - b);
}
