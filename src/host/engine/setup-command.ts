/**
 * "Set Up GPU Backend": what this machine has, what can be set up on it, consent, and the work itself, which `ohem
 * engines setup` does in a process of its own. Everything lands in the extension's global storage.
 */
import * as vscode from 'vscode';
import { workspaceFolders } from '../base/local-path.js';
import { MiningError, show } from '../../core/mining-error.js';
import { inWords, joined, said } from '../../core/said.js';
import type { SetupChoiceFacts, SetupLine, SetupSurveyLine } from '../../protocol/setup-messages.js';
import { fromWire } from '../../protocol/wire-error.js';
import type { EngineService } from './engine-service.js';
import { recommendSetup } from './recommended-setup.js';
import { listed } from '../base/listed.js';
import { messageOf, type Log } from '../base/log.js';
import { mayRunModels } from '../base/trust.js';
import { confirm, showErrorMessage, showInformationMessage, showQuickPick, withProgress } from '../base/speak.js';

/** Arguments of `ohemLens.setUpBackend` for other extensions, tasks and tests. */
export interface SetupArguments {
  /** `tensorflow`, `official`, `webgpu`, `onnx-cuda` or `node`; the first of its kind that can be had. */
  readonly choice: string;
  /** Folder of a TensorFlow or a Python environment; else what is found. */
  readonly tensorflow?: string;
  /** The person has agreed to what is downloaded. */
  readonly consent?: boolean;
}

export interface SetupOutcome {
  readonly state: 'done' | 'failed' | 'stopped';
  /** Steps that were carried out, and those that an earlier call had done. */
  readonly steps: readonly { readonly name: string; readonly state: 'done' | 'kept' }[];
  /** Whether each backend that was set up runs. */
  readonly verdicts: readonly { readonly id: string; readonly runs: boolean; readonly text: string }[];
  /** Why it failed, and what to do; '' otherwise. */
  readonly message: string;
}

type Progress = vscode.Progress<{ message?: string; increment?: number }>;

export class SetupCommand implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('OHEM Lens: GPU Backend', { log: true });
  #running: Promise<SetupOutcome> | undefined;

  constructor(
    private readonly engine: EngineService,
    private readonly log: Log,
  ) {}

  /**
   * Sets up what is given, or after asking.
   * @returns how it ended; undefined where it never began.
   * @throws MiningError 'options' for a choice that cannot be had; Error where the machine could not be looked at.
   */
  async run(given?: Partial<SetupArguments>): Promise<SetupOutcome | undefined> {
    if (!mayRunModels()) return undefined;
    if (this.#running) return this.#running;
    const choice = await this.#choose(given);
    if (choice === undefined) return undefined;
    if (choice.args.length === 0) return void tellAdvice(choice);
    if (given?.consent !== true && !(await agrees(choice))) return undefined;
    if (this.#running) return this.#running;
    this.#running = this.#carryOut(choice).finally(() => (this.#running = undefined));
    const outcome = await this.#running;
    this.#tell(choice, outcome);
    return outcome;
  }

  /**
   * "Remove GPU Backend". @param consent the person has agreed. @returns what was taken away; undefined nothing was
   * asked for.
   */
  async remove(consent = false): Promise<readonly string[] | undefined> {
    if (!consent && !(await agreesToRemove())) return undefined;
    // It may have the libraries open.
    this.engine.restart();
    const removed: string[] = [];
    const onLine = (text: string) => {
      const line = lineOf(text);
      if (line?.event === 'removed' && line.wasThere) removed.push(line.folder);
    };
    await this.engine.cli(['engines', 'remove', '--json'], new AbortController().signal, { onLine });
    void showInformationMessage(
      removed.length === 0 ? vscode.l10n.t('Nothing was set up.') : vscode.l10n.t('Removed: {0}', removed.join(', ')),
    );
    return removed;
  }

  dispose(): void {
    this.#channel.dispose();
  }

  async #choose(given: Partial<SetupArguments> | undefined): Promise<SetupChoiceFacts | undefined> {
    const survey = await this.#survey(given?.tensorflow);
    if (survey === undefined) return undefined;
    if (given?.choice !== undefined) return requireChoice(survey, given.choice);
    for (let now = survey; ;) {
      const picked = await pickChoice(now);
      if (picked === undefined || picked !== 'browse') return picked;
      const folder = await browse();
      const other = folder === undefined ? undefined : await this.#survey(folder);
      if (other !== undefined) now = other;
    }
  }

  /** @returns undefined where the person stopped it. */
  async #survey(tensorflow?: string): Promise<SetupSurveyLine | undefined> {
    const args = [
      'engines',
      'setup',
      '--list',
      '--json',
      ...(tensorflow === undefined ? [] : ['--tensorflow', tensorflow]),
    ];
    const title = vscode.l10n.t('Looking for TensorFlow, CUDA and compilers');
    return withProgress(title, async (_progress, token) => {
      const signal = signalOf(token);
      try {
        const { text } = await this.engine.cli(args, signal, workingFolder());
        return JSON.parse(text) as SetupSurveyLine;
      } catch (error) {
        if (signal.aborted) return undefined;
        throw error;
      }
    });
  }

  async #carryOut(choice: SetupChoiceFacts): Promise<SetupOutcome> {
    const title = vscode.l10n.t('Setting up {0}', listed(choice.title));
    const outcome = await withProgress(title, (progress, token) => this.#follow(choice, progress, signalOf(token)));
    this.engine.restart();
    return outcome;
  }

  async #follow(choice: SetupChoiceFacts, progress: Progress, signal: AbortSignal): Promise<SetupOutcome> {
    const steps: SetupOutcome['steps'][number][] = [];
    const verdicts: SetupOutcome['verdicts'][number][] = [];
    const show = progressOf(progress);
    let failure: unknown = null;
    const onLine = (text: string) => {
      const line = lineOf(text);
      if (line === null) return this.#channel.info(text);
      this.#note(line);
      show(line);
      if (line.event === 'step' && line.state !== 'begun') steps.push({ name: line.name, state: line.state });
      if (line.event === 'verdict') verdicts.push({ id: line.id, runs: line.runs, text: listed(line.text) });
      if (line.event === 'failed') failure = fromWire(line.error);
    };
    try {
      await this.engine.cli(['engines', 'setup', ...choice.args, '--yes', '--json'], signal, {
        ...workingFolder(),
        onLine,
      });
      return { state: 'done', steps, verdicts, message: '' };
    } catch (error) {
      return {
        state: signal.aborted ? 'stopped' : 'failed',
        steps,
        verdicts,
        message: signal.aborted ? '' : messageOf(failure ?? error),
      };
    }
  }

  /** The channel has every step and every line of its programs. */
  #note(line: SetupLine): void {
    if (line.event === 'step')
      this.#channel.info(`${line.index + 1}/${line.numSteps} ${line.name}: ${line.state}: ${line.of}`);
    if (line.event === 'output') this.#channel.info(`    ${line.text}`);
    if (line.event === 'verdict')
      this.#channel.info(`${line.id} ${line.runs ? 'runs' : 'does not run'}: ${inWords(line.text)}`);
  }

  #tell(choice: SetupChoiceFacts, { state, verdicts, message }: SetupOutcome): void {
    const showLog = vscode.l10n.t('Show Log');
    const again = vscode.l10n.t('Try Again');
    const backends = vscode.l10n.t('Choose Backend…');
    const react = (picked: string | undefined) => {
      if (picked === showLog) this.#channel.show(true);
      if (picked === again)
        void this.run({
          choice: choice.id,
          ...(choice.id === 'tensorflow' ? { tensorflow: choice.args[1] } : {}),
          consent: true,
        }).catch((error: unknown) => this.log.showError(error));
      if (picked === backends) void vscode.commands.executeCommand('ohemLens.chooseBackend');
    };
    if (state === 'failed') {
      this.#channel.error(message);
      void showErrorMessage(message, again, showLog).then(react);
    } else if (state === 'stopped') {
      void showInformationMessage(vscode.l10n.t('Stopped. What was done stays: set up again to go on.'), again).then(
        react,
      );
    } else {
      const running = verdicts
        .filter(({ runs }) => runs)
        .map(({ id, text }) => `${id} ${text}`)
        .join('; ');
      const text =
        running === ''
          ? vscode.l10n.t('{0} is set up.', listed(choice.title))
          : vscode.l10n.t('{0} is set up: {1}', listed(choice.title), running);
      void showInformationMessage(text, backends, showLog).then(react);
    }
  }
}

function workingFolder(): { readonly cwd?: string } {
  const [folder] = workspaceFolders();
  return folder === undefined ? {} : { cwd: folder };
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort(new Error('stopped')));
  return controller.signal;
}

/** null: not a line of ours. */
function lineOf(text: string): SetupLine | null {
  try {
    return JSON.parse(text) as SetupLine;
  } catch {
    return null;
  }
}

function progressOf(progress: Progress): (line: SetupLine) => void {
  let shown = 0;
  let step = '';
  return (line) => {
    if (line.event === 'step') {
      const percent = (100 * (line.index + (line.state === 'begun' ? 0 : 1))) / line.numSteps;
      step = vscode.l10n.t('step {0} of {1}: {2}', line.index + 1, line.numSteps, line.name);
      progress.report({ message: step, increment: percent - shown });
      shown = percent;
    }
    if (line.event === 'bytes')
      progress.report({
        message: `${step} · ${megabytes(line.received)}${line.total === 0 ? '' : ` / ${megabytes(line.total)}`} MB`,
      });
  };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

function requireChoice({ choices }: SetupSurveyLine, id: string): SetupChoiceFacts {
  const meant = choices.filter((choice) => choice.id === id);
  const choice = meant.find(({ why }) => why === '');
  if (choice !== undefined) return choice;
  const expected =
    meant.length === 0
      ? said`one of ${[...new Set(choices.map((each) => each.id))].join(', ')}`
      : 'one that can be had here';
  throw new MiningError(
    'options',
    'choice',
    expected,
    meant.length === 0 ? show(id) : joined(meant.map(({ why }) => why)),
  );
}

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: SetupChoiceFacts | 'browse';
}

/** What the machine has is the title's business; what can be set up are the lines, the recommended one first. */
async function pickChoice(survey: SetupSurveyLine): Promise<SetupChoiceFacts | 'browse' | undefined> {
  const best = recommendSetup(survey);
  const choices = survey.choices.filter((choice) => choice !== best?.choice);
  const separator = (label: string): ChoiceItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = (isOfGroup: (choice: SetupChoiceFacts) => boolean) =>
    choices.filter(isOfGroup).map((choice) => choiceItem(choice));
  const first = best === undefined ? [] : [{ ...choiceItem(best.choice, 'star-full'), detail: best.reason }];
  const lines = [
    separator(vscode.l10n.t('Recommended here')),
    ...first,
    separator(vscode.l10n.t('Found on this machine')),
    ...items(({ isHere }) => isHere),
    {
      label: `$(folder-opened) ${vscode.l10n.t('Another Python environment or libtensorflow…')}`,
      choice: 'browse' as const,
    },
    separator(vscode.l10n.t('Downloads')),
    ...items(({ isHere, args }) => !isHere && args.length > 0),
    separator(vscode.l10n.t('Without this set-up')),
    ...items(({ args }) => args.length === 0),
  ];
  const picked = await showQuickPick(lines, {
    title: [vscode.l10n.t('Set Up GPU Backend'), ...machineFacts(survey)].join(' · '),
    placeHolder: vscode.l10n.t('What shall be set up?'),
    matchOnDetail: true,
    ignoreFocusOut: true,
  });
  return picked?.choice;
}

/** What is here, and what was set up. */
function machineFacts({ machine, linked }: SetupSurveyLine): readonly string[] {
  const [gpu = ''] = machine.gpu.split(',');
  return [
    gpu === '' ? vscode.l10n.t('no NVIDIA GPU seen') : gpu,
    ...(machine.cuda === '' ? [] : [`CUDA ${machine.cuda}`]),
    linked === null ? vscode.l10n.t('nothing is set up yet') : vscode.l10n.t('set up: TensorFlow {0}', linked.version),
  ];
}

/** @param mark icon of one that can be had. */
function choiceItem(choice: SetupChoiceFacts, mark?: string): ChoiceItem {
  const { title, detail, why, downloadMb, diskMb, args } = choice;
  const size = args.length === 0 ? '' : vscode.l10n.t('{0} MB download, {1} MB on disk', downloadMb, diskMb);
  const icon = why !== '' ? 'circle-slash' : (mark ?? (args.length === 0 ? 'info' : 'cloud-download'));
  return {
    label: `$(${icon}) ${listed(title)}`,
    description: why === '' ? size : vscode.l10n.t('not here'),
    detail: listed(why === '' ? detail : why),
    choice: why === '' ? choice : { ...choice, args: [], detail: why },
  };
}

function tellAdvice({ title, detail }: SetupChoiceFacts): undefined {
  void showInformationMessage(vscode.l10n.t('{0}: {1}', listed(title), listed(detail)));
  return undefined;
}

async function browse(): Promise<string | undefined> {
  const title = vscode.l10n.t('Folder of a Python environment or of an unpacked libtensorflow');
  const [uri] = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, title })) ?? [];
  return uri?.fsPath;
}

async function agrees({ title, detail, more, downloadMb, diskMb }: SetupChoiceFacts): Promise<boolean> {
  const go = vscode.l10n.t('Set Up');
  const size = vscode.l10n.t(
    'About {0} MB are downloaded and {1} MB kept in the storage of the extension. Nothing outside of it is ' +
      'changed; "Remove GPU Backend" takes it away.',
    downloadMb,
    diskMb,
  );
  const about =
    more === '' ? vscode.l10n.t('{0}.', listed(detail)) : vscode.l10n.t('{0}. {1}.', listed(detail), listed(more));
  return confirm(listed(title), `${about}\n\n${size}`, go);
}

async function agreesToRemove(): Promise<boolean> {
  const go = vscode.l10n.t('Remove');
  const detail = vscode.l10n.t(
    'What "Set Up GPU Backend" made in the storage of the extension is deleted. Python environments and ' +
      'libraries of your own stay as they are.',
  );
  return confirm(vscode.l10n.t('Remove the GPU backend?'), detail, go);
}
