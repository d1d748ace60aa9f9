/** Anchors: the boxes that a proposal stage starts from. Source: Faster R-CNN (arXiv 1506.01497, section 3.1.1). */
import type { Boxes } from '../tables.js';

export interface AnchorOptions {
  /** px of the network's input per feature cell. */
  readonly stride: number;
  /** Side of the square of equal area, px. */
  readonly sizes: readonly number[];
  /** Height / width. */
  readonly ratios: readonly number[];
}

/** Anchors of one cell. */
export function anchorsPerCell({ sizes, ratios }: AnchorOptions): number {
  return sizes.length * ratios.length;
}

/**
 * Anchors of a feature map, px of the network's input, centred on the cells: ((x + .5) * stride, (y + .5) * stride).
 * Order: cells row by row, in a cell sizes and within a size ratios; row = (y * W + x) * anchorsPerCell + a.
 * A map without cells gives no anchors. They may reach over the border.
 */
export function generateAnchors(mapHeight: number, mapWidth: number, options: AnchorOptions): Boxes {
  const shapes = options.sizes.flatMap((size) =>
    options.ratios.map((ratio) => [size / Math.sqrt(ratio), size * Math.sqrt(ratio)] as const),
  );
  const numAnchors = mapHeight * mapWidth * shapes.length;
  const boxes = {
    x1: new Float32Array(numAnchors),
    y1: new Float32Array(numAnchors),
    x2: new Float32Array(numAnchors),
    y2: new Float32Array(numAnchors),
  };
  let row = 0;
  for (let cell = 0; cell < mapHeight * mapWidth; cell++) {
    const centreX = ((cell % mapWidth) + 0.5) * options.stride;
    const centreY = (Math.floor(cell / mapWidth) + 0.5) * options.stride;
    for (const [width, height] of shapes) {
      boxes.x1[row] = centreX - width / 2;
      boxes.y1[row] = centreY - height / 2;
      boxes.x2[row] = centreX + width / 2;
      boxes.y2[row] = centreY + height / 2;
      row++;
    }
  }
  return boxes;
}
