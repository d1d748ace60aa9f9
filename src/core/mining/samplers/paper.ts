import { suppressByLoss } from '../mining-nms.js';
import type { MiningConfig } from '../mining-options.js';
import { miningBoxes, type RoiTable } from '../../tables.js';
import { imageBudget } from './budget.js';
import { judgeRows, orderByImage, selectRows, toSelection, type Judged } from './judge.js';
import type { Sampler } from './sampler.js';

/** The method as published: in each image, mining NMS over all RoIs, then the floor(B / N) hardest that are left. */
export const paper: Sampler = {
  id: 'paper',
  title: 'OHEM as published: mining NMS, B/N an image',
  source: 'Shrivastava, Gupta, Girshick, CVPR 2016 (arXiv 1604.03540), section 4',
  scope: 'image',
  options: ['batchSize', 'imagesPerBatch', 'keepRate', 'nmsThreshold', 'rankBy'],
  sample: (rois, config) => toSelection(mine(rois, config, false)),
  sampleHardest: (rois, config) => mine(rois, config, true),
};

function mine(rois: RoiTable, config: MiningConfig, stopAtBudget: boolean): Judged {
  const judged = judgeRows(rois, { rankBy: config.rankBy });
  for (const rows of orderByImage(rois, judged.order)) {
    const budget = imageBudget(config, rows.length);
    const rule = { threshold: config.nmsThreshold, pixelOffset: 0, limit: stopAtBudget ? budget : Infinity } as const;
    const kept = suppressByLoss(miningBoxes(rois), rows, rule, judged.suppressedBy);
    selectRows(judged, kept.subarray(0, budget));
  }
  return judged;
}
