import { isForeground } from '../../tables.js';
import { integer, real } from '../../option-specs.js';
import { judgeRows, orderByImage, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/**
 * mmdetection's OHEMSampler: it keeps the quotas of random sampling and mines inside them. In each image the hardest
 * int(num * posFraction) positives by class loss (all where there are fewer), then negatives up to `num`, at most
 * int(negPosUb * max(1, positives)) where that bound is not negative.
 * Deviation: `add_gt_as_proposals` is the caller's, since it makes RoIs.
 */
export const mmdet = sampler({
  id: 'mmdet',
  title: 'MMDetection OHEMSampler: quotas, class loss',
  source: 'open-mmlab/mmdetection mmdet/models/task_modules/samplers/{ohem_sampler,base_sampler}.py',
  scope: 'image',
  rule: {
    ranks: 'class',
    nms: 'none',
    keeps: '`num` in each image: positives up to trunc(num * posFraction), then negatives, at most `negPosUb` each',
  },
  looks: 'at losses',
  own: {
    num: integer('RoIs per image', 'RoIs sampled per image (mmdet: num)', 512, 0, 1_000_000),
    negPosUb: real(
      'Negatives per positive (bound)',
      'most negatives per positive; -1 is no bound (mmdet: neg_pos_ub)',
      -1,
      -1,
      1000,
      1,
    ),
  },
  options: ['num', 'posFraction', 'negPosUb'],
  budget: ['num'],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: 'class' });
    for (const rows of orderByImage(rois, judged.order)) {
      const isPositive = (row: number) => isForeground(rois, row);
      const positives = rows.filter(isPositive).subarray(0, Math.trunc(config.num * config.posFraction));
      const bound = config.negPosUb < 0 ? Infinity : Math.trunc(config.negPosUb * Math.max(1, positives.length));
      const negatives = rows.filter((row) => !isPositive(row));
      selectRows(judged, positives);
      selectRows(judged, negatives.subarray(0, Math.min(config.num - positives.length, bound)));
    }
    return toSelection(judged);
  },
});
