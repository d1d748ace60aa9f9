/** A training's folder as the editor reads and writes it; the rest of it is the engine process's (docs/training.md). */
import { mkdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import * as v from 'valibot';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { PRESET_IDS } from '../../core/mining/samplers/index.js';
import { replaceFile } from '../../files/replacing.js';
import type { Target } from '../../files/target.js';
import { presetText, resolveConfig } from '../../core/mining/select.js';
import { check } from '../../protocol/check.js';
import { trainConfig, type TrainConfigFile } from '../../protocol/train-config.js';
import type { TrainingFacts, TrainingPoint } from '../../protocol/train-messages.js';
import {
  CHECKPOINT_FOLDER,
  CHECKPOINT_RECORD,
  LOG_FILE,
  READY_FOLDER,
  STATE_FILE,
  writerOf,
} from '../../protocol/training-folder.js';
import { MAX_BYTES, readText } from '../../files/reading.js';

/** The configuration, as `ohem train --config` takes it. */
export const CONFIG_FILE = 'train.json';
/** What the editor remembers beside it. */
const BEFORE_FILE = 'before.json';

/** Keys that `ohem train` has defaults for and the editor always writes, because it reads them again. */
const readAgain = v.object({
  init: v.string(),
  sampler: v.object({ preset: v.picklist(PRESET_IDS) }),
  imagesPerBatch: v.number(),
  schedule: v.object({ learningRate: v.number() }),
});
/** What the editor writes of docs/training.md. */
export type EditorTrainConfig = TrainConfigFile & v.InferInput<typeof readAgain>;

/** What a training came from. */
const beforeFile = v.object({
  /** Path of the run whose hard examples it trains on. */
  run: v.string(),
  classes: v.pipe(v.array(v.string()), v.readonly()),
  /** What mAP is measured on, for a person; '' none. */
  validation: v.string(),
});
export type BeforeFile = v.InferOutput<typeof beforeFile>;

export interface TrainFolder {
  readonly out: string;
  readonly config: EditorTrainConfig;
  readonly before: BeforeFile | null;
  readonly points: readonly TrainingPoint[];
}

/**
 * Writes what a training is to do; its folder is there afterwards.
 * @throws MiningError 'options' where files of these names are somebody else's.
 */
export async function writeTrainFolder(out: string, config: EditorTrainConfig, before: BeforeFile): Promise<void> {
  await mkdir(out, { recursive: true });
  const force = isOurs(await readJson(join(out, CONFIG_FILE)));
  await write({ path: join(out, BEFORE_FILE), force }, before);
  await write({ path: join(out, CONFIG_FILE), force }, config);
}

/** Replaces the configuration. */
export function writeConfig(out: string, config: EditorTrainConfig): Promise<void> {
  return write({ path: join(out, CONFIG_FILE), force: true }, config);
}

/** @throws MiningError 'options' where there is no configuration, or that names the first key which does not fit. */
export async function readTrainFolder(out: string): Promise<TrainFolder> {
  const file = join(out, CONFIG_FILE);
  const config = await readJson(file);
  if (config === null) {
    const expected = said`a folder with ${CONFIG_FILE}, written by "Train With Hard Examples…"`;
    throw new MiningError('options', 'training', expected, 'none', { file: out });
  }
  checkConfig(config, file);
  const before = v.safeParse(beforeFile, await readJson(join(out, BEFORE_FILE)));
  return { out, config, before: before.success ? before.output : null, points: await readPoints(out) };
}

function isOurs(config: unknown): boolean {
  return v.is(trainConfig, config) && v.is(readAgain, config);
}

function checkConfig(config: unknown, file: string): asserts config is EditorTrainConfig {
  check(trainConfig, config, 'configuration', file);
  check(readAgain, config, 'configuration', file);
}

/** Lines of the log; a last one that is not whole is left out. */
export async function readPoints(out: string): Promise<TrainingPoint[]> {
  const text = await readText(join(out, LOG_FILE), MAX_BYTES).catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as TrainingPoint];
    } catch {
      return [];
    }
  });
}

/** What the folder has to go on with. */
export interface FolderState {
  readonly canResume: boolean;
  readonly hasCheckpoint: boolean;
  /** The process that writes into it; null: none that is alive. */
  readonly writer: number | null;
}

export async function folderState(out: string): Promise<FolderState> {
  const there = (name: string) =>
    stat(join(out, name)).then(
      () => true,
      () => false,
    );
  return {
    canResume: (await there(STATE_FILE)) || (await there(join(READY_FOLDER, STATE_FILE))),
    hasCheckpoint: await there(join(CHECKPOINT_FOLDER, 'ohem.json')),
    writer: await writerOf(out),
  };
}

/** The checkpoint of a training, and the step that it was saved at; null unknown. */
export async function trainedCheckpoint(
  out: string,
): Promise<{ readonly path: string; readonly step: number | null; readonly savedAt: number }> {
  const path = join(out, CHECKPOINT_FOLDER);
  const record = join(path, CHECKPOINT_RECORD);
  const saved = v.safeParse(v.object({ step: v.number() }), await readJson(record));
  return {
    path,
    step: saved.success ? saved.output.step : null,
    savedAt: await stat(record).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  };
}

/** The sampler's configuration as a training has it. @throws MiningError 'options' */
export function miningOf({ sampler, imagesPerBatch }: EditorTrainConfig): MiningConfig {
  const { preset, ...options } = sampler;
  return resolveConfig(preset, { ...options, imagesPerBatch });
}

/** What a person is told of a training. @throws MiningError 'options' */
export function factsOf({ out, config, before }: Pick<TrainFolder, 'out' | 'config' | 'before'>): TrainingFacts {
  const mining = miningOf(config);
  return {
    name: basename(out),
    out,
    checkpoint: resolve(out, config.init),
    data: resolve(out, config.data.path),
    validation: before?.validation ?? '',
    classes: before?.classes ?? [],
    mining,
    sampler: presetText(mining),
    epochs: config.schedule.epochs,
    learningRate: config.schedule.learningRate,
    frozenBody: config.frozenBody === true,
  };
}

/** null: not there, or no JSON. */
async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(file));
  } catch {
    return null;
  }
}

function write(target: Target, value: object): Promise<void> {
  return replaceFile(target, (handle) => handle.writeFile(`${JSON.stringify(value, null, 2)}\n`));
}
