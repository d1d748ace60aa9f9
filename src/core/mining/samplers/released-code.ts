import { suppressByLoss } from '../mining-nms.js';
import type { SharedOptions } from '../shared-options.js';
import { miningBoxes, type RoiTable } from '../../tables.js';
import { batchBudget } from './budget.js';
import { judgeRows, numCandidates, placeOfImages, selectRows, splitOrder, toSelection, type Judged } from './judge.js';
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
  sample: (rois, config) => toSelection(mine(rois, config, false)),
  sampleHardest: (rois, config) => mine(rois, config, true),
});

function mine(rois: RoiTable, config: SharedOptions, stopAtBudget: boolean): Judged {
  const judged = judgeRows(rois, { rankBy: config.rankBy });
  const budget = batchBudget(config, numCandidates(rois, judged.order));
  const rule = { threshold: config.nmsThreshold, pixelOffset: 1, limit: stopAtBudget ? budget : Infinity } as const;
  const survives = new Uint8Array(rois.numRois);
  for (const rows of orderByImageAndLabel(rois, judged.order)) {
    for (const row of suppressByLoss(miningBoxes(rois), rows, rule, judged.suppressedBy)) survives[row] = 1;
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
