/**
 * Proposals: the anchors that look most like objects, regressed, clipped and thinned by NMS over objectness.
 * Source: Faster R-CNN (arXiv 1506.01497, section 3.1 and 3.3); detectron2
 * `detectron2/modeling/proposal_generator/proposal_utils.py`.
 */
import { MAX_SIZE_DELTA } from './box-coding.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import type { Boxes } from '../tables.js';

export interface ProposalOptions {
  /** Anchors that are regressed, by objectness. */
  readonly preNmsTop: number;
  /** A proposal goes when a better one overlaps it by more than this IoU. */
  readonly nmsThreshold: number;
  /** Most proposals of an image. */
  readonly numProposals: number;
  /** Least width and height after clipping, px. */
  readonly minSize: number;
}

export interface Proposals {
  /** px of the network's input, highest objectness first. */
  readonly boxes: Boxes;
  /** Objectness logit of each. */
  readonly objectness: Float32Array;
  /** Anchor row of each. */
  readonly anchor: Int32Array;
}

/**
 * Selects the proposals of one image.
 * Equal objectness: lower anchor first. Zero anchors, or none large enough, give no proposals.
 * @param objectness A logits.
 * @param deltas A * 4: dx, dy, dw, dh, unweighted.
 * @param width, height: what boxes are clipped to, px.
 * @throws MiningError 'mining' where sizes do not fit or objectness holds a NaN: such an image has no order.
 * Cost: A log A, and preNmsTop * numProposals.
 */
export function selectProposals(
  objectness: Float32Array,
  deltas: Float32Array,
  anchors: Boxes,
  width: number,
  height: number,
  options: ProposalOptions,
): Proposals {
  const numAnchors = anchors.x1.length;
  if (objectness.length !== numAnchors || deltas.length !== numAnchors * 4) {
    throw new MiningError(
      'mining',
      'objectness',
      said`${numAnchors} logits and ${numAnchors * 4} deltas`,
      said`${objectness.length} and ${deltas.length}`,
    );
  }
  const top = highest(objectness, options.preNmsTop);
  const regressed = regress(top, deltas, anchors, width, height);
  const kept = thin(regressed, options);
  return {
    boxes: {
      x1: pick(regressed.x1, kept),
      y1: pick(regressed.y1, kept),
      x2: pick(regressed.x2, kept),
      y2: pick(regressed.y2, kept),
    },
    objectness: kept.length === 0 ? new Float32Array(0) : Float32Array.from(kept, (i) => objectness[top[i]]),
    anchor: Int32Array.from(kept, (i) => top[i]),
  };
}

/** Rows of the `count` highest values, highest first. */
function highest(values: Float32Array, count: number): Int32Array {
  const sorted = values.slice().sort();
  // Typed arrays sort NaN to the end.
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new MiningError('mining', `objectness[${values.findIndex(Number.isNaN)}]`, 'a number', 'NaN', {
      reason: 'not-finite',
    });
  const least = count < values.length ? sorted[values.length - count] : -Infinity;
  const rows: number[] = [];
  for (let row = 0; row < values.length; row++) if (values[row] >= least) rows.push(row);
  return Int32Array.from(rows.sort((a, b) => values[b] - values[a] || a - b).slice(0, Math.max(0, count)));
}

interface Corners {
  readonly x1: Float32Array;
  readonly y1: Float32Array;
  readonly x2: Float32Array;
  readonly y2: Float32Array;
}

function regress(rows: Int32Array, deltas: Float32Array, anchors: Boxes, width: number, height: number): Corners {
  const length = rows.length;
  const boxes = {
    x1: new Float32Array(length),
    y1: new Float32Array(length),
    x2: new Float32Array(length),
    y2: new Float32Array(length),
  };
  for (let i = 0; i < length; i++) {
    const row = rows[i];
    const anchorWidth = anchors.x2[row] - anchors.x1[row];
    const anchorHeight = anchors.y2[row] - anchors.y1[row];
    const centreX = anchors.x1[row] + (0.5 + deltas[row * 4]) * anchorWidth;
    const centreY = anchors.y1[row] + (0.5 + deltas[row * 4 + 1]) * anchorHeight;
    const halfWidth = 0.5 * anchorWidth * Math.exp(Math.min(deltas[row * 4 + 2], MAX_SIZE_DELTA));
    const halfHeight = 0.5 * anchorHeight * Math.exp(Math.min(deltas[row * 4 + 3], MAX_SIZE_DELTA));
    boxes.x1[i] = Math.min(Math.max(centreX - halfWidth, 0), width);
    boxes.y1[i] = Math.min(Math.max(centreY - halfHeight, 0), height);
    boxes.x2[i] = Math.min(Math.max(centreX + halfWidth, 0), width);
    boxes.y2[i] = Math.min(Math.max(centreY + halfHeight, 0), height);
  }
  return boxes;
}

/** Greedy NMS in the given order; NaN boxes and those below the least size never pass. */
function thin({ x1, y1, x2, y2 }: Corners, { nmsThreshold, numProposals, minSize }: ProposalOptions): Int32Array {
  const kept = new Int32Array(Math.min(numProposals, x1.length));
  let count = 0;
  for (let i = 0; i < x1.length && count < numProposals; i++) {
    const width = x2[i] - x1[i];
    const height = y2[i] - y1[i];
    if (!(width >= minSize && height >= minSize && width > 0 && height > 0)) continue;
    const area = width * height;
    let suppressed = false;
    for (let k = 0; k < count && !suppressed; k++) {
      const j = kept[k];
      const overlapX = Math.min(x2[i], x2[j]) - Math.max(x1[i], x1[j]);
      if (overlapX <= 0) continue;
      const overlapY = Math.min(y2[i], y2[j]) - Math.max(y1[i], y1[j]);
      if (overlapY <= 0) continue;
      const shared = overlapX * overlapY;
      suppressed = shared > nmsThreshold * (area + (x2[j] - x1[j]) * (y2[j] - y1[j]) - shared);
    }
    if (!suppressed) kept[count++] = i;
  }
  return kept.subarray(0, count);
}

function pick(values: Float32Array, rows: Int32Array): Float32Array {
  return Float32Array.from(rows, (row) => values[row]);
}
