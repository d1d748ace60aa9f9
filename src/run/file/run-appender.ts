/** Images into a run file, minibatch by minibatch, with the events that a watcher gets. */
import { stat } from 'node:fs/promises';
import type { RunImage } from '../../arrow/encode-run.js';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { MineState } from '../../protocol/panel-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { decideBatch, decisionSize, summariseBatch } from './minibatch.js';
import { ProgressMeter } from './progress-meter.js';
import { createRun, resumeRun } from './run-store.js';
import type { RunWriter } from './run-store.js';

const PROGRESS_MS = 100;

export interface RunPlace {
  readonly outPath: string;
  /** Replace an `outPath` that exists. */
  readonly force: boolean;
}

/**
 * Told before anything is opened for nothing. @throws MiningError 'run-file' when there is a file and `force` is off.
 */
export async function refuseExisting({ outPath, force }: RunPlace): Promise<void> {
  const exists = await stat(outPath).then(
    () => true,
    () => false,
  );
  if (!exists || force) return;
  const todo = 'Resume it, overwrite it, or choose another name';
  throw new MiningError('run-file', 'create', 'a new file', 'one that exists', { file: outPath, todo });
}

/** The file is made with the first minibatch, so that a source that cannot give one leaves nothing behind. */
export class RunAppender {
  #writer: RunWriter | null = null;
  #meter: ProgressMeter;
  #pending: RunImage[] = [];
  #toldAt = -Infinity;
  readonly #batchSize: number;

  /** @param numTotal images that there will be in the end. */
  constructor(
    private readonly place: RunPlace,
    private readonly manifest: RunManifest,
    private readonly numTotal: number,
    private readonly emit: (event: WorkerEvent) => void,
  ) {
    this.#batchSize = decisionSize(manifest.mining);
    this.#meter = this.#newMeter(0);
  }

  /** Images in the file. */
  get numDone(): number {
    return this.#writer?.entries.length ?? 0;
  }

  /** Nothing was added, and nothing was there. */
  get isEmpty(): boolean {
    return this.#writer === null && this.#pending.length === 0;
  }

  /** Takes up a run that exists. @returns ids of its images. @throws MiningError 'run-file' */
  async resume(): Promise<ReadonlySet<string>> {
    this.#writer = await resumeRun(this.place.outPath, this.manifest, this.#batchSize);
    this.#meter = this.#newMeter(this.#writer.entries.length);
    this.#announce(this.#writer);
    return new Set(this.#writer.entries.map(({ summary }) => summary.id));
  }

  /** Adds an image; it is written when its minibatch is whole. @throws MiningError 'run-file' */
  async add(image: RunImage): Promise<void> {
    this.#pending.push(image);
    if (this.#pending.length >= this.#batchSize) await this.#flush();
  }

  /** Writes what waits, and the file's end. @throws MiningError 'run-file' */
  async finish(state: 'done' | 'stopped'): Promise<void> {
    await this.#flush();
    await this.#writer?.finish();
    this.tell(state);
  }

  tell(state: MineState, message?: string): void {
    this.#toldAt = performance.now();
    this.emit({ event: 'progress', progress: this.#meter.progress(state, message) });
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  /** Decides the minibatch that is waiting and appends its images. */
  async #flush(): Promise<void> {
    const images = this.#pending;
    if (images.length === 0) return;
    this.#pending = [];
    const summaries = summariseBatch(decideBatch(images, this.manifest.mining));
    const writer = this.#writer ?? (await this.#create());
    for (const [i, summary] of summaries.entries()) {
      const imageIndex = writer.entries.length;
      const range = await writer.append({ ...images[i], summary });
      this.emit({ event: 'image', imageIndex, ...range, summary });
      this.#meter.count(summary.error !== '');
      if (performance.now() - this.#toldAt > PROGRESS_MS) this.tell('running');
    }
  }

  async #create(): Promise<RunWriter> {
    this.#writer = await createRun(this.place.outPath, this.manifest, { force: this.place.force });
    this.#announce(this.#writer);
    return this.#writer;
  }

  #announce({ manifest, path: outPath, schemaEnd }: RunWriter): void {
    this.emit({ event: 'opened', manifest, outPath, schemaEnd });
  }

  #newMeter(numDone: number): ProgressMeter {
    const { backend } = this.manifest;
    const name = backend === null ? '' : `${backend.id} ${backend.version} · ${backend.device}`;
    return new ProgressMeter(this.numTotal, numDone, name);
  }
}
