/** The read-only custom editor of `*.ohem`. */
import * as vscode from 'vscode';
import { mayTrain } from '../../core/facts/run-manifest.js';
import { localPath } from '../base/local-path.js';
import { messageOf, type Log } from '../base/log.js';
import { plain } from '../base/speak.js';
import type { PanelServices } from './panel-services.js';
import type { Run } from './run.js';
import { RunPanel } from './run-panel.js';
import type { Runs } from './runs.js';

export const RUN_EDITOR = 'ohemLens.run';

interface RunDocument extends vscode.CustomDocument {
  readonly run: Run;
}

export class RunEditors implements vscode.CustomReadonlyEditorProvider<RunDocument> {
  readonly #panels = new Set<RunPanel>();
  readonly #panelsChanged = new vscode.EventEmitter<void>();
  /** A panel was opened or closed. */
  readonly onDidChangePanels = this.#panelsChanged.event;
  /** Image to go to when a run's panel comes up. */
  readonly #wanted = new Map<string, { readonly imageIndex: number; readonly row: number | undefined }>();

  constructor(
    private readonly runs: Runs,
    private readonly services: PanelServices,
    private readonly log: Log,
  ) {}

  register(): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(RUN_EDITOR, this, { supportsMultipleEditorsPerDocument: true });
  }

  get panels(): readonly RunPanel[] {
    return [...this.#panels];
  }

  /** The panel in front; else the only visible one. */
  get active(): RunPanel | undefined {
    const visible = this.panels.filter((panel) => panel.panel.visible);
    return visible.find((panel) => panel.panel.active) ?? (visible.length === 1 ? visible[0] : undefined);
  }

  /** Brings up a run's panel, at an image where one is given, and at a RoI of it. */
  async open(path: string, imageIndex?: number, row?: number): Promise<void> {
    const run = await this.runs.open(path);
    const there = this.panels.find((panel) => panel.run === run && (panel.panel.active || panel.panel.visible));
    if (there && imageIndex !== undefined) {
      there.panel.reveal(undefined, true);
      return there.show(imageIndex, row);
    }
    if (imageIndex !== undefined) this.#wanted.set(run.path, { imageIndex, row });
    await vscode.commands.executeCommand('vscode.openWith', run.uri, RUN_EDITOR, { preview: false });
    const hidden = this.panels.find((panel) => panel.run === run && panel.panel.visible);
    if (hidden) await this.#goToWanted(hidden);
  }

  /**
   * Brings up a run's panel with all items of the run; of a classification that is what it shows anyway.
   * @param suspects with labels to check, of any run.
   */
  async openGallery(path: string, suspects = false): Promise<void> {
    await this.open(path);
    const run = await this.runs.open(path);
    this.panels.find((panel) => panel.run === run && panel.panel.visible)?.showGallery(suspects);
  }

  async openCustomDocument(uri: vscode.Uri): Promise<RunDocument> {
    try {
      const run = await this.runs.open(localPath(uri));
      return { uri, run, dispose: () => undefined };
    } catch (error) {
      this.log.showError(error);
      // VS Code tells it, too.
      throw new Error(plain(messageOf(error)));
    }
  }

  async resolveCustomEditor({ run }: RunDocument, webviewPanel: vscode.WebviewPanel): Promise<void> {
    const panel = new RunPanel(run, webviewPanel, this.services);
    this.#panels.add(panel);
    this.#panelsChanged.fire();
    this.#tellTask();
    webviewPanel.onDidChangeViewState(() => this.#tellTask());
    webviewPanel.onDidDispose(() => {
      this.#panels.delete(panel);
      this.#panelsChanged.fire();
      panel.dispose();
      this.#tellTask();
    });
    await this.#goToWanted(panel);
  }

  /** For menus: what is in front shows all of its examples anyway, or has nothing to train. */
  #tellTask(): void {
    const manifest = this.active?.run.manifest;
    const tell = (key: string, value: boolean) => void vscode.commands.executeCommand('setContext', key, value);
    tell('ohemLens.classification', manifest?.task === 'classification');
    tell('ohemLens.untrainable', manifest !== undefined && !mayTrain(manifest));
  }

  async #goToWanted(panel: RunPanel): Promise<void> {
    const wanted = this.#wanted.get(panel.run.path);
    this.#wanted.delete(panel.run.path);
    if (wanted !== undefined) await panel.show(wanted.imageIndex, wanted.row);
  }
}
