/**
 * "Compare With Before": mines what a training has saved over the same data, and says what became of the hard examples.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { MiningError } from '../../core/mining-error.js';
import type { FateOfImage, TrainingComparison } from '../../protocol/train-messages.js';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf, type Log } from '../base/log.js';
import type { MineCommand } from '../mine/mine-command.js';
import type { MiningJob, MiningJobs } from '../mine/mining-jobs.js';
import type { Run } from '../run/run.js';
import type { Runs } from '../run/runs.js';
import { trainedCheckpoint } from './train-folder.js';
import type { Training } from './training.js';

/** Images that a comparison names. */
const MAX_IMAGES = 200;
const NOTHING: TrainingComparison = {
  state: 'mining',
  message: '',
  before: '',
  after: '',
  step: null,
  total: null,
  images: [],
  numImages: 0,
  isKept: false,
};

export class TrainCompare {
  constructor(
    private readonly engine: EngineService,
    private readonly runs: Runs,
    private readonly jobs: MiningJobs,
    private readonly mineCommand: Pick<MineCommand, 'again'>,
    private readonly log: Log,
  ) {}

  /** Compares, and leaves the answer with the training. @returns it; undefined where one is under way. */
  async compare(training: Training): Promise<TrainingComparison | undefined> {
    const now = training.comparison?.state;
    if (now === 'mining' || now === 'comparing') return undefined;
    const tell = (change: Partial<TrainingComparison>) =>
      (training.comparison = { ...(training.comparison ?? NOTHING), ...change });
    training.comparison = NOTHING;
    try {
      await this.#compare(training, tell);
    } catch (error) {
      this.log.error(messageOf(error));
      tell({ state: 'failed', message: messageOf(error) });
    }
    return training.comparison;
  }

  async #compare(training: Training, tell: (change: Partial<TrainingComparison>) => void): Promise<void> {
    const before = await this.#runBefore(training);
    const { path, step, savedAt } = await trainedCheckpoint(training.out);
    const after = join(training.out, `${training.facts.name}-step-${step ?? 'unknown'}.ohem`);
    tell({ before: before.path, step, message: vscode.l10n.t('Mining the new checkpoint') });
    await this.#mine(before, path, after, savedAt, tell);
    tell({ state: 'comparing', after, message: vscode.l10n.t('Comparing') });
    const { total, images, isKept } = await this.engine.call('compareBefore', { before: before.path, after });
    tell({
      state: 'done',
      message: '',
      total,
      images: mostChanged(images).slice(0, MAX_IMAGES),
      numImages: images.length,
      isKept,
    });
  }

  async #runBefore({ folder }: Training): Promise<Run> {
    const path = folder.before?.run;
    if (path === undefined)
      throw new MiningError('run-file', 'compare with before', 'a run that was mined before the training', 'none', {
        file: folder.out,
      });
    return this.runs.open(path);
  }

  /** Mines where there is no whole run of this very checkpoint yet. */
  async #mine(
    before: Run,
    checkpoint: string,
    after: string,
    savedAt: number,
    tell: (change: Partial<TrainingComparison>) => void,
  ): Promise<void> {
    const known = await this.#knownRun(after, savedAt);
    if (known?.complete === true) return;
    if (known === undefined) await rm(after, { force: true });
    const job = this.jobs.of(after) ?? this.mineCommand.again(before, checkpoint, after, known !== undefined);
    const listener = job.onDidChange(() => tell({ message: miningText(job) }));
    const { state, message } = await job.done.finally(() => listener.dispose());
    if (state === 'failed') throw new Error(message);
    if (state === 'stopped')
      throw new MiningError('run-file', 'compare with before', 'every image mined', 'mining was stopped', {
        file: after,
      });
  }

  /** A run that is there, if it was begun after the checkpoint was saved. */
  async #knownRun(path: string, savedAt: number): Promise<Run | undefined> {
    const found = await stat(path).catch(() => undefined);
    const run = found && (await this.runs.open(path).catch(() => undefined));
    return run && Date.parse(run.manifest.createdAt) >= savedAt ? run : undefined;
  }
}

function miningText({ progress: { numDone, numTotal } }: MiningJob): string {
  return vscode.l10n.t('Mining the new checkpoint: {0} of {1} images', numDone, numTotal);
}

/** By how many hard examples are not the same; equal ones in file order. */
function mostChanged(images: readonly FateOfImage[]): FateOfImage[] {
  const numChanged = ({ numEasy, numNew }: FateOfImage) => numEasy + numNew;
  return [...images].sort((a, b) => numChanged(b) - numChanged(a) || a.imageIndex - b.imageIndex);
}
