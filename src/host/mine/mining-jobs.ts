/** Runs that are being written in this window, by mining or by importing: one engine process each. */
import * as vscode from 'vscode';
import { numWithoutLoss } from '../../core/facts/image-list.js';
import type { ClassLists, ClassMap } from '../../core/class-names.js';
import { MiningError } from '../../core/mining-error.js';
import type { MineProgress, MineState } from '../../protocol/panel-messages.js';
import type { WorkerApi, WorkerEvent } from '../../protocol/worker-messages.js';
import { EngineDied, EngineStopped, type EngineProcess } from '../engine/engine-process.js';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf, type Log } from '../base/log.js';
import { docsPageOf } from '../base/docs.js';
import { placeOf, type TextPlace } from '../base/text-place.js';
import type { MineInputs } from '../inputs/mine-inputs.js';
import type { Run } from '../run/run.js';
import type { Runs } from '../run/runs.js';

/** `remine`: a run stays as it is until the new one has its place; so do `shards` until the merged one has. */
export type JobKind = 'mine' | 'remine' | 'import' | 'watch' | 'shards';

export interface JobRequest {
  readonly kind: JobKind;
  /** Path of the run file. */
  readonly outPath: string;
  /** The run file is there and goes on. */
  readonly resume: boolean;
  /** The same with classes mapped, which the checkpoint's contract keeps where it can be written. */
  withClasses?(classMap: ClassMap, family: string): Promise<JobRequest>;
  /** The same into a new file, once a person has described the checkpoint. */
  readonly described?: { readonly inputs: MineInputs; again(): Promise<JobRequest> };
  /** The same with the columns of its table of boxes named. */
  withColumns?(columns: Readonly<Record<string, string>>): Promise<JobRequest>;
  /**
   * What the engine process is to do; its events tell of the run.
   * @param stop aborted where the person ends what has no end; the work is then done.
   */
  work(engine: EngineProcess, stop: AbortSignal): Promise<MineAnswer>;
}

type MineAnswer = Awaited<ReturnType<WorkerApi['mine']>>;

/** How a run ended. */
export interface MineOutcome {
  readonly state: Exclude<MineState, 'running'>;
  readonly outPath: string;
  /** Images in the run file. */
  readonly numImages: number;
  /** Images recorded with an error. */
  readonly numFailed: number;
  /** Images of which no loss is a number. */
  readonly numWithoutLoss: number;
  /** Why it failed, and what to do; '' otherwise. */
  readonly message: string;
  /** It failed for classes that a person has to map. */
  readonly classes?: ClassLists;
  /** It failed for a table whose columns a person has to name: its headers. */
  readonly columns?: readonly string[];
  /** It failed for what a page of the documentation is about. */
  readonly docs?: string;
  /** It failed for a line of a text. */
  readonly place?: TextPlace;
  /** Of a run that was mined anew in part. */
  readonly remined?: NonNullable<MineAnswer['remined']>;
  /** What the checkpoint's outputs mean is told by nobody, or was guessed. */
  readonly isUnsure?: true;
  /** It failed in the backend, not for what it was given: another backend may do. */
  readonly ofBackend: boolean;
}

const NO_PROGRESS: MineProgress = {
  state: 'running',
  numDone: 0,
  numTotal: 0,
  numFailed: 0,
  imagesPerSecond: 0,
  etaSeconds: null,
  backend: '',
  message: '',
};

export class MiningJob {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  /** The run, as soon as its file can be opened; rejects never: undefined where mining ended before. */
  readonly opened: Promise<Run | undefined>;
  readonly done: Promise<MineOutcome>;
  #progress = NO_PROGRESS;
  #run: Run | undefined;
  #process: EngineProcess | undefined;
  #cancelled = false;
  readonly #stop = new AbortController();
  #settleOpened: (run: Run | undefined) => void = () => undefined;
  /** Events wait for the run file to be opened, in order. */
  #events: Promise<void> = Promise.resolve();

  constructor(
    readonly request: JobRequest,
    private readonly engine: EngineService,
    private readonly runs: Runs,
    private readonly log: Log,
  ) {
    this.opened = new Promise((resolve) => (this.#settleOpened = resolve));
    this.done = this.#mine();
  }

  get progress(): MineProgress {
    return this.#progress;
  }

  get run(): Run | undefined {
    return this.#run;
  }

  /** Ends the engine process, or what it waits for; the images so far stay in the run file. */
  cancel(): Promise<MineOutcome> {
    // A second time it waits no more.
    if (this.request.kind === 'watch' && !this.#stop.signal.aborted) {
      this.#stop.abort();
      return this.done;
    }
    this.#cancelled = true;
    this.#process?.kill();
    return this.done;
  }

  async #mine(): Promise<MineOutcome> {
    const end = await this.#runProcess();
    await this.#events;
    // The last images may have been written without a word.
    const isReplaced = this.request.kind === 'remine' || this.request.kind === 'shards';
    if (end.state !== 'done' || isReplaced)
      await this.#run?.reload().catch((error: unknown) => this.log.warning(messageOf(error)));
    const { numFailed } = this.#progress;
    const { state, message } = end;
    this.#setProgress({ ...this.#progress, state, message, etaSeconds: null });
    this.#settleOpened(this.#run);
    this.#changed.dispose();
    return {
      ...end,
      outPath: this.request.outPath,
      numImages: this.#run?.numImages ?? 0,
      numFailed,
      numWithoutLoss: this.#run === undefined ? 0 : numWithoutLoss(this.#run.images),
    };
  }

  async #runProcess(): Promise<
    Pick<
      MineOutcome,
      'state' | 'message' | 'ofBackend' | 'classes' | 'columns' | 'docs' | 'place' | 'isUnsure' | 'remined'
    >
  > {
    try {
      this.#process = await this.engine.start((event) => this.#receive(event));
      if (this.#cancelled) this.#process.kill();
      if (this.request.kind === 'remine') this.#open(await this.runs.open(this.request.outPath));
      const { isGuess, remined } = await this.request.work(this.#process, this.#stop.signal);
      const told = { ...(isGuess === true ? { isUnsure: true as const } : {}), ...(remined && { remined }) };
      return { state: 'done', message: '', ofBackend: false, ...told };
    } catch (error) {
      if (error instanceof EngineStopped) return { state: 'stopped', message: '', ofBackend: false };
      const message = `${messageOf(error)}${await this.#whereItDied(error)}`;
      if (!(error instanceof MiningError)) return { state: 'failed', message, ofBackend: false };
      const { code, hint } = error;
      const [place, docs] = [placeOf(error), docsPageOf(error)];
      return {
        state: 'failed',
        message,
        ofBackend: code === 'engine',
        ...(hint.classes === undefined ? {} : { classes: hint.classes }),
        ...(hint.columns === undefined ? {} : { columns: hint.columns }),
        ...(place === null ? {} : { place }),
        ...(docs === null ? {} : { docs }),
        ...(hint.reason === 'unknown-outputs' ? { isUnsure: true } : {}),
      };
    } finally {
      this.#process?.kill();
    }
  }

  /** A process that died cannot say at which image; its run file can. */
  async #whereItDied(error: unknown): Promise<string> {
    if (!(error instanceof EngineDied)) return '';
    await this.#events;
    const last = this.#run?.images.last?.id;
    return last === undefined ? '' : `. ${vscode.l10n.t('Last finished image: {0}', last)}`;
  }

  #receive(event: WorkerEvent): void {
    this.#events = this.#events
      .then(() => this.#handle(event))
      .catch((error: unknown) => this.log.error(messageOf(error)));
  }

  async #handle(event: WorkerEvent): Promise<void> {
    switch (event.event) {
      case 'opened':
        if (this.request.kind !== 'remine') this.#open(await this.runs.begin(event, this.request.resume));
        break;
      case 'image':
        if (this.request.kind !== 'remine') this.#run?.addImage(event);
        break;
      case 'progress':
        // The end is told by the call's answer, after everything has been received.
        this.#setProgress({ ...event.progress, state: 'running' });
        break;
      case 'log':
        this.log[event.level](event.text);
        break;
      case 'training':
      case 'chosen':
      case 'inspecting':
      case 'gallery':
      case 'checkpoints':
        // Of processes that train, inspect or answer.
        break;
    }
  }

  #open(run: Run): void {
    this.#run = run;
    run.setProgress(this.#progress);
    this.#settleOpened(run);
  }

  #setProgress(progress: MineProgress): void {
    this.#progress = progress;
    this.#run?.setProgress(progress);
    this.#changed.fire();
  }
}

export class MiningJobs implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  /** A job began, moved or ended. */
  readonly onDidChange = this.#changed.event;
  readonly #jobs = new Set<MiningJob>();

  constructor(
    private readonly engine: EngineService,
    private readonly runs: Runs,
    private readonly log: Log,
  ) {}

  /** Jobs under way, oldest first. */
  get running(): readonly MiningJob[] {
    return [...this.#jobs];
  }

  /** The job that writes a run file. */
  of(path: string): MiningJob | undefined {
    return this.running.find((job) => job.request.outPath === path);
  }

  start(request: JobRequest): MiningJob {
    const job = new MiningJob(request, this.engine, this.runs, this.log);
    this.#jobs.add(job);
    job.onDidChange(() => this.#changed.fire());
    void job.done.finally(() => {
      this.#jobs.delete(job);
      this.#changed.fire();
    });
    this.#changed.fire();
    return job;
  }

  dispose(): void {
    for (const job of this.#jobs) void job.cancel();
    this.#changed.dispose();
  }
}
