/** "Train With Hard Examples…": from a mined run to a training in its panel, and what can be done there. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { translate } from '../base/listed.js';
import { localPath } from '../base/local-path.js';
import { messageOf } from '../base/log.js';
import { adviceOf, findingText } from '../../core/advice/advise.js';
import { MiningError, show } from '../../core/mining-error.js';
import { OPTION_KEYS, type MiningConfig } from '../../core/mining/mining-options.js';
import { resolveConfig } from '../../core/mining/select.js';
import type { TrainingAction, TrainingComparison, TrainingState } from '../../protocol/train-messages.js';
import { runName } from '../mine/run-name.js';
import { newRunPath } from '../mine/run-place.js';
import { canonicalPath, type Run } from '../run/run.js';
import type { TrainCompare } from './train-compare.js';
import { CONFIG_FILE, writeTrainFolder } from './train-folder.js';
import { askTraining, checkEpochs, type TrainAnswers, type ValidationChoice } from './train-inputs.js';
import type { TrainPanelServices } from './train-panel.js';
import { TrainPanels } from './train-panels.js';
import { beforeFile, checkSchedule, trainConfig } from './train-request.js';
import type { Training } from './training.js';
import type { Trainings } from './trainings.js';
import { mayRunModels } from '../base/trust.js';
import {
  showErrorMessage,
  showInformationMessage,
  showInputBox,
  showQuickPick,
  showWarningMessage,
} from '../base/speak.js';

/** Arguments of `ohemLens.train` for other extensions, tasks and tests; what is left out has the wizard's default. */
export interface TrainArguments {
  /** Path of the run whose checkpoint is trained on its data. */
  readonly run: string;
  readonly epochs?: number;
  readonly learningRate?: number;
  /** Preset and options; default: the run's own. */
  readonly mining?: Partial<MiningConfig>;
  readonly frozenBody?: boolean;
  readonly validation?: ValidationChoice;
  /** Folder of the training. */
  readonly out?: string;
  /** Replace a training that `out` holds. */
  readonly force?: boolean;
  /** `cpu`: JavaScript, for networks of a few thousand weights. */
  readonly backend?: 'tensorflow' | 'cpu';
}

/** How a training ended. */
export interface TrainOutcome {
  readonly out: string;
  readonly state: TrainingState;
  readonly step: number;
  /** Why it failed; ''. */
  readonly message: string;
}

const [EPOCHS, LEARNING_RATE] = [4, 0.002];
/** Of a run: enough to know its foreground and losses in seconds. */
const ADVISED_IMAGES = 256;
/** Makes TensorFlow's native binding, which training needs. */
const SET_UP_BACKEND = 'ohemLens.setUpBackend';

export class TrainCommand {
  /** Its panels carry out what a person presses by `act`. */
  readonly panels: TrainPanels;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly trainings: Trainings,
    private readonly comparer: TrainCompare,
    private readonly services: Omit<TrainPanelServices, 'act'>,
  ) {
    this.panels = new TrainPanels(trainings, { ...services, act: (training, action) => this.act(training, action) });
  }

  /**
   * Trains the checkpoint of a run on its data, from arguments or after asking.
   * @returns how it ended; undefined where it never began.
   * @throws MiningError 'checkpoint' where the checkpoint cannot be trained, 'options'.
   */
  async train(run: Run, given?: Partial<TrainArguments>): Promise<TrainOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    const init = await this.#trainableFolder(run);
    const defaults = await this.#defaults(run);
    const chosen =
      given === undefined
        ? await askTraining({ ...defaults, dataset: run.manifest.dataset })
        : answersOf(given, defaults);
    if (chosen === undefined) return undefined;
    const answers = { ...chosen, out: canonicalPath(chosen.out) };
    const force = given?.force === true;
    if (!force && existsSync(join(answers.out, CONFIG_FILE)))
      throw new MiningError('options', 'out', 'a folder without a training', 'one with', { file: answers.out });
    const config = trainConfig(run.manifest, init, answers, given?.backend ?? null);
    await writeTrainFolder(answers.out, config, beforeFile(run.path, run.manifest, answers));
    const training = await this.trainings.open(answers.out);
    if (force) await training.reload();
    await this.#warn(run, answers.mining);
    return this.#start(training, { force });
  }

  /** Says, before the first step, what is known to spoil such a training; it begins all the same. */
  async #warn(run: Run, mining: MiningConfig): Promise<void> {
    try {
      const { facts } = await this.services.engine.call('adviseRun', {
        runPath: run.path,
        mining,
        most: ADVISED_IMAGES,
      });
      const [first] = adviceOf(facts, { proposalsBeginAnew: false }).findings;
      if (first === undefined) return;
      this.services.log.warning(`${findingText(first)} (${first.evidence})`);
      void showWarningMessage(findingText(first, translate));
    } catch (error) {
      this.services.log.warning(messageOf(error));
    }
  }

  /** Brings up the panel of a training. */
  async show(out?: string): Promise<void> {
    const folder = out ?? (await this.#askKnown());
    if (folder !== undefined) this.panels.show(await this.trainings.open(folder));
  }

  /** Stops the one given, else all of this window. */
  async stop(out?: string): Promise<void> {
    const meant = out === undefined ? this.trainings.running : [await this.trainings.open(out)];
    for (const training of meant) training.stop();
  }

  /** Goes on where a training stopped, `epochs` in all. */
  async resume(out?: string, epochs?: number): Promise<TrainOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    const folder = out ?? (await this.#askKnown());
    return folder === undefined
      ? undefined
      : this.#start(await this.trainings.open(folder), epochs === undefined ? {} : { epochs });
  }

  /** "Compare With Before". */
  async compare(out?: string): Promise<TrainingComparison | undefined> {
    if (!mayRunModels()) return undefined;
    const folder = out ?? (await this.#askKnown());
    if (folder === undefined) return undefined;
    const training = await this.trainings.open(folder);
    this.panels.show(training);
    return this.comparer.compare(training);
  }

  /** What a person pressed in the panel. */
  async act(training: Training, action: TrainingAction): Promise<unknown> {
    switch (action) {
      case 'stop':
        return training.stop();
      case 'stopNow':
        return training.kill();
      case 'resume':
        return this.resume(training.out);
      case 'trainFurther':
        return this.#trainFurther(training);
      case 'trainAgain':
        return this.#trainAgain(training);
      case 'compare':
        return this.compare(training.out);
      case 'setUpBackend':
        return vscode.commands.executeCommand(SET_UP_BACKEND);
      case 'showLog':
        return this.services.log.show();
      case 'openConfig':
        return vscode.commands.executeCommand('vscode.open', vscode.Uri.file(join(training.out, CONFIG_FILE)));
      case 'openBefore':
        return openRun(training.comparison?.before || training.folder.before?.run);
      case 'openAfter':
        return openRun(training.comparison?.after);
    }
  }

  async #start(training: Training, how: { readonly epochs?: number; readonly force?: boolean }): Promise<TrainOutcome> {
    this.panels.show(training);
    const { state } = await training.start(how);
    const { step, message } = training.progress;
    this.services.log.info(`training ${state} after step ${step}: ${training.out}`);
    if (!this.panels.isVisible(training)) this.#tell(training);
    return { out: training.out, state: training.progress.state, step, message };
  }

  /** The panel says how it ended; where nobody looks at it, a notification does. */
  #tell(training: Training): void {
    const { state, message } = training.progress;
    const open = vscode.l10n.t('Show Training');
    const { name } = training.facts;
    const text =
      state === 'failed'
        ? message
        : state === 'finished'
          ? vscode.l10n.t('{0} is trained.', name)
          : vscode.l10n.t('{0}: training stopped.', name);
    const tell = state === 'failed' ? showErrorMessage : showInformationMessage;
    void tell(text, open).then((picked) => picked === open && this.panels.show(training));
  }

  async #trainFurther(training: Training): Promise<unknown> {
    const { epochs } = training.facts;
    const text = await showInputBox({
      title: vscode.l10n.t('Train Further'),
      prompt: vscode.l10n.t('More epochs; {0} are done', epochs),
      value: String(epochs),
      check: checkEpochs,
    });
    return text === undefined ? undefined : this.resume(training.out, epochs + Number(text));
  }

  /** After losses that were not finite: the questions again, with a tenth of the learning rate. */
  async #trainAgain({ folder, facts }: Training): Promise<unknown> {
    const run = folder.before && (await this.services.runs.open(folder.before.run));
    if (!run)
      throw new MiningError('run-file', 'train again', 'the run that the training came from', 'none', {
        file: folder.out,
      });
    const defaults = {
      ...(await this.#defaults(run)),
      mining: facts.mining,
      epochs: facts.epochs,
      frozenBody: facts.frozenBody,
      learningRate: Number((facts.learningRate / 10).toPrecision(3)),
    };
    const answers = await askTraining({ ...defaults, dataset: run.manifest.dataset });
    return answers && this.train(run, { ...answers, run: run.path });
  }

  /** Of the checkpoint that a run was mined from. @throws MiningError 'checkpoint' where it cannot be trained. */
  async #trainableFolder({ path, manifest: { checkpoint } }: Run): Promise<string> {
    if (checkpoint === null)
      throw new MiningError('checkpoint', 'training', 'a run of a checkpoint', 'losses that a training wrote', {
        file: path,
        todo: vscode.l10n.t('Mine the checkpoint itself, then train it'),
      });
    try {
      return (await this.services.engine.call('trainableFolder', { path: checkpoint.path })).folder;
    } catch (error) {
      throw translated(error);
    }
  }

  async #defaults(run: Run) {
    const { splits } = await this.services.engine.call('splitsOf', { path: run.manifest.dataset.path });
    return {
      splits,
      mining: run.mining,
      epochs: EPOCHS,
      learningRate: LEARNING_RATE,
      frozenBody: false,
      out: await this.#newFolder(run),
    };
  }

  /** `sample-fast-rcnn-training-20261122-140509` where new runs go. */
  async #newFolder({ manifest: { checkpoint } }: Run): Promise<string> {
    const path = checkpoint?.path ?? '';
    const contract = await this.services.engine.call('contractNames', { path });
    const name = runName({ checkpoint: path, contract, data: 'training' }, new Date());
    return join(dirname(newRunPath(this.context, name)), name.replace(/\.ohem$/, ''));
  }

  async #askKnown(): Promise<string | undefined> {
    const running = this.trainings.running.map(({ out }) => out);
    if (running.length === 1) return running[0];
    const known = this.trainings.known.filter((out) => existsSync(join(out, CONFIG_FILE)));
    const items = known.map((out) => ({
      label: out.split(/[\\/]/).at(-1) ?? out,
      description: vscode.workspace.asRelativePath(dirname(out)),
      out,
    }));
    const browse = { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, description: '', out: undefined };
    const picked = await showQuickPick([...items, browse], {
      placeHolder: vscode.l10n.t('A training of this workspace'),
    });
    if (picked === undefined || picked.out !== undefined) return picked?.out;
    const [uri] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false })) ?? [];
    return uri && localPath(uri);
  }
}

function openRun(path: string | undefined): Thenable<unknown> | undefined {
  return path === undefined || path === '' ? undefined : vscode.commands.executeCommand('ohemLens.openRun', path);
}

/** The engine process speaks English: what a person can do instead is said in the editor's language. */
function translated(error: unknown): unknown {
  if (!(error instanceof MiningError) || error.hint.reason !== 'not-trainable') return error;
  const todo = vscode.l10n.t(
    'Trainable are the sample’s detector and what `ohem train` writes; of other trainings import their losses ' +
      '(Import RoI Dump)',
  );
  return new MiningError(error.code, error.where, error.expected, error.received, { ...error.hint, todo });
}

/** @throws MiningError 'options' */
function answersOf(given: Partial<TrainArguments>, defaults: Omit<TrainAnswers, 'validation'>): TrainAnswers {
  const {
    epochs = defaults.epochs,
    learningRate = defaults.learningRate,
    frozenBody = defaults.frozenBody,
    out = defaults.out,
    validation = { on: 'none' },
  } = given;
  checkSchedule(epochs, learningRate);
  if (typeof out !== 'string' || out === '') throw new MiningError('options', 'out', 'a path of a folder', show(out));
  return { mining: miningWith(defaults.mining, given.mining ?? {}), epochs, learningRate, frozenBody, out, validation };
}

/** Another preset brings its own defaults. @throws MiningError 'options' */
function miningWith(own: MiningConfig, { preset = own.preset, ...changes }: Partial<MiningConfig>): MiningConfig {
  if (preset !== own.preset) return resolveConfig(preset, { imagesPerBatch: own.imagesPerBatch, ...changes });
  const options = Object.fromEntries(OPTION_KEYS.map((key) => [key, own[key]]));
  return resolveConfig(preset, { ...options, ...changes });
}
