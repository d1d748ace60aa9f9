/** "Describe Checkpoint": what a detector is taken for, tried on annotated images, to be looked at and saved. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { MiningError, show } from '../../core/mining-error.js';
import type { InspectionState } from '../../protocol/inspect-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { setting } from '../base/settings.js';
import { showInformationMessage, withProgress } from '../base/speak.js';
import { mayRunModels } from '../base/trust.js';
import { EngineStopped, type EngineProcess } from '../engine/engine-process.js';
import { askInputs, dataOptions, sampleInputs, type MineInputs } from '../inputs/mine-inputs.js';
import { allowImages } from '../run/image-folders.js';
import { WizardPanel, type WizardServices } from './wizard-panel.js';

/** Arguments of `ohemLens.describeCheckpoint` for other commands, extensions and tests. */
export interface DescribeArguments extends MineInputs {
  readonly backend?: string;
  /** Whoever asks goes on with mining. */
  readonly minesNext?: boolean;
}

interface Inspected {
  readonly engine: EngineProcess;
  readonly state: InspectionState;
}

export class DescribeCommand {
  readonly #panels = new Set<WizardPanel>();

  constructor(
    private readonly extensionPath: string,
    private readonly services: WizardServices,
  ) {}

  /** The wizards that are open. */
  get panels(): readonly WizardPanel[] {
    return [...this.#panels];
  }

  /**
   * Inspects, from arguments or after asking, and opens the wizard.
   * @returns path of the contract that was saved, once it is; undefined where nothing was.
   * @throws MiningError of whichever part does not fit.
   */
  async run(given?: Partial<DescribeArguments>): Promise<string | undefined> {
    if (!mayRunModels()) return undefined;
    const { engine, log, images } = this.services;
    const chosen: DescribeArguments | undefined =
      given === undefined
        ? await askInputs(engine, sampleInputs(this.extensionPath), log, {
            what: vscode.l10n.t('Describe Checkpoint'),
            takesPredictions: false,
          })
        : checkArguments(given);
    if (chosen === undefined) return undefined;
    allowImages(images.folders, chosen.data, chosen.images);
    const inspected = await this.#inspect(chosen);
    if (inspected === undefined) return undefined;
    const minesNext = chosen.minesNext === true;
    const title = basename(chosen.checkpoint);
    const panel = new WizardPanel({ ...inspected, title, minesNext }, this.services);
    this.#panels.add(panel);
    const saved = await panel.saved.finally(() => this.#panels.delete(panel));
    if (saved !== undefined && !minesNext)
      void offerMining(saved, chosen).catch((error: unknown) => this.services.log.showError(error));
    return saved;
  }

  /** undefined: the person gave up. */
  #inspect(given: DescribeArguments): Thenable<Inspected | undefined> {
    const title = vscode.l10n.t('Trying how {0} may be read', basename(given.checkpoint));
    return withProgress(title, async (progress, token) => {
      const engine = await this.services.engine.start((event) => this.#receive(event, progress));
      token.onCancellationRequested(() => engine.kill());
      try {
        return { engine, state: await engine.call('inspect', optionsOf(given)) };
      } catch (error) {
        engine.kill();
        if (error instanceof EngineStopped) return undefined;
        throw error;
      }
    });
  }

  #receive(event: WorkerEvent, progress: vscode.Progress<{ message?: string; increment?: number }>): void {
    if (event.event === 'log') this.services.log[event.level](event.text);
    if (event.event !== 'inspecting') return;
    const { numDone, numTotal } = event;
    const message = vscode.l10n.t('reading {0} of at most {1}', numDone + 1, numTotal);
    progress.report({ message, increment: 100 / numTotal });
  }
}

function optionsOf(given: DescribeArguments) {
  const { checkpoint, data, backend } = given;
  return { checkpoint, data, dataset: dataOptions(given), backend: backend ?? (setting('backend', '').trim() || null) };
}

/** @throws MiningError 'options' */
function checkArguments(given: Partial<DescribeArguments>): DescribeArguments {
  const { checkpoint, data } = given;
  if (typeof checkpoint !== 'string' || checkpoint === '')
    throw new MiningError('options', 'checkpoint', 'a path', show(checkpoint));
  if (typeof data !== 'string' || data === '') throw new MiningError('options', 'data', 'a path', show(data));
  return { ...given, checkpoint, data };
}

async function offerMining(path: string, given: DescribeArguments): Promise<void> {
  const { checkpoint, data } = given;
  const open = vscode.l10n.t('Open Contract');
  const mine = vscode.l10n.t('Mine Hard Examples');
  const picked = await showInformationMessage(vscode.l10n.t('Saved in {0}', path), mine, open);
  if (picked === open) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
  if (picked === mine)
    await vscode.commands.executeCommand('ohemLens.mine', { checkpoint, data, ...dataOptions(given) });
}
