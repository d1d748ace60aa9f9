import { integer, real } from '../../option-specs.js';
import { regressedBoxes, type RoiTable } from '../../tables.js';
import {
  isProbe,
  judgeRows,
  orderByImage,
  selectRows,
  suppressGroups,
  toSelection,
  type Judged,
  type LastSteps,
} from './judge.js';
import { sampler } from './sampler.js';
import type { OptionsOf } from './sampler.js';

const OWN = {
  numHardExamples: integer(
    'Hard examples per image',
    'RoIs kept per image by the loss NMS; 0 is no limit',
    64,
    0,
    1_000_000,
  ),
  maxNegativesPerPositive: real(
    'Negatives per positive',
    'most negatives kept per positive; 0 is no limit',
    0,
    0,
    1000,
    1,
  ),
  minNegativesPerImage: integer('Least negatives', 'negatives kept in an image without positives', 0, 0, 1_000_000),
  clsWeight: real('Class loss weight', 'weight of the class loss in the ranking', 0.05, 0, 1000),
  locWeight: real('Box loss weight', 'weight of the box loss in the ranking', 0.06, 0, 1000),
};
type TfOdOptions = OptionsOf<keyof typeof OWN>;

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
export const tfOd = sampler({
  id: 'tf-od',
  title: 'TF Object Detection HardExampleMiner: NMS on decoded boxes',
  source: 'tensorflow/models research/object_detection/core/losses.py (HardExampleMiner)',
  scope: 'image',
  rule: {
    ranks: 'clsWeight * class + locWeight * box',
    nms: 'in each image, on decoded boxes',
    keeps: '`numHardExamples` in each image, then limits on its negatives',
  },
  looks: 'at losses',
  own: OWN,
  options: [
    'numHardExamples',
    'nmsThreshold',
    'rankBy',
    'clsWeight',
    'locWeight',
    'maxNegativesPerPositive',
    'minNegativesPerImage',
  ],
  budget: ['numHardExamples'],
  sample: (rois, config, last) => toSelection(mine(rois, config, false, last)),
  sampleHardest: (rois, config) => mine(rois, config, true),
});

function mine(rois: RoiTable, config: TfOdOptions, stopAtBudget: boolean, last?: LastSteps): Judged {
  const { rankBy, clsWeight, locWeight, nmsThreshold } = config;
  const budget = config.numHardExamples === 0 ? Infinity : config.numHardExamples;
  const limitOf = () => (stopAtBudget ? budget : Infinity);
  const rule = { threshold: nmsThreshold, pixelOffset: 0, limitOf } as const;
  const judged = judgeRows(rois, { rankBy, clsWeight, locWeight }, last);
  const images = orderByImage(rois, judged.order);
  for (const kept of suppressGroups(judged, regressedBoxes(rois), images, rule, last))
    selectRows(judged, limitNegatives(rois, kept.subarray(0, Math.min(budget, kept.length)), config));
  return judged;
}

/** `rows` without the negatives beyond the limit; order kept. */
function limitNegatives(rois: RoiTable, rows: Int32Array, config: TfOdOptions): Int32Array {
  if (config.maxNegativesPerPositive === 0) return rows;
  const isNegative = (row: number) => rois.gtClass[row] === rois.numClasses;
  const numPositives = rows.length - rows.filter(isNegative).length;
  const limit = Math.max(config.minNegativesPerImage, Math.trunc(config.maxNegativesPerPositive * numPositives));
  let numNegatives = 0;
  // Of what comes behind a probe it is not known whether it is among the first.
  return rows.filter((row) => isProbe(rois, row) || !isNegative(row) || ++numNegatives <= limit);
}
