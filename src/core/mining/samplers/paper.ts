import type { SharedOptions } from '../shared-options.js';
import { miningBoxes, type RoiTable } from '../../tables.js';
import { imageBudget } from './budget.js';
import {
  judgeRows,
  numCandidates,
  orderByImage,
  selectRows,
  suppressGroups,
  toSelection,
  type Judged,
  type LastSteps,
} from './judge.js';
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
  sample: (rois, config, last) => toSelection(mine(rois, config, false, last)),
  sampleHardest: (rois, config) => mine(rois, config, true),
});

function mine(rois: RoiTable, config: SharedOptions, stopAtBudget: boolean, last?: LastSteps): Judged {
  const judged = judgeRows(rois, { rankBy: config.rankBy }, last);
  const images = orderByImage(rois, judged.order);
  const budgetOf = (rows: Int32Array) => imageBudget(config, numCandidates(rois, rows));
  const limitOf = stopAtBudget ? budgetOf : () => Infinity;
  const rule = { threshold: config.nmsThreshold, pixelOffset: 0, limitOf } as const;
  const kept = suppressGroups(judged, miningBoxes(rois), images, rule, last);
  for (const [i, rows] of images.entries()) selectRows(judged, kept[i].subarray(0, budgetOf(rows)));
  return judged;
}
