/** Data set x detector x engine -> one run file, image by image. */
import type { RunImage } from '../../arrow/encode-run.js';
import { voidFlatLosses } from '../../core/measure/flat-losses.js';
import { MiningError, show } from '../../core/mining-error.js';
import { imageAt } from '../../core/tables.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { failedImage, measuredImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import { measureImages } from './measure-images.js';
import type { ImageOutcome } from './measure-images.js';
import { classifyImages } from './mine-classification.js';
import { openInputs } from './mine-inputs.js';
import { measurePredictions } from './mine-predictions.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import type { MineInputs } from './run-inputs.js';
import { RunAppender } from '../file/run-appender.js';
import { RunOutput } from '../file/run-output.js';
import type { RunPlace } from '../file/run-output.js';
import { isOutOfMemory } from './out-of-memory.js';
import { startWatchdog, TIME_LIMIT_S } from './watchdog.js';
import type { Watchdog } from './watchdog.js';

/** So many images in a row that fail in the model, not in the image: the model is at fault. */
const MAX_MODEL_FAILURES = 5;

export interface MineResult {
  readonly state: 'done' | 'stopped';
  /** Images in the file, and how many of this session's failed. None: there is no file. */
  readonly numDone: number;
  readonly numFailed: number;
  /** Images in the file of which no loss is a number. */
  readonly numWithoutLoss: number;
  /** As `Detector.isGuess`. */
  readonly isGuess?: true;
}

/**
 * Mines a data set into `options.outPath`.
 *
 * An image that cannot be read or measured is a row with its `error`. The file is made when the first image has been
 * measured, so that a model that cannot run leaves nothing behind. Images that failed because the model had stopped to
 * work are not in the file: a resumed run measures them. A backend that is silent for `timeLimitS` ends the process.
 * @param emit facts for whoever watches; tables go into the file only.
 * @param signal stops after the image that is being measured; the file is finished.
 * @param threadEntry a module that calls `serveMeasureThread` in a worker thread: images are measured side by side
 * where it pays.
 * @throws MiningError when an input is wrong, the model fails on one image after the other, or the file cannot be
 * written; what is in the file stays.
 */
export async function mineRun(
  options: MineOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
  threadEntry: URL | null = null,
): Promise<MineResult> {
  const limit = checkLimit(options.timeLimitS);
  const output = await RunOutput.claim(placeOf(options));
  const watchdog = startWatchdog(limit, 'opening the checkpoint and the data set');
  try {
    const inputs = await openInputs(options, await backendOf(options, output), watchdog);
    const { warnings } = inputs.dataset;
    for (const text of warnings) emit({ event: 'log', level: 'warning', text });
    return await mineInputs(new Mining(options, output, inputs, emit, watchdog), inputs, threadEntry, signal);
  } finally {
    watchdog.stop();
    output.release();
  }
}

async function mineInputs(
  run: Mining,
  inputs: MineInputs,
  threadEntry: URL | null,
  signal?: AbortSignal,
): Promise<MineResult> {
  try {
    await run.open();
    const state = await run.mineImages(threadEntry, signal);
    return await run.finish(state);
  } catch (error) {
    run.fail(error);
    throw error;
  } finally {
    await run.close();
    await inputs.dispose();
  }
}

function placeOf({ outPath, force, resume, checkpointPath, datasetPath }: MineOptions): RunPlace {
  const inputs = [checkpointPath, datasetPath];
  return { outPath, force: force === true, resume, inputs, inputFolders: [checkpointPath] };
}

/** @throws MiningError 'options' */
function checkLimit(seconds = TIME_LIMIT_S): number {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new MiningError('options', 'time-limit', 'an integer in [0, 86400], in seconds', show(seconds));
}

/** A run never mixes backends: a resumed one goes on with its own. */
async function backendOf({ backend, resume }: MineOptions, output: RunOutput): Promise<string | null> {
  if (backend !== null || !resume) return backend;
  const manifest = await output.manifest();
  return manifest?.backend?.id ?? null;
}

/** The state of one run. */
class Mining {
  readonly #out: RunAppender;
  #numFailed = 0;
  #warnedOfFlat = false;
  #toldOfPages = false;
  /** Images since a model failure: whether it was the image or the model is not known yet. */
  #doubtful: { readonly index: number; readonly outcome: Failed }[] = [];
  #done: ReadonlySet<string> = new Set();
  readonly #numTotal: number;

  constructor(
    private readonly options: MineOptions,
    private readonly output: RunOutput,
    private readonly inputs: MineInputs,
    private readonly emit: (event: WorkerEvent) => void,
    private readonly watchdog: Watchdog,
  ) {
    const { numImages } = inputs.dataset.images;
    this.#numTotal = Math.min(options.limit ?? numImages, numImages);
    this.#out = new RunAppender(output, inputs.manifest, this.#numTotal, emit);
  }

  /** Takes up a run that is to be resumed. */
  async open(): Promise<void> {
    const { path, annotationPath } = this.inputs.dataset.images;
    await this.output.refuseInputs([...path, ...annotationPath]);
    if (this.options.resume) this.#done = await this.#out.resume();
    this.#out.tell('running');
  }

  async mineImages(threadEntry: URL | null, signal?: AbortSignal): Promise<'done' | 'stopped'> {
    const { inputs } = this;
    const { images } = inputs.dataset;
    const left = Array.from({ length: this.#numTotal }, (_, index) => index).filter(
      (index) => !this.#done.has(imageAt(images, index).id),
    );
    const warn = (text: string) => this.emit({ event: 'log', level: 'warning', text });
    const [next] = left;
    if (next !== undefined) this.#waitFor(imageAt(images, next).id);
    for await (const { index, outcome } of outcomes(inputs, left, warn, threadEntry)) {
      if (signal?.aborted === true) return 'stopped';
      this.#waitFor(`the image after ${imageAt(images, index).id}`);
      await this.#take(index, outcome);
    }
    await this.#settleDoubt();
    return 'done';
  }

  #waitFor(image: string): void {
    this.watchdog.at(`${this.inputs.manifest.backend?.id ?? 'backend'}, ${image}`);
  }

  async finish(state: 'done' | 'stopped'): Promise<MineResult> {
    await this.#out.finish(state);
    const { numDone, numWithoutLoss } = this.#out;
    const guess = 'detector' in this.inputs && this.inputs.detector.isGuess === true ? { isGuess: true as const } : {};
    return { state, numDone, numFailed: this.#numFailed, numWithoutLoss, ...guess };
  }

  fail(error: unknown): void {
    this.#out.tell('failed', error instanceof Error ? error.message : String(error));
  }

  async close(): Promise<void> {
    await this.#out.close();
  }

  /** @throws what the model threw, when it failed on the very first image or on one after the other. */
  async #take(index: number, outcome: Outcome): Promise<void> {
    if ('measured' in outcome) {
      await this.#settleDoubt();
      const image = measuredImage(this.inputs, index, outcome.measured);
      this.#voidFlat(image);
      if (outcome.measured.hasMorePages) this.#tellOfPages(image.summary.id);
      return this.#out.add(image);
    }
    if (outcome.of === 'image' && this.#doubtful.length === 0) return this.#out.add(this.#failed(index, outcome.error));
    this.#doubtful.push({ index, outcome });
    const numOfModel = this.#doubtful.filter((each) => each.outcome.of === 'model').length;
    if (this.#out.isEmpty || numOfModel >= MAX_MODEL_FAILURES)
      throw gaveUp(outcome.error, imageAt(this.inputs.dataset.images, index).id);
  }

  /** Says once, at the first such image, that losses are no measurement. */
  #voidFlat({ rois, summary }: RunImage): void {
    const flat = voidFlatLosses(rois);
    if (flat === null || this.#warnedOfFlat) return;
    this.#warnedOfFlat = true;
    this.#out.warn(
      `every background RoI of ${summary.id} has the loss ${flat.toFixed(3)}: a constant or saturated score or ` +
        'objectness (all 0, all 1). Such losses are not ranked; a contract can leave the column out',
    );
  }

  #tellOfPages(id: string): void {
    if (this.#toldOfPages) return;
    this.#toldOfPages = true;
    this.#out.warn(`${id} has several pages: of such files the first is measured`);
  }

  /** The model works: the images that failed were at fault themselves. */
  async #settleDoubt(): Promise<void> {
    for (const { index, outcome } of this.#doubtful.splice(0)) await this.#out.add(this.#failed(index, outcome.error));
  }

  #failed(index: number, error: unknown): RunImage {
    this.#numFailed++;
    const image = failedImage(this.inputs, index, error);
    this.emit({ event: 'log', level: 'warning', text: image.summary.error });
    return image;
  }
}

/** Each image in turn, by whatever gives its boxes and scores. */
function outcomes(
  inputs: MineInputs,
  left: readonly number[],
  warn: (text: string) => void,
  threadEntry: URL | null,
): AsyncGenerator<ImageOutcome> {
  if ('predictions' in inputs) return measurePredictions(inputs, left);
  return 'classifier' in inputs ? classifyImages(inputs, left, warn) : measureImages(inputs, left, threadEntry);
}

type Failed = Extract<Outcome, { readonly error: unknown }>;

/** No backend is changed without the person's word: a run never mixes them. */
function gaveUp(error: unknown, id: string): unknown {
  if (!isOutOfMemory(error)) return error;
  const received =
    error instanceof MiningError ? error.received : error instanceof Error ? error.message : String(error);
  const todo = 'Free memory and resume, or mine anew with another backend';
  return new MiningError('engine', `image ${id}`, 'memory enough for one image', received, { todo });
}
