/** A training as this window knows it: its folder, the points of its curves, and the process where one trains. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type {
  ChosenBatch,
  TrainingComparison,
  TrainingFacts,
  TrainingPoint,
  TrainingProblem,
  TrainingProgress,
  TrainingState,
} from '../../protocol/train-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import type { Log } from '../base/log.js';
import {
  CONFIG_FILE,
  factsOf,
  folderState,
  readPoints,
  readTrainFolder,
  writeConfig,
  type FolderState,
  type TrainFolder,
} from './train-folder.js';
import { TrainJob, type TrainEnd } from './train-job.js';

/** A folder in which another process trains is looked at this often, ms. */
const LOOK_MS = 1000;

export type TrainingChange = 'facts' | 'points' | 'progress' | 'chosen' | 'comparison';

export class Training implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<TrainingChange>();
  /** `points`: some were taken back; one more is told as `onDidAdd`. */
  readonly onDidChange = this.#changed.event;
  readonly #added = new vscode.EventEmitter<TrainingPoint>();
  readonly onDidAdd = this.#added.event;
  #folder: TrainFolder;
  #points: TrainingPoint[];
  #onDisk: FolderState;
  #chosen: ChosenBatch | null = null;
  #comparison: TrainingComparison | null = null;
  #job: TrainJob | null = null;
  #stopping = false;
  #end: TrainEnd | null = null;
  /** When and at which step the first point of this process came, for the time that is left. */
  #first: { readonly at: number; readonly step: number } | null = null;
  #look: NodeJS.Timeout | undefined;

  private constructor(
    folder: TrainFolder,
    onDisk: FolderState,
    private readonly engine: EngineService,
    private readonly log: Log,
  ) {
    this.#folder = folder;
    this.#points = [...folder.points];
    this.#onDisk = onDisk;
    this.#lookAgain();
  }

  /** @throws MiningError 'options' where the folder is none of a training. */
  static async open(out: string, engine: EngineService, log: Log): Promise<Training> {
    return new Training(await readTrainFolder(out), await folderState(out), engine, log);
  }

  get folder(): TrainFolder {
    return this.#folder;
  }

  get out(): string {
    return this.#folder.out;
  }

  get facts(): TrainingFacts {
    return factsOf(this.#folder);
  }

  get points(): readonly TrainingPoint[] {
    return this.#points;
  }

  /** What the last step that was told of chose. */
  get chosen(): ChosenBatch | null {
    return this.#chosen;
  }

  get comparison(): TrainingComparison | null {
    return this.#comparison;
  }

  set comparison(comparison: TrainingComparison | null) {
    this.#comparison = comparison;
    this.#changed.fire('comparison');
  }

  /** A process of this window trains. */
  get running(): boolean {
    return this.#job !== null;
  }

  get progress(): TrainingProgress {
    const last = this.#points.at(-1);
    const pace = this.#pace();
    const numSteps = this.#numSteps();
    const step = last?.step ?? 0;
    return {
      state: this.#state(),
      step,
      numSteps,
      epoch: last?.epoch ?? 0,
      stepSeconds: pace,
      etaSeconds: pace === null || numSteps === 0 ? null : pace * Math.max(0, numSteps - step),
      message: this.#end?.message ?? '',
      problem: this.#problem(),
      canResume: this.#onDisk.canResume,
      hasCheckpoint: this.#onDisk.hasCheckpoint,
      canCompare: this.#folder.before !== null,
    };
  }

  /**
   * Begins, or goes on where there is something to go on from.
   * @param epochs in all; undefined: as configured.
   * @param force throws away a training that the folder holds.
   * @returns how it ended.
   */
  async start({
    epochs,
    force = false,
  }: { readonly epochs?: number; readonly force?: boolean } = {}): Promise<TrainEnd> {
    if (this.#job !== null) return this.#job.done;
    if (epochs !== undefined) await this.#setEpochs(epochs);
    await this.#readDisk();
    const resume = this.#onDisk.canResume && !force;
    const request = {
      config: this.#folder.config,
      file: join(this.out, CONFIG_FILE),
      resume,
      force: force && this.#onDisk.canResume,
    };
    if (!resume) this.#points = [];
    this.#end = null;
    this.#stopping = false;
    this.#first = null;
    this.#job = new TrainJob(request, this.engine, this.log, {
      point: (point) => this.#add(point),
      chosen: (batch) => this.#choose(batch),
    });
    this.#changed.fire('points');
    return this.#follow(this.#job);
  }

  /** Reads the folder again: its configuration was replaced. */
  async reload(): Promise<void> {
    if (this.#job !== null) return;
    this.#folder = await readTrainFolder(this.out);
    this.#points = [...this.#folder.points];
    this.#comparison = null;
    this.#chosen = null;
    await this.#readDisk();
    this.#changed.fire('facts');
  }

  stop(): void {
    this.#stopping = this.#job !== null;
    this.#job?.stop();
    // Another window's, or one that outlived its window: it saves what it has, too.
    if (this.#job === null && this.#onDisk.writer !== null) process.kill(this.#onDisk.writer, 'SIGTERM');
    this.#changed.fire('progress');
  }

  kill(): void {
    this.#job?.kill();
  }

  dispose(): void {
    clearTimeout(this.#look);
    this.#job?.stop();
    this.#changed.dispose();
    this.#added.dispose();
  }

  async #follow(job: TrainJob): Promise<TrainEnd> {
    const end = await job.done;
    this.#job = null;
    this.#stopping = false;
    this.#end = end;
    await this.#readDisk();
    this.#changed.fire('progress');
    return end;
  }

  #add(point: TrainingPoint): void {
    this.#first ??= { at: performance.now(), step: point.step };
    // A process that was killed had told of steps that are made again.
    const isStale = (other: TrainingPoint | undefined) =>
      other !== undefined && (other.step > point.step || (other.step === point.step && other.event === point.event));
    const before = this.#points.length;
    while (isStale(this.#points.at(-1))) this.#points.pop();
    const tookBack = this.#points.length < before;
    this.#points.push(point);
    // Before the first step nothing is saved yet.
    if (point.event === 'epoch' && point.step > 0)
      this.#onDisk = { ...this.#onDisk, canResume: true, hasCheckpoint: true };
    if (tookBack) this.#changed.fire('points');
    else this.#added.fire(point);
    this.#changed.fire('progress');
  }

  #choose(batch: ChosenBatch): void {
    this.#chosen = batch;
    this.#changed.fire('chosen');
  }

  async #setEpochs(epochs: number): Promise<void> {
    const { config } = this.#folder;
    this.#folder = { ...this.#folder, config: { ...config, schedule: { ...config.schedule, epochs } } };
    await writeConfig(this.out, this.#folder.config);
    this.#changed.fire('facts');
  }

  async #readDisk(): Promise<void> {
    this.#onDisk = await folderState(this.out);
  }

  /** The window before this one may have been closed in the middle of a step: its process ends by itself. */
  #lookAgain(): void {
    if (this.#onDisk.writer === null) return;
    this.#look = setTimeout(() => {
      void this.#readDisk().then(async () => {
        this.#points = await readPoints(this.out);
        this.#changed.fire('points');
        this.#changed.fire('progress');
        this.#lookAgain();
      });
    }, LOOK_MS);
  }

  #state(): TrainingState {
    if (this.#job !== null) return this.#stopping ? 'stopping' : this.#first === null ? 'starting' : 'running';
    if (this.#onDisk.writer !== null) return 'elsewhere';
    if (this.#end?.state === 'failed') return 'failed';
    const last = this.#points.at(-1);
    // What was stopped before its first line after step 0 has a state all the same.
    if (last === undefined || (last.step === 0 && !this.#onDisk.canResume)) return 'ready';
    return last.event === 'epoch' && last.epoch >= this.#folder.config.schedule.epochs ? 'finished' : 'stopped';
  }

  #problem(): TrainingProblem | null {
    return this.#job === null ? (this.#end?.problem ?? null) : null;
  }

  #numSteps(): number {
    const last = this.#points.findLast((point) => point.epoch > 0);
    if (last !== undefined) return Math.round((last.step / last.epoch) * this.#folder.config.schedule.epochs);
    return this.#points.find((point) => point.event === 'steps')?.numSteps ?? 0;
  }

  /** Seconds a step of this process, evaluations and checkpoints counted in; null before there is anything to go by. */
  #pace(): number | null {
    const last = this.#points.at(-1);
    if (this.#job === null || this.#first === null || last === undefined) return null;
    const numSteps = last.step - this.#first.step;
    return numSteps < 2 ? null : (performance.now() - this.#first.at) / 1000 / numSteps;
  }
}
