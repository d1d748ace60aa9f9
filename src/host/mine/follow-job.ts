/** How a person follows a job: its panel, which tells how far it is as the status bar does, and the last word. */
import * as vscode from 'vscode';
import type { ClassLists } from '../../core/class-names.js';
import { askColumns } from '../inputs/ask-columns.js';
import { askClassMap } from '../inputs/ask-class-map.js';
import type { Log } from '../base/log.js';
import { OPEN_DOCS, openDocs } from '../base/docs.js';
import { OPEN_PLACE, openPlace } from '../base/text-place.js';
import { dropEmptyRunFolder } from './run-place.js';
import type { ShardsProgress } from '../../protocol/panel-messages.js';
import type { JobKind, MineOutcome, MiningJob, MiningJobs, JobRequest } from './mining-jobs.js';
import { showErrorMessage, showInformationMessage, showWarningMessage } from '../base/speak.js';

export const JOB_TEXT: Record<JobKind, () => string> = {
  mine: () => vscode.l10n.t('Mining hard examples'),
  remine: () => vscode.l10n.t('Mining images anew'),
  import: () => vscode.l10n.t('Importing a RoI dump'),
  watch: () => vscode.l10n.t('Watching a RoI dump'),
  shards: () => vscode.l10n.t('Following the shards of a run'),
};

export class JobFollower {
  constructor(
    private readonly jobs: MiningJobs,
    private readonly log: Log,
  ) {}

  /** Opens the run's panel as soon as there is a run; resolves when the job has ended. */
  async follow(job: MiningJob): Promise<MineOutcome> {
    void job.opened.then((run) => run && vscode.commands.executeCommand('ohemLens.openRun', run.path));
    const outcome = await job.done;
    if (outcome.numImages === 0) await dropEmptyRunFolder();
    this.#tell(outcome, job.request);
    await job.opened;
    return outcome;
  }

  #tell(outcome: MineOutcome, request: JobRequest): void {
    const { kind } = request;
    const { state, numImages, numFailed, numWithoutLoss, message, ofBackend, isUnsure } = outcome;
    const { classes, columns, place, docs } = outcome;
    this.log.info(`${kind} ${state}: ${numImages} images, ${numFailed} of them not measured: ${outcome.outPath}`);
    if (state === 'failed') this.log.error(message);
    const mayResume = kind === 'mine' && state !== 'done' && numImages > 0;
    const mending = [
      ...(isUnsure === true && request.described !== undefined ? [DESCRIBE()] : []),
      ...(classes !== undefined && request.withClasses !== undefined ? [MAP_CLASSES()] : []),
      ...(columns !== undefined && request.withColumns !== undefined ? [NAME_COLUMNS()] : []),
      ...(place === undefined ? [] : [OPEN_PLACE(place)]),
    ];
    const actions = [
      ...mending,
      ...(docs !== undefined && mending.length === 0 ? [OPEN_DOCS()] : []),
      ...(mayResume ? [RESUME()] : []),
      ...(mayResume && ofBackend ? [OTHER_BACKEND()] : []),
      ...(kind === 'mine' && ofBackend && numImages === 0 ? [CHOOSE_BACKEND()] : []),
      ...(state === 'failed' || numFailed + numWithoutLoss > 0 ? [SHOW_LOG()] : []),
    ];
    void announce(outcome, outcomeText(outcome, kind), actions).then((picked) => {
      if (picked === MAP_CLASSES() && classes !== undefined) void this.#mapClasses(request, classes);
      if (picked === NAME_COLUMNS() && columns !== undefined) void this.#nameColumns(request, columns);
      if (place !== undefined && picked === OPEN_PLACE(place)) void openPlace(place);
      if (picked === OPEN_DOCS() && docs !== undefined) void openDocs(docs);
      if (picked === DESCRIBE()) void this.#describe(request);
      if (picked === SHOW_LOG()) this.log.show();
      if (picked === CHOOSE_BACKEND()) void vscode.commands.executeCommand('ohemLens.chooseBackend');
      if (picked === OTHER_BACKEND())
        void vscode.commands.executeCommand('ohemLens.mineWithOtherBackend', outcome.outPath);
      if (picked === RESUME()) void vscode.commands.executeCommand('ohemLens.resumeRun', outcome.outPath);
    });
  }

  /** Asks what the checkpoint's outputs mean, and mines again once it is said. */
  async #describe({ described }: JobRequest): Promise<void> {
    if (described === undefined) return;
    const asked = { ...described.inputs, minesNext: true };
    const saved = await vscode.commands.executeCommand<string | undefined>('ohemLens.describeCheckpoint', asked);
    if (saved !== undefined) await this.follow(this.jobs.start(await described.again()));
  }

  /** Asks which class is which, and does it again. */
  async #mapClasses(request: JobRequest, lists: ClassLists): Promise<void> {
    const classMap = await askClassMap(lists);
    const again = classMap && (await request.withClasses?.(classMap, lists.family));
    if (again) await this.follow(this.jobs.start(again));
  }

  /** Asks which column of a table holds what, and does it again. */
  async #nameColumns(request: JobRequest, headers: readonly string[]): Promise<void> {
    const columns = await askColumns(headers);
    const again = columns && (await request.withColumns?.(columns));
    if (again) await this.follow(this.jobs.start(again));
  }
}

const NAME_COLUMNS = () => vscode.l10n.t('Name Columns…');
const MAP_CLASSES = () => vscode.l10n.t('Map Classes…');
const DESCRIBE = () => vscode.l10n.t('Describe Checkpoint…');
const RESUME = () => vscode.l10n.t('Resume');
const OTHER_BACKEND = () => vscode.l10n.t('Other Backend…');
const CHOOSE_BACKEND = () => vscode.l10n.t('Choose Backend…');
const SHOW_LOG = () => vscode.l10n.t('Show Log');

function announce(
  { state, numWithoutLoss, isUnsure }: MineOutcome,
  text: string,
  actions: readonly string[],
): Thenable<string | undefined> {
  if (state === 'failed') return showErrorMessage(text, ...actions);
  if (numWithoutLoss > 0 || isUnsure === true) return showWarningMessage(text, ...actions);
  return showInformationMessage(text, ...actions);
}

function outcomeText(outcome: MineOutcome, kind: JobKind): string {
  const { state, numImages, numFailed, numWithoutLoss, message, isUnsure, remined } = outcome;
  if (state === 'failed' && numImages === 0) return message;
  if (state === 'failed') return vscode.l10n.t('{0} The run keeps {1} images.', message, numImages);
  if (state === 'stopped') return vscode.l10n.t('Stopped. The run keeps {0} images.', numImages);
  if (remined?.numAnew === 0 && remined.numGone === 0)
    return vscode.l10n.t('Nothing has changed since this run was mined.');
  const failed = numFailed === 0 ? '' : ` ${vscode.l10n.t('{0} could not be measured.', numFailed)}`;
  const without = numWithoutLoss === 0 ? '' : ` ${vscode.l10n.t('{0} have no finite loss.', numWithoutLoss)}`;
  const guessed = isUnsure === true ? ` ${vscode.l10n.t('What the model’s outputs mean was guessed.')}` : '';
  return (
    (remined !== undefined
      ? vscode.l10n.t('{0} images mined anew, {1} kept.', remined.numAnew, numImages - remined.numAnew)
      : doneText(kind, numImages)) +
    failed +
    without +
    guessed
  );
}

function doneText(kind: JobKind, numImages: number): string {
  if (kind === 'mine') return vscode.l10n.t('Mined {0} images.', numImages);
  if (kind === 'shards') return vscode.l10n.t('All shards are whole: merged {0} images.', numImages);
  return vscode.l10n.t('Imported {0} images.', numImages);
}

/** `12 of 40 images · 3.1 images/s · 9 s left · onnxruntime-node 1.30.0 · CPU`; without a total, images so far. */
export function progressText({ progress, request }: MiningJob): string {
  const { numDone, numTotal, imagesPerSecond, etaSeconds, backend, shards } = progress;
  if (numTotal === 0 && numDone === 0)
    return request.kind === 'shards'
      ? vscode.l10n.t('waiting for a first shard')
      : vscode.l10n.t('starting the engine process');
  const parts = [
    numTotal === 0 ? vscode.l10n.t('{0} images', numDone) : vscode.l10n.t('{0} of {1} images', numDone, numTotal),
  ];
  if (imagesPerSecond > 0) parts.push(vscode.l10n.t('{0} images/s', imagesPerSecond.toFixed(1)));
  if (etaSeconds !== null) parts.push(vscode.l10n.t('{0} s left', Math.ceil(etaSeconds)));
  if (shards !== undefined) parts.push(...shardsTexts(shards));
  if (backend !== '') parts.push(backend);
  return parts.join(' · ');
}

/** Shards that a line names. */
const MAX_NAMED = 10;

/** `3 of 8 shards whole`, `not begun: 5, 7`. */
function shardsTexts({ count, numWhole, notBegun }: ShardsProgress): string[] {
  const whole = vscode.l10n.t('{0} of {1} shards whole', numWhole, count);
  if (notBegun.length === 0) return [whole];
  const named = notBegun.slice(0, MAX_NAMED).join(', ') + (notBegun.length > MAX_NAMED ? ', …' : '');
  return [whole, vscode.l10n.t('not begun: {0}', named)];
}
