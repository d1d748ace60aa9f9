/** Images into a run file, minibatch by minibatch, with the events that a watcher gets. */
import type { RunImage } from '../../arrow/encode-run.js';
import { hasNoFiniteLoss } from '../../core/facts/run-manifest.js';
import type { ImageSummary, RunManifest } from '../../core/facts/run-manifest.js';
import type { MineState } from '../../protocol/panel-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { minibatchSize } from '../../core/mining/minibatches.js';
import { decideBatch, keepBatch, summariseBatch } from './minibatch.js';
import { ProgressMeter } from './progress-meter.js';
import type { RunOutput } from './run-output.js';
import type { RunWriter } from './run-writer.js';

const PROGRESS_MS = 100;
/**
 * Images that come faster are written together: a write costs as much as an image of some RoIs. A kill loses what came
 * in this time, and nothing that was told.
 */
const WRITE_MS = 50;
/** Examples wait longer for others of their record batch; who looks at the run sees them then. */
const WRITE_EXAMPLES_MS = 2000;

/**
 * The file is made with the first minibatch, so that a source that cannot give one leaves nothing behind; where
 * none is to come, at the end.
 */
export class RunAppender {
  #writer: RunWriter | null = null;
  #meter: ProgressMeter;
  #pending: RunImage[] = [];
  #toldAt = -Infinity;
  #warnedOfNoLoss = false;
  /** When each image that is not written yet came. */
  #cameAt: number[] = [];
  #wroteAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #teller: NodeJS.Timeout | null = null;
  /** Rejected from the first write on that fails. */
  #writing: Promise<void> = Promise.resolve();
  readonly #batchSize: number;

  /** @param numTotal images that there will be in the end. */
  constructor(
    private readonly output: RunOutput,
    private manifest: RunManifest,
    private readonly numTotal: number,
    private readonly emit: (event: WorkerEvent) => void,
  ) {
    this.#batchSize = minibatchSize(manifest.mining);
    this.#meter = this.#newMeter(0);
  }

  /** Images in the file. */
  get numDone(): number {
    return this.#writer?.entries.length ?? 0;
  }

  /** Images in the file of which no loss is a number. */
  get numWithoutLoss(): number {
    return this.#writer?.entries.filter(({ summary }) => hasNoFiniteLoss(summary)).length ?? 0;
  }

  /** Nothing was added, and nothing was there. */
  get isEmpty(): boolean {
    return this.#writer === null && this.#pending.length === 0;
  }

  /** Takes up a run that exists. @returns ids of its images. @throws MiningError 'run-file' */
  async resume(): Promise<ReadonlySet<string>> {
    this.#writer = await this.output.resume(this.manifest, this.#batchSize);
    this.#meter = this.#newMeter(this.#writer.entries.length);
    this.#announce(this.#writer);
    return new Set(this.#writer.entries.map(({ summary }) => summary.id));
  }

  /** Warns, and notes it in the manifest as long as there is no file yet. */
  warn(text: string): void {
    this.emit({ event: 'log', level: 'warning', text });
    if (this.#writer === null) this.manifest = { ...this.manifest, notes: [...this.manifest.notes, text] };
  }

  /** Adds an image; it is written soon after its minibatch is whole. @throws MiningError 'run-file' */
  async add(image: RunImage): Promise<void> {
    this.#pending.push(image);
    if (this.#pending.length >= this.#batchSize) await this.#flush();
  }

  /**
   * Writes what waits, and the file's end.
   * @param takesName the run replaces the one beside which it grew.
   * @throws MiningError 'run-file'
   */
  async finish(state: 'done' | 'stopped', takesName = state === 'done'): Promise<void> {
    // An unfinished minibatch is cut off by a resume: with no example before it.
    await this.#write();
    await this.#flush();
    await this.#write();
    // A shard may have no image; whoever merges finds that it was mined.
    if (this.#writer === null && this.numTotal === 0) await this.#create();
    if (this.#writer !== null) await this.output.finish(this.#writer, takesName);
    this.tell(state);
  }

  tell(state: MineState, message?: string): void {
    this.#stopTeller();
    this.#toldAt = performance.now();
    this.emit({ event: 'progress', progress: this.#meter.progress(state, message) });
  }

  /** Writes the images whose minibatches are whole, where that can be, and tells why there are no more. */
  async fail(error: unknown): Promise<void> {
    await this.#write().catch(() => undefined);
    this.tell('failed', error instanceof Error ? error.message : String(error));
  }

  /** Lets go of the file; what waits is written where it can be. */
  async close(): Promise<void> {
    await this.#write().catch(() => undefined);
    this.#stopTeller();
    await this.#writer?.close();
    if (this.#writer === null || !this.output.isLeftBeside) return;
    const text = `${this.output.outPath} is as it was; the ${this.numDone} new images are in ${this.output.growsAt}`;
    this.emit({ event: 'log', level: 'warning', text });
  }

  /** Lets go of a run that is not wanted any more, and removes it; the one that it was to replace stays. */
  async discard(): Promise<void> {
    this.#stopTimer();
    await this.#writing.catch(() => undefined);
    this.#stopTeller();
    await this.#writer?.close();
    if (this.#writer !== null) await this.output.discard();
  }

  /** Decides the minibatch that is waiting and appends its images. */
  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const { mining } = this.manifest;
    const decided = summariseBatch(decideBatch(this.#pending, mining));
    this.#pending = [];
    const writer = this.#writer ?? (await this.#create());
    for (const image of keepBatch(decided, writer.manifest)) {
      writer.take(image);
      this.#cameAt.push(performance.now());
    }
    const wait = writer.isOfExamples ? WRITE_EXAMPLES_MS : WRITE_MS;
    if (performance.now() - this.#wroteAt >= wait || writer.isFull) await this.#write();
    // The next image may be long in coming. What fails here, fails again when it comes.
    else this.#timer ??= setTimeout(() => void this.#write().catch(() => undefined), wait);
  }

  /** Writes what waits, after what is being written. @throws MiningError 'run-file' */
  #write(): Promise<void> {
    this.#stopTimer();
    this.#writing = this.#writing.then(() => this.#writeWaiting());
    return this.#writing;
  }

  async #writeWaiting(): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    this.#wroteAt = performance.now();
    const cameAt = this.#cameAt;
    this.#cameAt = [];
    let imageIndex = writer.entries.length;
    const written = await writer.write();
    // A run that has ended is not told to go on.
    if (written.length === 0) return;
    for (const [i, { summary, start, end }] of written.entries()) {
      this.emit({ event: 'image', imageIndex: imageIndex++, start, end, summary });
      this.#warnOfNoLoss(summary);
      this.#meter.count(summary.error !== '', cameAt[i]);
    }
    if (performance.now() - this.#toldAt > PROGRESS_MS) this.tell('running');
    // The last images of a training that is watched are told, too, however long the next ones take.
    else this.#teller ??= setTimeout(() => this.tell('running'), PROGRESS_MS);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #stopTeller(): void {
    if (this.#teller !== null) clearTimeout(this.#teller);
    this.#teller = null;
  }

  /** Says once, at the first such image, that the losses are no numbers. */
  #warnOfNoLoss(summary: ImageSummary): void {
    if (this.#warnedOfNoLoss || !hasNoFiniteLoss(summary)) return;
    this.#warnedOfNoLoss = true;
    const text =
      `image ${summary.id} has no finite loss: ${summary.numInvalid} of ${summary.numRois} RoIs are NaN or infinite, ` +
      'and nothing of it is selected. Images like this are counted at the end';
    this.emit({ event: 'log', level: 'warning', text });
  }

  async #create(): Promise<RunWriter> {
    this.#writer = await this.output.create(this.manifest);
    this.#announce(this.#writer);
    return this.#writer;
  }

  #announce({ manifest, schemaEnd }: RunWriter): void {
    const { outPath, growsAt } = this.output;
    this.emit({ event: 'opened', manifest, outPath, growsAt, schemaEnd });
  }

  #newMeter(numDone: number): ProgressMeter {
    const { backend } = this.manifest;
    const name = backend === null ? '' : `${backend.id} ${backend.version} · ${backend.device}`;
    return new ProgressMeter(this.numTotal, numDone, name);
  }
}
