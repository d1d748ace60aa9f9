/** Checks the manifest that stands in a run file: the file may come from anywhere. */
import * as v from 'valibot';
import { ASSIGNER_IDS, CLS_LOSS_IDS, LOC_LOSS_IDS } from '../core/losses/detector-output.js';
import { MiningError, show } from '../core/mining-error.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { checkOption, checkPreset, DEFAULT_CONFIG, OPTION_KEYS } from '../core/mining/mining-options.js';
import type { RunManifest } from '../core/facts/run-manifest.js';
import { RUN_FORMAT_VERSION } from '../core/facts/run-manifest.js';
import { ROI_BOX_IDS } from '../core/tables.js';

/** `topClass` is an int16 column. */
const MAX_CLASSES = 32_767;

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
  numImages: count,
  sha256: v.string(),
});
const MEASURE = v.object({
  assigner: v.picklist(ASSIGNER_IDS),
  clsLoss: v.picklist(CLS_LOSS_IDS),
  locLoss: v.picklist(LOC_LOSS_IDS),
  fgThreshold: v.number(),
  bgThreshold: v.number(),
  lowQualityMatches: v.boolean(),
  ignoreThreshold: v.number(),
  sigma: v.number(),
  roiBox: v.picklist(ROI_BOX_IDS),
  scoreForm: v.object({
    activation: v.picklist(['softmax', 'sigmoid']),
    given: v.picklist(['logits', 'probabilities']),
  }),
});
const MANIFEST = v.object({
  ohemRun: v.literal(RUN_FORMAT_VERSION),
  task: v.picklist(['detection', 'classification']),
  createdAt: v.string(),
  writtenBy: v.string(),
  precision: v.picklist(['float32', 'float64']),
  classes: v.pipe(texts, v.maxLength(MAX_CLASSES)),
  lossSource: v.picklist(['proxy', 'training']),
  checkpoint: v.nullable(CHECKPOINT),
  backend: v.nullable(BACKEND),
  dataset: DATASET,
  measure: v.nullable(MEASURE),
  mining: v.record(v.string(), v.unknown()),
  notes: texts,
});

/**
 * Reads a manifest from its JSON.
 * @throws MiningError 'run-file' that names the field.
 */
export function parseManifest(json: string): RunManifest {
  const checked = v.safeParse(MANIFEST, parseJson(json));
  if (checked.success) return { ...checked.output, mining: parseMining(checked.output.mining) };
  const [issue] = checked.issues;
  const where = v.getDotPath(issue);
  throw new MiningError(
    'run-file',
    where === null ? 'manifest' : `manifest.${where}`,
    issue.expected ?? issue.message,
    issue.received,
  );
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new MiningError('run-file', 'manifest', 'JSON', show(json, 40));
  }
}

/** An option that is younger than the file has its default; one that is no more is left out. */
function parseMining(mining: Readonly<Record<string, unknown>>): MiningConfig {
  try {
    const options = OPTION_KEYS.map((key) => [
      key,
      checkOption(key, mining[key] === undefined ? DEFAULT_CONFIG[key] : mining[key]),
    ]);
    return { preset: checkPreset(mining['preset']), ...Object.fromEntries(options) };
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    throw new MiningError('run-file', `manifest.mining.${error.where}`, error.expected, error.received);
  }
}
