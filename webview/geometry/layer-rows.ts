/** Which RoIs are drawn as lines and which only as density, so that thousands stay readable. */
import { STATUS_NAMES, type Boxes } from '../../src/core/tables.js';
import type { Size, Viewport } from './viewport.js';

/** Stage area that one outline may claim, CSS px²: below this, outlines grow into a mesh. */
const AREA_PER_BOX = 3500;
const [LEAST_LIMIT, MOST_LIMIT] = [60, 400];

/** Most boxes of one layer that are drawn as lines on a stage of this size. */
export function adaptiveLimit(stage: Size): number {
  return Math.round(Math.min(Math.max((stage.width * stage.height) / AREA_PER_BOX, LEAST_LIMIT), MOST_LIMIT));
}

export interface LayerRows {
  /** Rows to draw as lines, by status code, hardest first. Only boxes that reach into the stage. */
  readonly drawn: readonly (readonly number[])[];
  readonly numDrawn: number;
  /** Rows of visible layers that were left to the density, anywhere in the image. */
  readonly rest: readonly number[];
}

/**
 * Splits the shown rows into lines and density. The hardest `limit` of each layer that reach into the stage are drawn,
 * so zooming in brings more of them out; nothing is spent on boxes beyond the stage.
 * @param order rows, hardest first.
 * @param shown 1 where filters and layers let a row through.
 */
export function splitRows(
  boxes: Boxes,
  order: ArrayLike<number>,
  status: Uint8Array,
  shown: Uint8Array,
  viewport: Viewport,
  stage: Size,
  limit: number,
): LayerRows {
  const drawn: number[][] = STATUS_NAMES.map(() => []);
  const rest: number[] = [];
  let numDrawn = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i];
    if (shown[row] === 0) continue;
    const layer = drawn[status[row]];
    if (layer.length >= limit) rest.push(row);
    else if (reachesStage(boxes, row, viewport, stage)) {
      layer.push(row);
      numDrawn++;
    }
  }
  return { drawn, numDrawn, rest };
}

function reachesStage(boxes: Boxes, row: number, viewport: Viewport, stage: Size): boolean {
  const { scale, x, y } = viewport;
  return (
    boxes.x2[row] * scale + x >= 0 &&
    boxes.y2[row] * scale + y >= 0 &&
    boxes.x1[row] * scale + x <= stage.width &&
    boxes.y1[row] * scale + y <= stage.height
  );
}
