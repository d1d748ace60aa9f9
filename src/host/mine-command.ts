/** "Mine Hard Examples": from two picks, or arguments, to a growing run in its panel. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../core/mining-error.js';
import type { MiningConfig } from '../core/mining-options.js';
import { contractOf, readContractFacts } from './contract-facts.js';
import { askInputs, sampleInputs } from './mine-inputs.js';
import type { Log } from './log.js';
import type { MineOutcome, MineRequest, MiningJob, MiningJobs } from './mining-jobs.js';
import type { RunEditors } from './run-editor.js';
import { canonicalPath, type Run } from './run.js';
import { runName } from './run-name.js';
import { miningConfig, setting } from './settings.js';

/** Arguments of `ohemLens.mine` for other extensions, tasks and tests. */
export interface MineArguments {
  readonly checkpoint: string;
  readonly data: string;
  /** Folder of the images where the annotations do not tell. */
  readonly images?: string;
  /** VOC: a list in ImageSets/Main. */
  readonly split?: string;
  /** Path of the run file; default: a new one in the run folder. */
  readonly out?: string;
  readonly mining?: Partial<MiningConfig>;
  readonly backend?: string;
  /** Replace an `out` that exists. */
  readonly force?: boolean;
}

export class MineCommand {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly jobs: MiningJobs,
    private readonly editors: RunEditors,
    private readonly log: Log,
  ) {}

  /**
   * Mines, from arguments or after asking.
   * @returns how it ended; undefined where it never began.
   */
  async mine(given?: Partial<MineArguments>): Promise<MineOutcome | undefined> {
    if (!this.#mayRunModels()) return undefined;
    try {
      const chosen = given === undefined ? await askInputs(this.#sample) : checkArguments(given);
      return chosen && (await this.#follow(this.jobs.start(await this.#request(chosen))));
    } catch (error) {
      this.log.showError(error);
      return undefined;
    }
  }

  mineSample(): Promise<MineOutcome | undefined> {
    return this.mine(this.#sample);
  }

  /** Goes on where a run stopped. */
  async resume(run: Run): Promise<MineOutcome | undefined> {
    if (!this.#mayRunModels()) return undefined;
    const under = this.jobs.of(run.path);
    return under ? under.done : this.#follow(this.jobs.start(resumeRequest(run)));
  }

  get #sample() {
    return sampleInputs(this.context.extensionPath);
  }

  #mayRunModels(): boolean {
    if (vscode.workspace.isTrusted) return true;
    const manage = vscode.l10n.t('Manage Workspace Trust');
    const text = vscode.l10n.t('Models run only in trusted workspaces. Runs that are already there can be viewed.');
    void vscode.window.showWarningMessage(text, manage).then((picked) => picked === manage && vscode.commands.executeCommand('workbench.trust.manage'));
    return false;
  }

  async #request(given: MineArguments): Promise<MineRequest> {
    const outPath = canonicalPath(given.out ?? join(this.#runFolder(), await this.#nameOf(given)));
    const request = {
      checkpointPath: given.checkpoint,
      datasetPath: given.data,
      dataset: { ...(given.images === undefined ? {} : { images: given.images }), ...(given.split === undefined ? {} : { split: given.split }) },
      outPath: given.out === undefined ? unused(outPath) : outPath,
      mining: miningConfig(given.mining),
      measure: {},
      backend: given.backend ?? (setting('backend', '').trim() || null),
      limit: null,
      resume: false,
      force: given.force === true,
    };
    await mkdir(dirname(request.outPath), { recursive: true });
    return request;
  }

  async #nameOf({ checkpoint, data }: MineArguments): Promise<string> {
    const path = contractOf(checkpoint);
    return runName({ checkpoint, contract: path === null ? null : await readContractFacts(path), data }, new Date());
  }

  #runFolder(): string {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const wanted = setting('runFolder', '').trim() || 'ohem-runs';
    if (isAbsolute(wanted)) return wanted;
    return folder === undefined ? storedRunFolder(this.context) : join(folder.uri.fsPath, wanted);
  }

  /** Panel, notification and the last word. */
  async #follow(job: MiningJob): Promise<MineOutcome> {
    void job.opened.then((run) => run && this.editors.open(run.path)).catch((error: unknown) => this.log.showError(error));
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Mining hard examples'), cancellable: true },
      (progress, token) => {
        token.onCancellationRequested(() => void job.cancel());
        return report(job, progress);
      },
    );
    this.#tell(outcome);
    await job.opened;
    return outcome;
  }

  #tell(outcome: MineOutcome): void {
    const { state, numImages, numFailed, message } = outcome;
    this.log.info(`${state}: ${numImages} images, ${numFailed} of them not measured: ${outcome.outPath}`);
    if (state === 'failed') this.log.error(message);
    const actions = [...(state !== 'done' && numImages > 0 ? [RESUME()] : []), ...(state === 'failed' || numFailed > 0 ? [SHOW_LOG()] : [])];
    void announce(state, outcomeText(outcome), actions).then((picked) => {
      if (picked === SHOW_LOG()) this.log.show();
      if (picked === RESUME()) void vscode.commands.executeCommand('ohemLens.resumeRun', outcome.outPath);
    });
  }
}

const RESUME = () => vscode.l10n.t('Resume');
const SHOW_LOG = () => vscode.l10n.t('Show Log');

/** Where runs go without a workspace folder. */
export function storedRunFolder(context: vscode.ExtensionContext): string {
  return vscode.Uri.joinPath(context.globalStorageUri, 'runs').fsPath;
}

function announce(state: MineOutcome['state'], text: string, actions: readonly string[]): Thenable<string | undefined> {
  if (state === 'failed') return vscode.window.showErrorMessage(text, ...actions);
  return vscode.window.showInformationMessage(text, ...actions);
}

function outcomeText({ state, numImages, numFailed, message }: MineOutcome): string {
  if (state === 'failed' && numImages === 0) return message;
  if (state === 'failed') return vscode.l10n.t('{0} The run keeps {1} images.', message, numImages);
  if (state === 'stopped') return vscode.l10n.t('Mining stopped. The run keeps {0} images.', numImages);
  const failed = numFailed === 0 ? '' : ` ${vscode.l10n.t('{0} could not be measured.', numFailed)}`;
  return vscode.l10n.t('Mined {0} images.', numImages) + failed;
}

function report(job: MiningJob, progress: vscode.Progress<{ message?: string; increment?: number }>): Promise<MineOutcome> {
  let shown = 0;
  progress.report({ message: vscode.l10n.t('starting the engine process') });
  const listener = job.onDidChange(() => {
    const { numDone, numTotal } = job.progress;
    const percent = numTotal === 0 ? 0 : (100 * numDone) / numTotal;
    progress.report({ message: progressText(job), increment: percent - shown });
    shown = percent;
  });
  return job.done.finally(() => listener.dispose());
}

/** `12 of 40 images · 3.1 images/s · 9 s left · onnxruntime-node 1.30.0 · CPU`. */
export function progressText({ progress }: MiningJob): string {
  const { numDone, numTotal, imagesPerSecond, etaSeconds, backend } = progress;
  if (numTotal === 0) return vscode.l10n.t('starting the engine process');
  const parts = [vscode.l10n.t('{0} of {1} images', numDone, numTotal)];
  if (imagesPerSecond > 0) parts.push(vscode.l10n.t('{0} images/s', imagesPerSecond.toFixed(1)));
  if (etaSeconds !== null) parts.push(vscode.l10n.t('{0} s left', Math.ceil(etaSeconds)));
  if (backend !== '') parts.push(backend);
  return parts.join(' · ');
}

/** @throws MiningError 'options' */
function checkArguments(given: Partial<MineArguments>): MineArguments {
  for (const name of ['checkpoint', 'data'] as const) {
    if (typeof given[name] !== 'string' || given[name] === '') throw new MiningError('options', name, 'a path', show(given[name]));
  }
  return given as MineArguments;
}

/** @throws MiningError 'run-file' where the run was not mined from a checkpoint. */
function resumeRequest({ path, manifest }: Run): MineRequest {
  const { checkpoint, dataset, measure, backend, mining } = manifest;
  if (checkpoint === null || measure === null) throw new MiningError('run-file', 'resume', 'a run that was mined from a checkpoint', 'imported losses', { file: path });
  const config = Object.fromEntries(Object.entries(measure).filter(([name]) => name !== 'scoreForm'));
  return {
    checkpointPath: checkpoint.path,
    datasetPath: dataset.path,
    dataset: { images: dataset.imageRoot, ...(dataset.split === null ? {} : { split: dataset.split }) },
    outPath: path,
    mining,
    measure: config,
    backend: backend?.id ?? null,
    limit: null,
    resume: true,
  };
}

/** The path, or one beside it that no file has yet. */
function unused(path: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : path.replace(/\.ohem$/, `-${n}.ohem`);
    if (!existsSync(candidate)) return candidate;
  }
}
