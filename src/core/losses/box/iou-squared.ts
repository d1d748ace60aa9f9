import { boxIou } from '../../boxes/iou.js';
import { boxLoss } from '../box-loss.js';

/** 1 - IoU² of the regressed box and the ground truth, [0, 1]; NaN where a coordinate is not finite. */
export const iouSquared = boxLoss({
  id: 'iou-squared',
  title: '(1 − IoU²)',
  source: 'YOLOX (arXiv 2107.08430), `yolox/models/losses.py` `IOUloss`',
  over({ preds }, gts) {
    const { x1, y1, x2, y2 } = preds;
    return (row, gtRow) => {
      if (!(Math.abs(x1[row]) + Math.abs(y1[row]) + Math.abs(x2[row]) + Math.abs(y2[row]) < Infinity)) return NaN;
      const iou = boxIou(
        x1[row],
        y1[row],
        x2[row],
        y2[row],
        gts.x1[gtRow],
        gts.y1[gtRow],
        gts.x2[gtRow],
        gts.y2[gtRow],
      );
      return 1 - iou * iou;
    };
  },
});
