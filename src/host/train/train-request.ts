/** From a mined run and a person's answers to the configuration of a training. */
import { basename } from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { samplerOf } from '../../core/mining/samplers/index.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { TrainConfigFile } from '../../protocol/train-config.js';
import type { TrainAnswers, ValidationChoice } from './train-inputs.js';
import type { BeforeFile, EditorTrainConfig } from './train-folder.js';

/** Points of a curve that a person still tells apart. */
const NUM_POINTS = 400;
/** Share of the steps over which the learning rate rises, at most MAX_WARMUP of them. */
const WARMUP_SHARE = 0.1;
const MAX_WARMUP = 100;

/**
 * @param init folder of the checkpoint.
 * @param backend null: TensorFlow's native binding.
 */
export function trainConfig(
  { dataset }: Pick<RunManifest, 'dataset'>,
  init: string,
  answers: TrainAnswers,
  backend: TrainConfigFile['backend'] | null,
): EditorTrainConfig {
  const { mining, epochs, learningRate, frozenBody, validation } = answers;
  const numSteps = epochs * Math.ceil(dataset.numImages / mining.imagesPerBatch);
  const data = placeOf(dataset, dataset.split);
  const measured = validationPlace(dataset, validation);
  return {
    data,
    ...(measured === null ? {} : { validation: measured }),
    init,
    sampler: samplerOptions(mining),
    imagesPerBatch: mining.imagesPerBatch,
    schedule: { epochs, learningRate, warmup: Math.min(MAX_WARMUP, Math.ceil(numSteps * WARMUP_SHARE)) },
    frozenBody,
    // Bootstrap remembers RoIs by their place.
    ...(samplerOf(mining.preset).looks === 'in rounds' ? { flip: false } : {}),
    logEvery: Math.max(1, Math.min(20, Math.ceil(numSteps / NUM_POINTS))),
    ...(backend === null ? {} : { backend }),
    out: '.',
  };
}

/** What the editor remembers of where a training came from. */
export function beforeFile(
  runPath: string,
  { classes, dataset }: Pick<RunManifest, 'classes' | 'dataset'>,
  { validation }: TrainAnswers,
): BeforeFile {
  return { run: runPath, classes, validation: validationText(dataset, validation) };
}

/** Only what the preset reads; images a minibatch have a key of their own. */
function samplerOptions(mining: MiningConfig): EditorTrainConfig['sampler'] {
  const { options } = samplerOf(mining.preset);
  return {
    preset: mining.preset,
    ...Object.fromEntries(options.filter((key) => key !== 'imagesPerBatch').map((key) => [key, mining[key]])),
  };
}

function placeOf({ path, imageRoot, boxOrigin, columns }: RunManifest['dataset'], split: string | null) {
  const told = { ...(boxOrigin !== undefined && { boxOrigin }), ...(columns && { columns }) };
  return { path, images: imageRoot, ...(split === null ? {} : { split }), ...told };
}

function validationPlace(dataset: RunManifest['dataset'], choice: ValidationChoice): TrainConfigFile['data'] | null {
  if (choice.on === 'none') return null;
  if (choice.on === 'data') return { path: choice.path };
  return placeOf(dataset, choice.on === 'split' ? choice.split : dataset.split);
}

function validationText({ path }: RunManifest['dataset'], choice: ValidationChoice): string {
  if (choice.on === 'none') return '';
  if (choice.on === 'data') return basename(choice.path);
  return choice.on === 'training' ? 'the training images' : `${basename(path)}, split ${choice.split}`;
}

/** Numbers that came from another extension. @throws MiningError 'options' */
export function checkSchedule(epochs: unknown, learningRate: unknown): void {
  if (!(Number.isInteger(epochs) && Number(epochs) >= 1))
    throw new MiningError('options', 'epochs', 'an integer of at least 1', show(epochs));
  if (!(typeof learningRate === 'number' && Number.isFinite(learningRate) && learningRate > 0))
    throw new MiningError('options', 'learningRate', 'a number above 0', show(learningRate));
}
