/** From what the network did to what mining decides: RoiTable + MiningConfig -> Selection. */
import { MiningError, show } from '../mining-error.js';
import { said, type Phrase } from '../said.js';
import { checkOption, checkPreset, DEFAULT_CONFIG, OPTION_KEYS } from './mining-options.js';
import type { MiningConfig, OptionKey } from './mining-options.js';
import { flagOf } from '../option-specs.js';
import { wholeWithoutProbes, withoutProbes, withProbes } from './probes.js';
import type { PresetId } from './samplers/index.js';
import { samplerOf } from './samplers/index.js';
import { selectedRows, type LastSteps } from './samplers/judge.js';
import type { HardestSelection } from './samplers/sampler.js';
import type { Task, RoiTable, Selection } from '../tables.js';

/**
 * Decides one minibatch by the configuration's preset.
 * @param rois R rows of one minibatch; ranks, and minibatch budgets, are over all of them. Zero rows give zero rows.
 * @param config as `resolveConfig` gives it.
 * Of images that are kept in part, ranks count the RoIs that are rows, and one that is easier than the hardest that is
 * not reads below budget unless a harder row suppresses it.
 * @param last what the last decision found on its way, kept up to date: only what changed is decided anew. Images that
 * are kept in part have few rows, and are decided anew.
 * @throws MiningError 'mining' where the rows are not ordered by image, or the answer needs RoIs that are no rows.
 * Cost: linear in R, but for mining NMS (mining-nms.ts).
 */
export function selectHardExamples(rois: RoiTable, config: MiningConfig, last?: LastSteps): Selection {
  const { sample } = samplerOf(config.preset);
  if (last !== undefined && last.preset !== config.preset) {
    last.preset = config.preset;
    last.ranked = last.suppressed = null;
  }
  if (rois.rests === undefined) return sample(rois, config, last);
  const probed = withProbes(rois);
  return wholeWithoutProbes(probed, sample(probed.rois, config));
}

/**
 * As `selectHardExamples`, where nobody asks what became of the rows that are not selected: a summary, a training step.
 * Stops as soon as the budget is filled.
 * @throws as `selectHardExamples`.
 */
export function selectHardest(rois: RoiTable, config: MiningConfig): HardestSelection {
  const { sampleHardest } = samplerOf(config.preset);
  if (sampleHardest === undefined) return selectHardExamples(rois, config);
  if (rois.rests === undefined) return sampleHardest(rois, config);
  const probed = withProbes(rois);
  return withoutProbes(probed, sampleHardest(probed.rois, config));
}

/** The rows of `selectHardest`, hardest first over the minibatch. */
export function selectHardestRows(rois: RoiTable, config: MiningConfig): Int32Array {
  return selectedRows(selectHardest(rois, config));
}

/**
 * A whole configuration: the options' defaults, then the preset's own, then what is given.
 * @param given options by key; undefined stands for "not given".
 * @throws MiningError 'options' for an unknown preset or option, or a value out of its range.
 */
export function resolveConfig(
  preset: PresetId,
  given: Readonly<Partial<Record<OptionKey, unknown>>> = {},
): MiningConfig {
  const sampler = samplerOf(checkPreset(preset));
  const checked: Record<string, number | string | null> = {};
  for (const [key, value] of Object.entries(given)) {
    const option = OPTION_KEYS.find((known) => known === key);
    if (option === undefined)
      throw new MiningError('options', show(key), said`one of ${OPTION_KEYS.join(', ')}`, 'an unknown option');
    if (value !== undefined) checked[option] = checkOption(option, value);
  }
  return Object.freeze({ ...DEFAULT_CONFIG, ...sampler.defaults, ...checked, preset });
}

/** The option that says how many RoIs train; null where no single one does. */
export function budgetOption(config: MiningConfig): OptionKey | null {
  const { budget } = samplerOf(config.preset);
  return budget.find((key) => config[key] !== null) ?? budget.at(-1) ?? null;
}

/** `paper · B/N 128/2`, `mmdet · num 512`: the preset and its budget. */
export function presetText(config: MiningConfig): string {
  const { preset, batchSize, imagesPerBatch } = config;
  const key = budgetOption(config);
  if (key === null || config[key] === null) return preset;
  if (key === 'batchSize') return `${preset} · B/N ${batchSize}/${imagesPerBatch}`;
  return `${preset} · ${flagOf(key).replaceAll('-', ' ')} ${config[key]}`;
}

/** Images of a minibatch of classification: a share of it is kept, so it must be more than a few. */
const EXAMPLES_PER_BATCH = 128;

/** As `resolveConfig`, of a run of a task: minibatches of classification are larger where nobody says how large. */
export function presetConfig(task: Task, preset: PresetId, given: Parameters<typeof resolveConfig>[1] = {}) {
  const { imagesPerBatch = task === 'classification' ? EXAMPLES_PER_BATCH : undefined } = given;
  return resolveConfig(preset, { ...given, imagesPerBatch });
}

/** The configuration of a task where a person has chosen none: `paper`; for classification `top-rate`. */
export function defaultConfig(task: Task): MiningConfig {
  return presetConfig(task, task === 'detection' ? 'paper' : 'top-rate');
}

/** What a run says of the RoIs that it keeps: `RunManifest`. */
interface KeptFacts {
  readonly keepRois?: number;
  readonly mining: MiningConfig;
}

/** Whether a run may keep some RoIs of an image only: one whose own preset looks at no loss keeps all. */
export function keepsHardest({ keepRois, mining }: KeptFacts): boolean {
  return keepRois !== undefined && samplerOf(mining.preset).looks !== 'blind';
}

/** What a person should know where a preset draws among the RoIs that a run keeps; '' where it looks, or has all. */
export function drawNote({ preset }: MiningConfig, run: KeptFacts): Phrase {
  if (!keepsHardest(run) || samplerOf(preset).looks !== 'blind') return '';
  const where = said`${preset} draws background from the sample of its RoIs that the run keeps of an image`;
  return said`${where}: with the same chances as from all, but other ones`;
}

/**
 * What a person should know where B is not a multiple of N: floor(B / N) RoIs an image leave a remainder.
 * '' where there is none, a keep rate decides, or the preset does not divide B by N.
 */
export function remainderNote(config: MiningConfig): Phrase {
  const { batchSize, imagesPerBatch, keepRate } = config;
  const remainder = batchSize % imagesPerBatch;
  const { scope, options } = samplerOf(config.preset);
  const divides = scope === 'image' && options.includes('imagesPerBatch');
  if (keepRate !== null || remainder === 0 || !divides) return '';
  const each = Math.floor(batchSize / imagesPerBatch);
  const division = said`batch size ${batchSize} over ${imagesPerBatch} images is ${each} RoIs an image`;
  return said`${division}; ${remainder} of the batch stay unused`;
}
