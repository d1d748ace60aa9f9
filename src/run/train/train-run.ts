/** `ohem train`: data set -> training -> log, checkpoint each epoch, state to go on from. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { ChosenBatch, EpochPoint, StepsPoint } from '../../protocol/train-messages.js';
import { replaceFile } from '../../files/replacing.js';
import { reasonOf } from '../../engine/failure.js';
import { findBinding } from '../../engine/tfjs/tfjs-binding.js';
import { evaluateNetwork, type Precision } from '../../train/evaluate/evaluate.js';
import { saveNetwork } from '../../train/save-network.js';
import { startCpu, startTensorFlow, tensorMemory } from '../../train/network/tensorflow.js';
import { LOSS_KEYS, PHASES, Training, type StepReport } from '../../train/trainer.js';
import { loadState, saveState } from '../../train/training-state.js';
import { adviseTraining } from './advise-training.js';
import { chosenBatch } from './chosen-batch.js';
import type { TrainConfig } from './train-config.js';
import { imagesLine } from './images-line.js';
import { imageSource, openTrainingSet, type PlacedImageSource } from './train-images.js';
import { optionsOf } from './train-options.js';
import {
  CHECKPOINT_FOLDER,
  CHECKPOINT_RECORD,
  IMAGES_FILE,
  LOG_FILE,
  STATE_FILE,
} from '../../protocol/training-folder.js';
import { withTrainLock } from './train-lock.js';
import { checkOut, TrainingOutput } from './training-output.js';
import { startOf, type TrainStart } from './train-start.js';
import { WRITTEN_BY } from '../file/written-by.js';

/** A line of `log.jsonl`. */
export interface StepsLine extends StepsPoint {
  readonly learningRate: number;
  /** Losses of the proposal stage, nats. */
  readonly objectness: number;
  readonly proposalBox: number;
  /** Class and box loss of the trainable head over the selected RoIs, and their sum, nats. */
  readonly cls: number;
  readonly box: number;
  readonly selectedLoss: number;
  /** Mean loss of all RoIs by the read-only head, nats; under a sampler that does not look, of the last step alone. */
  readonly allRoiLoss: number;
  readonly bodyMs: number;
  /** The read-only head's forward, and its losses. */
  readonly readOnlyMs: number;
  readonly selectionMs: number;
  /** The trainable head's forward, all backward, update and sync. */
  readonly trainableMs: number;
  readonly rssMiB: number;
  readonly tensorMiB: number;
  readonly numTensors: number;
}

/** After each epoch; before the first step, too, where there is a validation split. */
export interface EpochLine extends EpochPoint {
  readonly elapsedSeconds: number;
  /** On the validation split; null where there is none, or this epoch is not evaluated. */
  readonly validation: Precision | null;
}

export type TrainLine = StepsLine | EpochLine;

export interface TrainCalls {
  tell(line: TrainLine): void;
  say(text: string): void;
  /** What each step chose; absent: nobody watches. */
  chosen?(batch: ChosenBatch): void;
}

export interface TrainResult {
  readonly state: 'finished' | 'stopped';
  readonly step: number;
}

/**
 * Trains as configured into `config.out`.
 * @param signal stops after the step that runs; state and last checkpoint stay.
 * @throws MiningError of whichever part does not fit, before anything is written; 'options' where another process
 * trains in the folder.
 */
export async function trainRun(
  config: TrainConfig,
  { resume, force }: { readonly resume: boolean; readonly force: boolean },
  calls: TrainCalls,
  signal: AbortSignal,
): Promise<TrainResult> {
  const dataset = await openTrainingSet(config.data);
  const validationSet = config.validation === undefined ? null : await openTrainingSet(config.validation);
  await checkOut(config, { resume, force });
  await startBackend(config.backend);
  const start = await startOf(config, dataset.classes);
  const images = await imageSource(dataset, config.data, start.classes, start.spec, calls.say);
  const validation =
    validationSet === null || config.validation === undefined
      ? null
      : await imageSource(validationSet, config.validation, start.classes, start.spec, calls.say);
  const training = new Training(start.spec, optionsOf(config, images.numImages), images, start.network);
  const { chosen } = calls;
  if (chosen !== undefined)
    training.onChosen = (choice) => chosen(chosenBatch(choice, images.placeOf, training.looks, start.classes));
  const fingerprint = fingerprintOf(config, dataset.sha256, images.numImages);
  const train = async () => {
    const output = await TrainingOutput.open(config.out, resume);
    try {
      if (resume) await loadState(output.state, training, fingerprint);
      await output.beginLines(training.step);
      return await new Run(config, output, start, training, validation, fingerprint, calls, signal).toEnd();
    } finally {
      await output.close();
    }
  };
  const begin = async () => {
    if (!resume) await adviseTraining(training, config, calls.say);
    return withTrainLock(config.out, train);
  };
  return begin().finally(() => training.dispose());
}

async function startBackend(backend: TrainConfig['backend']): Promise<void> {
  if (backend === 'cpu') return startCpu();
  const own = process.env['TFJS_NODE_PATH'];
  if (own !== undefined) return startTensorFlow(own);
  const binding = await findBinding().catch((error: unknown) => {
    throw new MiningError(
      'engine',
      'training',
      "TensorFlow's native binding (WASM cannot train convolutions)",
      reasonOf(error),
      { reason: 'no-tensorflow' },
    );
  });
  return startTensorFlow(binding.folder);
}

/** What must be the same when a training goes on; more epochs, another log or another folder may come. */
function fingerprintOf(config: TrainConfig, dataSha256: string, numImages: number): string {
  const {
    init,
    newHead,
    network,
    frozenBody,
    keepPooled,
    proposals,
    mining,
    classLoss,
    foregroundQuota,
    randomEpochs,
    bootstrap,
    anchorRule,
    imagesPerBatch,
    schedule,
    flip,
    seed,
    backend,
  } = config;
  const same = {
    init,
    // Options that are off count for nothing: trainings from before there were any go on.
    newHead: newHead || undefined,
    network,
    frozenBody,
    keepPooled: keepPooled || undefined,
    proposals,
    mining,
    classLoss: classLoss === 'cross-entropy' ? undefined : classLoss,
    foregroundQuota,
    randomEpochs: randomEpochs || undefined,
    bootstrap,
    anchorRule,
    imagesPerBatch,
    schedule: { ...schedule, epochs: 0 },
    flip,
    seed,
    backend,
  };
  return createHash('sha256')
    .update(JSON.stringify([same, dataSha256, numImages]))
    .digest('hex');
}

class Run {
  #reports: StepReport[] = [];
  readonly #startedAt = performance.now();

  constructor(
    readonly config: TrainConfig,
    readonly output: TrainingOutput,
    readonly start: TrainStart,
    readonly training: Training,
    readonly validation: PlacedImageSource | null,
    readonly fingerprint: string,
    readonly calls: TrainCalls,
    readonly signal: AbortSignal,
  ) {}

  get #numSteps(): number {
    return this.config.schedule.epochs * this.training.stepsPerEpoch;
  }

  async toEnd(): Promise<TrainResult> {
    const { training, config } = this;
    if (training.step === 0 && this.validation !== null) await this.#tellEpoch(true);
    while (training.step < this.#numSteps && !this.signal.aborted) {
      const isFirst = training.step === 0;
      const isDue = (training.step + 1) % config.logEvery === 0 || training.step + 1 === this.#numSteps;
      const report = finite(await training.runStep(isFirst || isDue));
      this.#reports.push(report);
      // Its losses were measured before any update: they stand at step 0, too.
      if (isFirst) await this.#write(stepsLine([report], 0, training, this.#numSteps));
      if (isDue) await this.#logSteps();
      if (training.step % training.stepsPerEpoch === 0) await this.#endEpoch();
      // Steps on the native backend never wait: without this Ctrl-C would not be heard.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (training.step % training.stepsPerEpoch !== 0) await this.#save(this.output.isWaiting);
    return { state: training.step < this.#numSteps ? 'stopped' : 'finished', step: training.step };
  }

  /** @param isWithCheckpoint an old training's would not belong to the state. */
  #save(isWithCheckpoint: boolean): Promise<void> {
    const { config, start, training, fingerprint } = this;
    return this.output.save(async (folder) => {
      await saveState(join(folder, STATE_FILE), training, fingerprint);
      if (isWithCheckpoint) await saveCheckpoint(join(folder, CHECKPOINT_FOLDER), config, start, training);
    });
  }

  async #endEpoch(): Promise<void> {
    const { training, config } = this;
    await this.#save(true);
    const epoch = training.step / training.stepsPerEpoch;
    await this.#tellEpoch(epoch % config.evaluateEvery === 0 || training.step === this.#numSteps);
  }

  /** @param isDue the network as it is now is evaluated. */
  async #tellEpoch(isDue: boolean): Promise<void> {
    const { step, stepsPerEpoch } = this.training;
    const epoch = step / stepsPerEpoch;
    const validation =
      isDue && this.validation !== null ? await this.#evaluate(this.validation, { step, epoch }) : null;
    const elapsedSeconds = (performance.now() - this.#startedAt) / 1000;
    await this.#write({ event: 'epoch', step, epoch, elapsedSeconds, validation });
  }

  /** Notes what it sees on each image. @returns null where it is stopped meanwhile. */
  async #evaluate(images: PlacedImageSource, at: Pick<EpochLine, 'step' | 'epoch'>): Promise<Precision | null> {
    const { training, config, start, signal } = this;
    try {
      const seen = await evaluateNetwork(training.network, start.spec, config.proposals, images, signal);
      await this.output.write(IMAGES_FILE, imagesLine({ ...at, classes: start.classes }, seen.images, images.placeOf));
      return seen.precision;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  async #logSteps(): Promise<void> {
    const line = stepsLine(this.#reports, this.training.step, this.training, this.#numSteps);
    this.#reports = [];
    await this.#write(line);
  }

  async #write(line: TrainLine): Promise<void> {
    await this.output.write(LOG_FILE, line);
    this.calls.tell(line);
  }
}

/** @throws MiningError 'mining' where a loss is not finite: no later step would repair it. */
function finite(report: StepReport): StepReport {
  const broken = LOSS_KEYS.find((key) => !Number.isFinite(report.losses[key]));
  if (broken === undefined) return report;
  throw new MiningError(
    'mining',
    said`${broken} loss of step ${report.step}`,
    'a finite number',
    String(report.losses[broken]),
    {
      todo: 'Lower schedule.learningRate or lengthen schedule.warmup; the last checkpoint stays',
      reason: 'not-finite',
    },
  );
}

function stepsLine(
  reports: readonly StepReport[],
  step: number,
  { stepsPerEpoch }: Training,
  numSteps: number,
): StepsLine {
  const mean = (value: (report: StepReport) => number) =>
    reports.reduce((sum, report) => sum + value(report), 0) / reports.length;
  const looked = reports.map(({ allRoiLoss }) => allRoiLoss).filter((loss) => !Number.isNaN(loss));
  const losses = Object.fromEntries(LOSS_KEYS.map((key) => [key, mean((report) => report.losses[key])])) as Record<
    (typeof LOSS_KEYS)[number],
    number
  >;
  const times = Object.fromEntries(
    PHASES.map((phase) => [`${phase}Ms`, mean((report) => report.elapsedMs[phase])]),
  ) as Record<`${(typeof PHASES)[number]}Ms`, number>;
  const numSelected = mean((report) => report.numSelected);
  const memory = tensorMemory();
  return {
    event: 'steps',
    step,
    numSteps,
    epoch: step / stepsPerEpoch,
    learningRate: reports.at(-1)?.learningRate ?? 0,
    ...losses,
    selectedLoss: losses.cls + losses.box,
    allRoiLoss: looked.reduce((sum, loss) => sum + loss, 0) / looked.length,
    numRois: mean((report) => report.numRois),
    numSelected,
    foregroundShare: numSelected === 0 ? null : mean((report) => report.numForeground) / numSelected,
    ...times,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    tensorMiB: memory.numBytes / 2 ** 20,
    numTensors: memory.numTensors,
  };
}

/** Writes the detector as a checkpoint, and what it was trained with. */
async function saveCheckpoint(
  folder: string,
  { out: _, ...config }: TrainConfig,
  { spec, classes }: TrainStart,
  training: Training,
): Promise<void> {
  await saveNetwork(folder, spec, classes, training.network);
  const record = `${JSON.stringify({ writtenBy: WRITTEN_BY, step: training.step, config }, null, 2)}\n`;
  await replaceFile({ path: join(folder, CHECKPOINT_RECORD), force: false }, (handle) => handle.writeFile(record));
}
