import { isForeground } from '../../tables.js';
import { real } from '../../option-specs.js';
import { judgeRows, orderByImage, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/**
 * SSD's hard negative mining (MAX_NEGATIVE): in each image every positive, and the int(negPosRatio * positives)
 * hardest negatives by class loss among those that overlap every ground truth by less than `negOverlap`. An image
 * without positives gives none.
 */
export const ssd = sampler({
  id: 'ssd',
  title: 'SSD: all positives, three hardest negatives each',
  source:
    'weiliu89/caffe src/caffe/util/bbox_util.cpp (MineHardExamples, MAX_NEGATIVE); Liu et al., ECCV 2016, section 2.2',
  scope: 'image',
  rule: {
    ranks: 'class',
    nms: 'none',
    keeps: 'in each image all positives and trunc(negPosRatio * positives) negatives with IoU below `negOverlap`',
  },
  looks: 'at losses',
  own: {
    negPosRatio: real('Negatives per positive', 'hardest negatives kept per positive', 3, 0, 1000, 0.5),
  },
  options: ['negPosRatio', 'negOverlap'],
  budget: [],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: 'class' });
    // The IoU column is float32: 0.7 as stored must equal 0.7 as configured.
    const negOverlap = Math.fround(config.negOverlap);
    for (const rows of orderByImage(rois, judged.order)) {
      const positives = rows.filter((row) => isForeground(rois, row));
      const negatives = rows.filter((row) => rois.gtClass[row] === rois.numClasses && rois.iou[row] < negOverlap);
      selectRows(judged, positives);
      selectRows(judged, negatives.subarray(0, Math.trunc(config.negPosRatio * positives.length)));
    }
    return toSelection(judged);
  },
});
