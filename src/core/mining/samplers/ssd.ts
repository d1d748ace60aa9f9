import { judgeRows, orderByImage, selectRows, toSelection } from './judge.js';
import type { Sampler } from './sampler.js';

/**
 * SSD's hard negative mining (MAX_NEGATIVE): in each image every positive, and the int(negPosRatio * positives)
 * hardest negatives by class loss among those that overlap every ground truth by less than `negOverlap`. An image
 * without positives gives none.
 */
export const ssd: Sampler = {
  id: 'ssd',
  title: 'SSD: all positives, three hardest negatives each',
  source:
    'weiliu89/caffe src/caffe/util/bbox_util.cpp (MineHardExamples, MAX_NEGATIVE); Liu et al., ECCV 2016, section 2.2',
  scope: 'image',
  options: ['negPosRatio', 'negOverlap'],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: 'class' });
    // The IoU column is float32: 0.7 as stored must equal 0.7 as configured.
    const negOverlap = Math.fround(config.negOverlap);
    for (const rows of orderByImage(rois, judged.order)) {
      const positives = rows.filter((row) => rois.gtClass[row] < rois.numClasses);
      const negatives = rows.filter((row) => rois.gtClass[row] === rois.numClasses && rois.iou[row] < negOverlap);
      selectRows(judged, positives);
      selectRows(judged, negatives.subarray(0, Math.trunc(config.negPosRatio * positives.length)));
    }
    return toSelection(judged);
  },
};
