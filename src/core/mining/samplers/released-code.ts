import type { SharedOptions } from '../shared-options.js';
import { miningBoxes, type RoiTable } from '../../tables.js';
import { batchBudget } from './budget.js';
import {
  judgeRows,
  numCandidates,
  placeOfImages,
  selectRows,
  splitOrder,
  suppressGroups,
  toSelection,
  type Judged,
  type LastSteps,
} from './judge.js';
import { sampler } from './sampler.js';

/**
 * The authors' released code, which differs from their paper: mining NMS runs inside each (image, label) group with
 * the pixel widths of its day (x2 - x1 + 1), and the B hardest that are left are taken over the whole minibatch, so
 * one image may take them all. Deviations: float64 (the code casts boxes and losses to float32); equal losses by lower
 * row (there: numpy's order).
 */
export const releasedCode = sampler({
  id: 'released-code',
  title: "Authors' code: NMS inside each label, top B of the minibatch",
  source: 'abhi2610/ohem lib/roi_data_layer/minibatch.py (get_ohem_minibatch), lib/nms',
  scope: 'minibatch',
  rule: {
    ranks: 'class + foreground * box',
    nms: 'inside each (image, label) group, pixel widths (+1), IoU above `nmsThreshold`',
    keeps: 'the B hardest of the minibatch',
  },
  looks: 'at losses',
  options: ['batchSize', 'imagesPerBatch', 'keepRate', 'nmsThreshold', 'rankBy'],
  budget: ['keepRate', 'batchSize'],
  sample: (rois, config, last) => toSelection(mine(rois, config, false, last)),
  sampleHardest: (rois, config) => mine(rois, config, true),
});

function mine(rois: RoiTable, config: SharedOptions, stopAtBudget: boolean, last?: LastSteps): Judged {
  const judged = judgeRows(rois, { rankBy: config.rankBy }, last);
  const budget = batchBudget(config, numCandidates(rois, judged.order));
  const limitOf = () => (stopAtBudget ? budget : Infinity);
  const rule = { threshold: config.nmsThreshold, pixelOffset: 1, limitOf } as const;
  const survives = new Uint8Array(rois.numRois);
  const groups = orderByImageAndLabel(rois, judged.order);
  for (const kept of suppressGroups(judged, miningBoxes(rois), groups, rule, last)) {
    for (const row of kept) survives[row] = 1;
  }
  selectRows(judged, judged.order.filter((row) => survives[row] === 1).subarray(0, budget));
  return judged;
}

/** Candidate rows of each (image, label), hardest first. */
function orderByImageAndLabel(rois: RoiTable, order: Int32Array): Int32Array[] {
  const { place, numImages } = placeOfImages(rois);
  const numLabels = rois.numClasses + 1;
  const group = place.map((image, row) => image * numLabels + Math.max(0, rois.gtClass[row]));
  return splitOrder(order, group, numImages * numLabels);
}
