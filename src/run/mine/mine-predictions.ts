/** Detections of a file in place of a checkpoint: measured against ground truth without a model. */
import { DETECTIONS_FORM, DETECTIONS_MEASURE, measureDetections } from '../../core/measure/measure-detections.js';
import { resolveMeasure } from '../../core/measure/measure-config.js';
import type { Dataset } from '../../dataset/dataset.js';
import { imageSize } from '../../dataset/pixels/decode-image.js';
import type { PredictionFormat } from '../../dataset/predictions/prediction-format.js';
import { detectionsOf } from '../../dataset/predictions/detection-rows.js';
import { openPredictions } from '../../dataset/predictions/registry.js';
import { relabel, withIgnored } from '../../dataset/rows/class-mapping.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import { imageTask, stampOf } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import type { ImageOutcome } from './measure-images.js';
import { minedManifest } from './run-inputs.js';
import type { PredictionInputs } from './run-inputs.js';

/** What every run of predictions says of itself. */
const MISSING =
  'detections only: candidates that NMS or a threshold took away and the scores of other classes are not known; an ' +
  'object that no detection overlaps has no RoI';

/**
 * Reads predictions over a data set that is open already.
 * @throws MiningError 'dataset' or 'options', of whichever part does not fit.
 */
export async function openDetections(
  format: PredictionFormat,
  options: MineOptions,
  dataset: Dataset,
): Promise<PredictionInputs> {
  const predictions = await openPredictions(format, options.checkpointPath, dataset, options.classMap);
  const { path, sha256, notes, warnings } = predictions;
  const measure = resolveMeasure(DETECTIONS_MEASURE, options.measure);
  const mapping = withIgnored(predictions.mapping, dataset.gts);
  const warned = { ...dataset, warnings: [...warnings, ...dataset.warnings] };
  const manifest = minedManifest(options, warned, {
    task: 'detection',
    lossSource: 'predictions',
    measure: { ...measure, scoreForm: DETECTIONS_FORM },
    checkpoint: { path, family: predictions.format, sha256, inputWidth: 0, inputHeight: 0 },
    backend: null,
    mapping,
    mining: options.mining,
    notes: [MISSING, ...notes],
  });
  const gts = relabel(dataset.gts, mapping.map);
  return { predictions, measure, dataset: warned, gts, manifest, dispose: () => Promise.resolve() };
}

/** Measures the detections of each image; its pixels are not read. Never throws. */
export async function* measurePredictions(
  inputs: PredictionInputs,
  indices: readonly number[],
): AsyncGenerator<ImageOutcome> {
  for (const index of indices) yield { index, outcome: await measureOne(inputs, index) };
}

async function measureOne(inputs: PredictionInputs, index: number): Promise<Outcome> {
  const { predictions, measure, manifest } = inputs;
  const { path, gts, ...annotated } = imageTask(inputs, index);
  try {
    const stamp = await stampOf(path);
    const { width, height } = annotated.width > 0 ? annotated : await imageSize(path);
    const detections = detectionsOf(predictions.table, predictions.classOf, manifest.classes.length, index);
    const rois = measureDetections(detections, gts, measure, { width, height });
    return { measured: { width, height, stamp, hasMorePages: false, rois } };
  } catch (error) {
    return { error, of: 'image' };
  }
}
