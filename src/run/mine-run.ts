/** Data set x detector x engine -> one run file, image by image. */
import type { RunImage } from '../arrow/encode-run.js';
import { MiningError } from '../core/mining-error.js';
import { openDataset } from '../dataset/registry.js';
import type { WorkerEvent } from '../protocol/worker-messages.js';
import { failedImage, measuredImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import { measureImages } from './measure-images.js';
import { classifyImages, openExamples } from './mine-classification.js';
import type { ExampleInputs } from './mine-classification.js';
import type { MineInputs } from './mine-inputs.js';
import { openInputs } from './mine-inputs.js';
import type { MineOptions } from './mine-options.js';
import { refuseExisting, RunAppender } from './run-appender.js';
import type { RunPlace } from './run-appender.js';
import { openRun } from './run-store.js';

/** So many images in a row that fail in the model, not in the image: the model is at fault. */
const MAX_MODEL_FAILURES = 5;

export interface MineResult {
  readonly state: 'done' | 'stopped';
  /** Images in the file, and how many of this session's failed. None: there is no file. */
  readonly numDone: number;
  readonly numFailed: number;
}

/**
 * Mines a data set into `options.outPath`.
 *
 * An image that cannot be read or measured is a row with its `error`. The file is made when the first image has been
 * measured, so that a model that cannot run leaves nothing behind.
 * @param emit facts for whoever watches; tables go into the file only.
 * @param signal stops after the image that is being measured; the file is finished.
 * @param laneEntry a module that calls `serveLane` in a worker thread: images are measured side by side where it pays.
 * @throws MiningError when an input is wrong, the model fails on one image after the other, or the file cannot be
 * written; what is in the file stays.
 */
export async function mineRun(
  options: MineOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
  laneEntry: URL | null = null,
): Promise<MineResult> {
  const place = { outPath: options.outPath, force: options.force === true };
  if (!options.resume) await refuseExisting(place);
  const inputs = await openAny(options, await backendOf(options));
  const { warnings } = inputs.dataset;
  for (const text of warnings) emit({ event: 'log', level: 'warning', text });
  const run = new Mining(options, place, inputs, emit);
  try {
    await run.open();
    const state = await run.mineImages(laneEntry, signal);
    return await run.finish(state);
  } catch (error) {
    run.fail(error);
    throw error;
  } finally {
    await run.close();
    await inputs.dispose();
  }
}

/** The data set's task decides what the checkpoint is opened as. */
async function openAny(options: MineOptions, backend: string | null): Promise<MineInputs | ExampleInputs> {
  const dataset = await openDataset(options.datasetPath, options.dataset);
  if (dataset.images.numImages === 0) {
    throw new MiningError('dataset', 'images', 'at least one image', 'none', { file: dataset.path });
  }
  return dataset.task === 'classification' ? openExamples(options, dataset, backend) : openInputs(options, dataset, backend);
}

/** A run never mixes backends: a resumed one goes on with its own. */
async function backendOf({ backend, resume, outPath }: MineOptions): Promise<string | null> {
  if (backend !== null || !resume) return backend;
  const run = await openRun(outPath);
  await run.close();
  return run.manifest.backend?.id ?? null;
}

/** The state of one run. */
class Mining {
  readonly #out: RunAppender;
  #numFailed = 0;
  #modelFailures = 0;
  #done: ReadonlySet<string> = new Set();
  readonly #numTotal: number;

  constructor(
    private readonly options: MineOptions,
    place: RunPlace,
    private readonly inputs: MineInputs | ExampleInputs,
    private readonly emit: (event: WorkerEvent) => void,
  ) {
    const { numImages } = inputs.dataset.images;
    this.#numTotal = Math.min(options.limit ?? numImages, numImages);
    this.#out = new RunAppender(place, inputs.manifest, this.#numTotal, emit);
  }

  /** Takes up a run that is to be resumed. */
  async open(): Promise<void> {
    if (this.options.resume) this.#done = await this.#out.resume();
    this.#out.tell('running');
  }

  async mineImages(laneEntry: URL | null, signal?: AbortSignal): Promise<'done' | 'stopped'> {
    const { inputs } = this;
    const { id } = inputs.dataset.images;
    const left = Array.from({ length: this.#numTotal }, (_, index) => index).filter((index) => !this.#done.has(id[index]));
    for await (const { index, outcome } of 'classifier' in inputs ? classifyImages(inputs, left) : measureImages(inputs, left, laneEntry)) {
      if (signal?.aborted === true) return 'stopped';
      await this.#out.add(this.#rowOf(index, outcome));
    }
    return 'done';
  }

  async finish(state: 'done' | 'stopped'): Promise<MineResult> {
    await this.#out.finish(state);
    return { state, numDone: this.#out.numDone, numFailed: this.#numFailed };
  }

  fail(error: unknown): void {
    this.#out.tell('failed', error instanceof Error ? error.message : String(error));
  }

  async close(): Promise<void> {
    await this.#out.close();
  }

  #rowOf(index: number, outcome: Outcome): RunImage {
    if ('measured' in outcome) {
      this.#modelFailures = 0;
      return measuredImage(this.inputs, index, outcome.measured);
    }
    if (outcome.of === 'model' && (this.#out.isEmpty || ++this.#modelFailures >= MAX_MODEL_FAILURES)) throw outcome.error;
    return this.#failed(index, outcome.error);
  }

  #failed(index: number, error: unknown): RunImage {
    this.#numFailed++;
    const image = failedImage(this.inputs, index, error);
    this.emit({ event: 'log', level: 'warning', text: image.summary.error });
    return image;
  }
}
