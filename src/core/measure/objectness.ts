/**
 * The loss of a head's objectness column: towards what, on which rows, and how its levels count. Heads without one read
 * none of its options.
 */
import type { GtTable, RoiTable } from '../tables.js';
import { isForeground } from '../tables.js';
import { boxIou } from '../boxes/iou.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { choice, real } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import { ciouLoss } from '../losses/box/ciou.js';
import { softBce } from '../losses/class/bce.js';
import { softplus } from '../losses/cls-loss.js';
import type { DetectorOutput, ScoreForm } from '../losses/detector-output.js';

export const OBJECTNESS_OPTIONS = {
  objTarget: choice(
    'Objectness target',
    'what the objectness of foreground should be: 1, the IoU or CIoU of its regressed box, or how central its anchor ' +
      'is, which background does not learn',
    ['one', 'iou', 'ciou', 'centre-ness'],
    'one',
  ),
  objLossWeight: real('Objectness weight', 'factor of the objectness loss', 1, 0, 1000),
  objLevels: choice(
    'Objectness levels',
    'levels count by their rows, or (YOLOv5) each by its mean times 4, 1 and 0.4',
    ['rows', 'yolov5'],
    'rows',
  ),
};
export type ObjectnessConfig = ValuesOf<typeof OBJECTNESS_OPTIONS>;

/** Source: docs.ultralytics.com/yolov5/tutorials/architecture_description (Balance Losses). */
const YOLOV5_BALANCE = [4, 1, 0.4];

/** Does background learn from its objectness (YOLO), or from its classes as in a head without one (FCOS, ATSS)? */
export function objectnessIsOfAll({ objTarget }: Pick<ObjectnessConfig, 'objTarget'>): boolean {
  return objTarget !== 'centre-ness';
}

/**
 * The objectness loss of each row, unreduced, times its weight; 0 for the rows that do not learn it.
 * @param rois with labels written.
 * @returns R; null for a head without objectness.
 * @throws MiningError 'options' where levels are to be weighed that the head does not have.
 * Cost: R.
 */
export function objectnessLosses(
  output: DetectorOutput,
  gts: GtTable,
  config: ObjectnessConfig,
  rois: RoiTable,
): Float64Array | null {
  const { objectness, scoreForm, numRois } = output;
  if (objectness === null) return null;
  const targetOf = TARGETS[config.objTarget];
  const losses = new Float64Array(numRois);
  for (let row = 0; row < numRois; row++) {
    const foreground = isForeground(rois, row);
    if (!foreground && !objectnessIsOfAll(config)) continue;
    const target = foreground ? targetOf(output, row, gts, rois.gtIndex[row]) : 0;
    losses[row] = config.objLossWeight * objectnessLoss(objectness[row], target, scoreForm.given);
  }
  if (config.objLevels === 'yolov5') balanceLevels(losses, output);
  return losses;
}

/** Binary cross-entropy of one objectness value against a target in [0, 1]. */
export function objectnessLoss(value: number, target: number, given: ScoreForm['given']): number {
  if (given === 'probabilities') return softBce(value, target);
  if (target === 0 || target === 1) return softplus(target === 1 ? -value : value);
  return target * softplus(-value) + (1 - target) * softplus(value);
}

/**
 * How central a point is in a box: √(min(l, r) / max(l, r) · min(t, b) / max(t, b)) of its distances to the four sides,
 * [0, 1]; 0 outside and on the edge.
 * Source: FCOS (arXiv 1904.01355, equation 3).
 */
export function centreNess(x: number, y: number, x1: number, y1: number, x2: number, y2: number): number {
  const [left, right, top, bottom] = [x - x1, x2 - x, y - y1, y2 - y];
  if (!(Math.min(left, right, top, bottom) > 0)) return 0;
  const across = Math.min(left, right) / Math.max(left, right);
  return Math.sqrt((across * Math.min(top, bottom)) / Math.max(top, bottom));
}

type TargetOf = (output: DetectorOutput, row: number, gts: GtTable, g: number) => number;

const TARGETS: Readonly<Record<ObjectnessConfig['objTarget'], TargetOf>> = {
  one: () => 1,
  iou: ({ preds: { x1, y1, x2, y2 } }, row, gts, g) =>
    boxIou(x1[row], y1[row], x2[row], y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]),
  ciou: ({ preds: { x1, y1, x2, y2 } }, row, gts, g) =>
    Math.max(0, 1 - ciouLoss(x1[row], y1[row], x2[row], y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g])),
  'centre-ness': ({ regions: { x1, y1, x2, y2 } }, row, gts, g) =>
    centreNess(0.5 * (x1[row] + x2[row]), 0.5 * (y1[row] + y2[row]), gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]),
};

/**
 * YOLOv5 adds the means of its levels, times 4, 1 and .4. Divided by the rows of the middle level, the sum of the rows
 * is that: a row counts 4 n₁ / n₀, 1 and .4 n₁ / n₂, which for strides 8, 16, 32 is 1, 1 and 1.6.
 */
function balanceLevels(losses: Float64Array, { grid }: DetectorOutput): void {
  const starts = grid?.levelStart ?? new Int32Array(1);
  if (starts.length !== YOLOV5_BALANCE.length + 1)
    throw new MiningError(
      'options',
      'obj-levels',
      `rows (yolov5 weighs three levels)`,
      said`${starts.length - 1} levels`,
    );
  const middle = starts[2] - starts[1];
  YOLOV5_BALANCE.forEach((balance, level) => {
    const factor = (balance * middle) / (starts[level + 1] - starts[level]);
    for (let row = starts[level]; row < starts[level + 1]; row++) losses[row] *= factor;
  });
}
