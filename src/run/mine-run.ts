/** Data set x detector x engine -> one run file, image by image. */
import { stat } from 'node:fs/promises';
import type { RunImage } from '../arrow/encode-run.js';
import { MiningError } from '../core/mining-error.js';
import { openDataset } from '../dataset/registry.js';
import type { MineState } from '../protocol/panel-messages.js';
import type { WorkerEvent } from '../protocol/worker-messages.js';
import { failedImage, measuredImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import { measureImages } from './measure-images.js';
import { classifyImages, openExamples } from './mine-classification.js';
import type { ExampleInputs } from './mine-classification.js';
import type { MineInputs } from './mine-inputs.js';
import { openInputs } from './mine-inputs.js';
import type { MineOptions } from './mine-options.js';
import { decideBatch, decisionSize, summariseBatch } from './minibatch.js';
import { ProgressMeter } from './progress-meter.js';
import { createRun, openRun, resumeRun } from './run-store.js';
import type { RunWriter } from './run-store.js';

/** So many images in a row that fail in the model, not in the image: the model is at fault. */
const MAX_MODEL_FAILURES = 5;
const PROGRESS_MS = 100;

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
  await refuseExisting(options);
  const inputs = await openAny(options, await backendOf(options));
  const { warnings } = inputs.dataset;
  for (const text of warnings) emit({ event: 'log', level: 'warning', text });
  const run = new Mining(options, inputs, emit);
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

/** Told before a model is loaded for nothing. */
async function refuseExisting({ outPath, resume, force }: MineOptions): Promise<void> {
  const exists = await stat(outPath).then(() => true, () => false);
  if (!exists || resume || force === true) return;
  const todo = 'Resume it, overwrite it, or choose another name';
  throw new MiningError('run-file', 'create', 'a new file', 'one that exists', { file: outPath, todo });
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
  #writer: RunWriter | null = null;
  #meter: ProgressMeter;
  #pending: RunImage[] = [];
  #numFailed = 0;
  #modelFailures = 0;
  #toldAt = -Infinity;
  readonly #batchSize: number;
  readonly #numTotal: number;

  constructor(
    private readonly options: MineOptions,
    private readonly inputs: MineInputs | ExampleInputs,
    private readonly emit: (event: WorkerEvent) => void,
  ) {
    const { numImages } = inputs.dataset.images;
    this.#numTotal = Math.min(options.limit ?? numImages, numImages);
    this.#batchSize = decisionSize(inputs.manifest.mining);
    this.#meter = this.#newMeter(0);
  }

  /** Takes up a run that is to be resumed. */
  async open(): Promise<void> {
    if (this.options.resume) {
      this.#writer = await resumeRun(this.options.outPath, this.inputs.manifest, this.#batchSize);
      this.#meter = this.#newMeter(this.#writer.entries.length);
      this.#announce(this.#writer);
    }
    this.#tell('running');
  }

  async mineImages(laneEntry: URL | null, signal?: AbortSignal): Promise<'done' | 'stopped'> {
    const done = new Set(this.#writer?.entries.map(({ summary }) => summary.id));
    const { id } = this.inputs.dataset.images;
    const left = Array.from({ length: this.#numTotal }, (_, index) => index).filter((index) => !done.has(id[index]));
    const { inputs } = this;
    for await (const { index, outcome } of 'classifier' in inputs ? classifyImages(inputs, left) : measureImages(inputs, left, laneEntry)) {
      if (signal?.aborted === true) return 'stopped';
      await this.#add(this.#rowOf(index, outcome));
    }
    return 'done';
  }

  async finish(state: 'done' | 'stopped'): Promise<MineResult> {
    await this.#flush();
    await this.#writer?.finish();
    this.#tell(state);
    return { state, numDone: this.#writer?.entries.length ?? 0, numFailed: this.#numFailed };
  }

  fail(error: unknown): void {
    this.#tell('failed', error instanceof Error ? error.message : String(error));
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  #rowOf(index: number, outcome: Outcome): RunImage {
    if ('measured' in outcome) {
      this.#modelFailures = 0;
      return measuredImage(this.inputs, index, outcome.measured);
    }
    const isFirst = this.#writer === null && this.#pending.length === 0;
    if (outcome.of === 'model' && (isFirst || ++this.#modelFailures >= MAX_MODEL_FAILURES)) throw outcome.error;
    return this.#failed(index, outcome.error);
  }

  #failed(index: number, error: unknown): RunImage {
    this.#numFailed++;
    const image = failedImage(this.inputs, index, error);
    this.emit({ event: 'log', level: 'warning', text: image.summary.error });
    return image;
  }

  async #add(image: RunImage): Promise<void> {
    this.#pending.push(image);
    if (this.#pending.length >= this.#batchSize) await this.#flush();
  }

  /** Decides the minibatch that is waiting and appends its images. */
  async #flush(): Promise<void> {
    const images = this.#pending;
    if (images.length === 0) return;
    this.#pending = [];
    const summaries = summariseBatch(decideBatch(images, this.inputs.manifest.mining));
    const writer = this.#writer ?? (await this.#create());
    for (const [i, summary] of summaries.entries()) {
      const imageIndex = writer.entries.length;
      const range = await writer.append({ ...images[i], summary });
      this.emit({ event: 'image', imageIndex, ...range, summary });
      this.#meter.count(summary.error !== '');
      if (performance.now() - this.#toldAt > PROGRESS_MS) this.#tell('running');
    }
  }

  async #create(): Promise<RunWriter> {
    const { outPath, force } = this.options;
    this.#writer = await createRun(outPath, this.inputs.manifest, { force: force === true });
    this.#announce(this.#writer);
    return this.#writer;
  }

  #announce({ manifest, path: outPath, schemaEnd }: RunWriter): void {
    this.emit({ event: 'opened', manifest, outPath, schemaEnd });
  }

  #tell(state: MineState, message?: string): void {
    this.#toldAt = performance.now();
    this.emit({ event: 'progress', progress: this.#meter.progress(state, message) });
  }

  #newMeter(numDone: number): ProgressMeter {
    const { backend } = this.inputs.manifest;
    const name = backend === null ? '' : `${backend.id} ${backend.version} · ${backend.device}`;
    return new ProgressMeter(this.#numTotal, numDone, name);
  }
}
