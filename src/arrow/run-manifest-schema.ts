/** Checks the manifest that stands in a run file: the file may come from anywhere. */
import * as v from 'valibot';
import { FAST_RCNN_MEASURE, MEASURE_KEYS, resolveMeasure } from '../core/measure/measure-config.js';
import type { MeasureConfig } from '../core/measure/measure-config.js';
import { MiningError, show } from '../core/mining-error.js';
import { said } from '../core/said.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { checkOption, checkPreset, DEFAULT_CONFIG, OPTION_KEYS } from '../core/mining/mining-options.js';
import type { LossSource, RunManifest, RunMeasure } from '../core/facts/run-manifest.js';
import { LOSS_SOURCES, RUN_FORMAT_VERSIONS } from '../core/facts/run-manifest.js';
import { MAX_CLASSES, type Task } from '../core/tables.js';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.array(v.string());

const CHECKPOINT = v.object({
  path: v.string(),
  family: v.string(),
  sha256: v.string(),
  inputWidth: count,
  inputHeight: count,
});
const BACKEND = v.object({ id: v.string(), version: v.string(), device: v.string(), refused: texts });
const DATASET = v.object({
  kind: v.string(),
  path: v.string(),
  imageRoot: v.string(),
  split: v.nullable(v.string()),
  boxOrigin: v.exactOptional(v.picklist([0, 1])),
  columns: v.exactOptional(v.record(v.string(), v.string())),
  classMap: v.exactOptional(v.record(v.string(), v.nullable(v.string()))),
  numImages: count,
  shard: v.exactOptional(v.object({ index: count, count: v.pipe(count, v.minValue(1)), numImages: count })),
  shardsIn: v.exactOptional(v.string()),
  sha256: v.string(),
});
const SCORE_FORM = v.object({
  activation: v.picklist(['softmax', 'sigmoid']),
  given: v.picklist(['logits', 'probabilities']),
});
const anything = v.record(v.string(), v.unknown());
const MANIFEST = v.object({
  ohemRun: v.picklist(RUN_FORMAT_VERSIONS),
  task: v.picklist(['detection', 'classification']),
  createdAt: v.string(),
  writtenBy: v.string(),
  precision: v.picklist(['float32', 'float64']),
  classes: v.pipe(texts, v.maxLength(MAX_CLASSES)),
  lossSource: v.picklist(Object.keys(LOSS_SOURCES) as LossSource[]),
  checkpoint: v.nullable(CHECKPOINT),
  backend: v.nullable(BACKEND),
  dataset: DATASET,
  measure: v.nullable(v.looseObject({ scoreForm: SCORE_FORM })),
  mining: anything,
  keepRois: v.exactOptional(v.pipe(count, v.minValue(1))),
  notes: texts,
  remined: v.exactOptional(v.array(v.object({ at: v.string(), numImages: count, images: texts }))),
});

/**
 * Reads a manifest from its JSON.
 * @throws MiningError 'run-file' that names the field.
 */
export function parseManifest(json: string): RunManifest {
  const checked = v.safeParse(MANIFEST, parseJson(json));
  if (!checked.success) {
    const [issue] = checked.issues;
    const where = v.getDotPath(issue);
    throw new MiningError(
      'run-file',
      where === null ? 'manifest' : `manifest.${where}`,
      issue.expected ?? issue.message,
      issue.received,
    );
  }
  const { task, measure, mining, ...facts } = checked.output;
  if (facts.ohemRun === 3 && task !== 'classification')
    throw new MiningError('run-file', 'manifest.task', 'classification', show(task));
  return { ...facts, ...parseMeasure(task, measure), mining: within('mining', () => parseMining(mining)) };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new MiningError('run-file', 'manifest', 'JSON', show(json, 40));
  }
}

type Given = Readonly<Record<string, unknown>>;

/**
 * Files of 0.1.0 keep a detector's configuration beside a classifier's class loss: it says nothing, and is left out.
 */
function parseMeasure(task: Task, given: v.InferOutput<typeof MANIFEST>['measure']): RunMeasure {
  if (task === 'classification')
    return { task, measure: given && { clsLoss: 'cross-entropy', scoreForm: given.scoreForm } };
  if (given === null) return { task, measure: null };
  return { task, measure: { ...within('measure', () => parseDetection(given)), scoreForm: given.scoreForm } };
}

/** As `parseMining`. */
function parseDetection(given: Given): MeasureConfig {
  return resolveMeasure(FAST_RCNN_MEASURE, Object.fromEntries(MEASURE_KEYS.map((key) => [key, given[key]])));
}

/** An option that is younger than the file has its default; one that is no more is left out. */
function parseMining(given: Given): MiningConfig {
  const options = OPTION_KEYS.map((key) => [
    key,
    checkOption(key, given[key] === undefined ? DEFAULT_CONFIG[key] : given[key]),
  ]);
  return { preset: checkPreset(given['preset']), ...Object.fromEntries(options) };
}

/** Whatever `parse` refuses is refused as a part of the file. */
function within<T>(part: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    throw new MiningError('run-file', said`manifest.${part}.${error.where}`, error.expected, error.received);
  }
}
