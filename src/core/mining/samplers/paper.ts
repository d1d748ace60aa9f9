import { suppressByLoss } from '../mining-nms.js';
import type { SharedOptions } from '../shared-options.js';
import { miningBoxes, type RoiTable } from '../../tables.js';
import { imageBudget } from './budget.js';
import { judgeRows, numCandidates, orderByImage, selectRows, toSelection, type Judged } from './judge.js';
import { sampler } from './sampler.js';

/** The method as published: in each image, mining NMS over all RoIs, then the floor(B / N) hardest that are left. */
export const paper = sampler({
  id: 'paper',
  title: 'OHEM as published: mining NMS, B/N an image',
  source: 'Shrivastava, Gupta, Girshick, CVPR 2016 (arXiv 1604.03540), section 4',
  scope: 'image',
  rule: {
    ranks: 'class + foreground * box',
    nms: 'in each image, over all classes, IoU above `nmsThreshold`',
    keeps: 'floor(B / N) in each image',
  },
  looks: 'at losses',
  options: ['batchSize', 'imagesPerBatch', 'keepRate', 'nmsThreshold', 'rankBy'],
  budget: ['keepRate', 'batchSize'],
  sample: (rois, config) => toSelection(mine(rois, config, false)),
  sampleHardest: (rois, config) => mine(rois, config, true),
});

function mine(rois: RoiTable, config: SharedOptions, stopAtBudget: boolean): Judged {
  const judged = judgeRows(rois, { rankBy: config.rankBy });
  for (const rows of orderByImage(rois, judged.order)) {
    const budget = imageBudget(config, numCandidates(rois, rows));
    const rule = { threshold: config.nmsThreshold, pixelOffset: 0, limit: stopAtBudget ? budget : Infinity } as const;
    const kept = suppressByLoss(miningBoxes(rois), rows, rule, judged.suppressedBy);
    selectRows(judged, kept.subarray(0, budget));
  }
  return judged;
}
