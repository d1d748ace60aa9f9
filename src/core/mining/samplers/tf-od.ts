import { suppressByLoss } from '../mining-nms.js';
import type { MiningConfig } from '../mining-options.js';
import { regressedBoxes, type RoiTable } from '../../tables.js';
import { judgeRows, orderByImage, selectRows, toSelection, type Judged } from './judge.js';
import type { Sampler } from './sampler.js';

/**
 * HardExampleMiner of the TensorFlow Object Detection API: in each image, mining NMS on the *decoded* boxes by
 * clsWeight * class + locWeight * box loss, the first `numHardExamples`; of these all positives, and of the negatives,
 * hardest first, at most max(minNegativesPerImage, int(maxNegativesPerPositive * positives)).
 * 0 stands for "no limit" as in its configuration (protos/losses.proto); without a limit on negatives the least number
 * has no effect there either. The default weights are the class's own, 0.05 and 0.06; its builder passes the model's
 * (1 and 1 where a configuration is silent). `rankBy` is its loss_type. The box loss of background counts 0 because
 * the API's target assigner gives unmatched anchors weight 0.
 * Deviation: anchors of weight 0 (ignored) take no part; there they compete with loss 0.
 */
export const tfOd: Sampler = {
  id: 'tf-od',
  title: 'TF Object Detection HardExampleMiner: NMS on decoded boxes',
  source: 'tensorflow/models research/object_detection/core/losses.py (HardExampleMiner)',
  scope: 'image',
  options: [
    'numHardExamples',
    'nmsThreshold',
    'rankBy',
    'clsWeight',
    'locWeight',
    'maxNegativesPerPositive',
    'minNegativesPerImage',
  ],
  sample: (rois, config) => toSelection(mine(rois, config, false)),
  sampleHardest: (rois, config) => mine(rois, config, true),
};

function mine(rois: RoiTable, config: MiningConfig, stopAtBudget: boolean): Judged {
  const { rankBy, clsWeight, locWeight, nmsThreshold } = config;
  const budget = config.numHardExamples === 0 ? Infinity : config.numHardExamples;
  const rule = { threshold: nmsThreshold, pixelOffset: 0, limit: stopAtBudget ? budget : Infinity } as const;
  const judged = judgeRows(rois, { rankBy, clsWeight, locWeight });
  for (const rows of orderByImage(rois, judged.order)) {
    const kept = suppressByLoss(regressedBoxes(rois), rows, rule, judged.suppressedBy).subarray(
      0,
      Math.min(budget, rows.length),
    );
    selectRows(judged, limitNegatives(rois, kept, config));
  }
  return judged;
}

/** `rows` without the negatives beyond the limit; order kept. */
function limitNegatives(rois: RoiTable, rows: Int32Array, config: MiningConfig): Int32Array {
  if (config.maxNegativesPerPositive === 0) return rows;
  const isNegative = (row: number) => rois.gtClass[row] === rois.numClasses;
  const numPositives = rows.length - rows.filter(isNegative).length;
  const limit = Math.max(config.minNegativesPerImage, Math.trunc(config.maxNegativesPerPositive * numPositives));
  let numNegatives = 0;
  return rows.filter((row) => !isNegative(row) || ++numNegatives <= limit);
}
