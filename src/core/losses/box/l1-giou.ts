import { real } from '../../option-specs.js';
import { boxLoss } from '../box-loss.js';
import { giouLoss } from './giou.js';

/** The box loss of DETR: L1 on (cx, cy, w, h) in shares of the image, and 1 - GIoU. */
export const l1Giou = boxLoss({
  id: 'l1-giou',
  title: 'L1 + (1 − GIoU)',
  source: 'DETR (arXiv 2005.12872, section 3.1)',
  own: {
    l1Weight: real('L1 weight', 'factor of the L1 of (cx, cy, w, h) in shares of the image', 5, 0, 1000),
    giouWeight: real('GIoU weight', 'factor of 1 − GIoU beside that L1', 2, 0, 1000),
  },
  words: ({ l1Weight, giouWeight }) => `l1 ${l1Weight} + giou ${giouWeight}`,
  over({ preds }, gts, { l1Weight, giouWeight }, { width, height }) {
    const { x1, y1, x2, y2 } = preds;
    return (row, g) =>
      l1Weight * (l1OfSides(x1[row], x2[row], gts.x1[g], gts.x2[g]) / width) +
      l1Weight * (l1OfSides(y1[row], y2[row], gts.y1[g], gts.y2[g]) / height) +
      giouWeight * giouLoss(x1[row], y1[row], x2[row], y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]);
  },
});

/** |centre a - centre b| + |width a - width b| of two spans along one axis. */
export function l1OfSides(a1: number, a2: number, b1: number, b2: number): number {
  return 0.5 * Math.abs(a1 + a2 - b1 - b2) + Math.abs(a2 - a1 - b2 + b1);
}
