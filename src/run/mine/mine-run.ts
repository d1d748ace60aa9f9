/** Data set x detector x engine -> one run file, image by image. */
import type { RunImage } from '../../arrow/encode-run.js';
import { hasNoFiniteLoss } from '../../core/facts/run-manifest.js';
import { voidFlatLosses } from '../../core/measure/flat-losses.js';
import { MiningError, phraseOf, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { imageAt, NONE } from '../../core/tables.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { failedImage, measuredImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import { measureImages } from './measure-images.js';
import type { ImageOutcome } from './measure-images.js';
import { classifyImages } from './mine-classification.js';
import { openInputs } from './mine-inputs.js';
import { measurePredictions } from './mine-predictions.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import { placesOf } from './run-inputs.js';
import type { MineInputs } from './run-inputs.js';
import { withRun } from '../file/read-run.js';
import { RunAppender } from '../file/run-appender.js';
import { RunOutput } from '../file/run-output.js';
import type { RunPlace } from '../file/run-output.js';
import type { RunReader } from '../file/run-store.js';
import { keptImage, planRemine } from './remine.js';
import type { Remine } from './remine.js';
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
  /** Of a run that was mined anew in part: images that were measured, and those left out as the data set lacks them. */
  readonly remined?: { readonly numAnew: number; readonly numGone: number };
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
 * With `remine` the old run stays as it is until the new one has its place, whatever happens on the way.
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
  if (options.remine !== undefined) await withRun(options.outPath, () => Promise.resolve());
  const output = await RunOutput.claim(placeOf(options));
  const watchdog = startWatchdog(limit, 'opening the checkpoint and the data set');
  try {
    const inputs = await openInputs(await asBegun(options, output), watchdog);
    const { warnings } = inputs.dataset;
    for (const text of warnings) emit({ event: 'log', level: 'warning', text });
    const mining = (of: MineInputs, renewal: Renewal | null = null) =>
      mineInputs(new Mining(options, output, of, emit, watchdog, renewal), of, threadEntry, signal);
    if (options.remine === undefined) return await mining(inputs);
    const { remine } = options;
    return await withRun(options.outPath, async (run) => {
      const plan = await openPlan(run, inputs, remine, output, watchdog);
      if (plan.anew.length + plan.numGone > 0) return mining({ ...inputs, manifest: plan.manifest }, { run, plan });
      await inputs.dispose();
      return unchanged(run);
    });
  } finally {
    watchdog.stop();
    output.release();
  }
}

/** A run that is mined anew in part, and how. */
interface Renewal {
  readonly run: RunReader;
  readonly plan: Remine;
}

/** Lets go of the inputs where there is no plan. @throws MiningError as `planRemine`, or of another run beside it */
async function openPlan(
  run: RunReader,
  inputs: MineInputs,
  wanted: 'changed' | readonly string[],
  output: RunOutput,
  watchdog: Watchdog,
): Promise<Remine> {
  try {
    await output.refuseOther(run.manifest);
    return await planRemine(run, inputs, wanted, () => watchdog.at(null));
  } catch (error) {
    await inputs.dispose();
    throw error;
  }
}

function unchanged({ images }: RunReader): MineResult {
  const numWithoutLoss = images.filter(hasNoFiniteLoss).length;
  return { state: 'done', numDone: images.length, numFailed: 0, numWithoutLoss, remined: { numAnew: 0, numGone: 0 } };
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
    await run.fail(error);
    throw error;
  } finally {
    await run.close();
    await inputs.dispose();
  }
}

function placeOf({ outPath, force, resume, checkpointPath, datasetPath, remine }: MineOptions): RunPlace {
  const inputs = [checkpointPath, datasetPath];
  return { outPath, force: force === true || remine !== undefined, resume, inputs, inputFolders: [checkpointPath] };
}

/** @throws MiningError 'options' */
function checkLimit(seconds = TIME_LIMIT_S): number {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new MiningError('options', 'time-limit', 'an integer in [0, 86400], in seconds', show(seconds));
}

/** A resumed run goes on with its own backend, which is never mixed, and keeps as many RoIs as before. */
async function asBegun(options: MineOptions, output: RunOutput): Promise<MineOptions> {
  const manifest = options.resume ? await output.manifest() : null;
  if (manifest === null) return options;
  const { backend, keepRois = manifest.keepRois ?? null } = options;
  return { ...options, backend: backend ?? manifest.backend?.id ?? null, keepRois };
}

/** The state of one run. */
class Mining {
  readonly #out: RunAppender;
  #numFailed = 0;
  #warnedOfFlat = false;
  #toldOfPages = false;
  #isFinished = false;
  /** Images since a model failure: whether it was the image or the model is not known yet. */
  #doubtful: { readonly index: number; readonly outcome: Failed }[] = [];
  #done: ReadonlySet<string> = new Set();
  /** Images of the run by their place in the data set, in its order. */
  readonly #places: readonly number[];

  constructor(
    private readonly options: MineOptions,
    private readonly output: RunOutput,
    private readonly inputs: MineInputs,
    private readonly emit: (event: WorkerEvent) => void,
    private readonly watchdog: Watchdog,
    private readonly renewal: Renewal | null,
  ) {
    this.#places = placesOf(inputs.dataset.images, options);
    const numTotal = renewal?.plan.steps.length ?? this.#places.length;
    this.#out = new RunAppender(output, inputs.manifest, numTotal, emit);
  }

  /** Takes up a run that is to be resumed. */
  async open(): Promise<void> {
    const { path, annotationPath } = this.inputs.dataset.images;
    await this.output.refuseInputs([...path, ...annotationPath]);
    if (this.options.resume) this.#done = await this.#out.resume();
    this.#out.tell('running');
  }

  async mineImages(threadEntry: URL | null, signal?: AbortSignal): Promise<'done' | 'stopped'> {
    const { inputs, renewal } = this;
    const { images } = inputs.dataset;
    if (renewal !== null) return this.#renew(renewal, threadEntry, signal);
    const left = this.#places.filter((index) => !this.#done.has(imageAt(images, index).id));
    const [next] = left;
    if (next !== undefined) this.#waitFor(imageAt(images, next).id);
    for await (const { index, outcome } of outcomes(inputs, left, this.#warn, threadEntry)) {
      if (signal?.aborted === true) return 'stopped';
      this.#waitFor(`the image after ${imageAt(images, index).id}`);
      await this.#take(index, outcome);
    }
    await this.#settleDoubt();
    return 'done';
  }

  /** The images of the old run, some measured anew. One that the model fails on ends it: the old run has its losses. */
  async #renew({ run, plan }: Renewal, threadEntry: URL | null, signal?: AbortSignal): Promise<'done' | 'stopped'> {
    const anew = outcomes(this.inputs, plan.anew, this.#warn, threadEntry);
    try {
      for (const step of plan.steps) {
        if (signal?.aborted === true) return 'stopped';
        this.watchdog.at(null);
        if (step.kept !== NONE) await this.#out.add(await keptImage(run, step, this.inputs));
        else await this.#takeAnew(await anew.next());
      }
      return 'done';
    } finally {
      await anew.return(undefined);
    }
  }

  async #takeAnew(next: IteratorResult<ImageOutcome>): Promise<void> {
    if (next.done === true) return;
    const { index, outcome } = next.value;
    const { id } = imageAt(this.inputs.dataset.images, index);
    if ('error' in outcome && outcome.of === 'model') throw gaveUp(outcome.error, id);
    this.#waitFor(`the image after ${id}`);
    await this.#take(index, outcome);
  }

  readonly #warn = (text: string) => this.emit({ event: 'log', level: 'warning', text });

  #waitFor(image: string): void {
    this.watchdog.at(`${this.inputs.manifest.backend?.id ?? 'backend'}, ${image}`);
  }

  async finish(state: 'done' | 'stopped'): Promise<MineResult> {
    const { renewal } = this;
    if (renewal !== null && state === 'stopped') return { ...unchanged(renewal.run), state };
    await this.#out.finish(state);
    this.#isFinished = true;
    const { numDone, numWithoutLoss } = this.#out;
    const guess = 'detector' in this.inputs && this.inputs.detector.isGuess === true ? { isGuess: true as const } : {};
    const told =
      renewal === null ? {} : { remined: { numAnew: renewal.plan.anew.length, numGone: renewal.plan.numGone } };
    return { state, numDone, numFailed: this.#numFailed, numWithoutLoss, ...guess, ...told };
  }

  fail(error: unknown): Promise<void> {
    return this.#out.fail(error);
  }

  async close(): Promise<void> {
    // The old run has all that a part of the new one has, but for what takes as long again.
    if (this.renewal !== null && !this.#isFinished) await this.#out.discard();
    else await this.#out.close();
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
  const received = error instanceof MiningError ? error.received : phraseOf(error);
  const todo = 'Free memory and resume, or mine anew with another backend';
  return new MiningError('engine', said`image ${id}`, 'memory enough for one image', received, {
    todo,
    reason: 'temporary',
  });
}
