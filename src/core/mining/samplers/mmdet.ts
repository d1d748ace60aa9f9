import { judgeRows, orderByImage, selectRows, toSelection } from './judge.js';
import type { Sampler } from './sampler.js';

/**
 * mmdetection's OHEMSampler: it keeps the quotas of random sampling and mines inside them. In each image the hardest
 * int(num * posFraction) positives by class loss (all where there are fewer), then negatives up to `num`, at most
 * int(negPosUb * max(1, positives)) where that bound is not negative.
 * Deviation: `add_gt_as_proposals` is the caller's, since it makes RoIs.
 */
export const mmdet: Sampler = {
  id: 'mmdet',
  title: 'MMDetection OHEMSampler: quotas, class loss',
  source: 'open-mmlab/mmdetection mmdet/models/task_modules/samplers/{ohem_sampler,base_sampler}.py',
  scope: 'image',
  options: ['num', 'posFraction', 'negPosUb'],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: 'class' });
    for (const rows of orderByImage(rois, judged.order)) {
      const isPositive = (row: number) => rois.gtClass[row] < rois.numClasses;
      const positives = rows.filter(isPositive).subarray(0, Math.trunc(config.num * config.posFraction));
      const bound = config.negPosUb < 0 ? Infinity : Math.trunc(config.negPosUb * Math.max(1, positives.length));
      const negatives = rows.filter((row) => !isPositive(row));
      selectRows(judged, positives);
      selectRows(judged, negatives.subarray(0, Math.min(config.num - positives.length, bound)));
    }
    return toSelection(judged);
  },
};
