/** The panels of trainings: one a folder; they come back when the window is opened again. */
import * as vscode from 'vscode';
import { canonicalPath } from '../run/run.js';
import { TRAINING_VIEW, TrainPanel, type TrainPanelServices } from './train-panel.js';
import type { Training } from './training.js';
import type { Trainings } from './trainings.js';

export class TrainPanels implements vscode.WebviewPanelSerializer {
  readonly #panels = new Set<TrainPanel>();

  constructor(
    private readonly trainings: Trainings,
    private readonly services: TrainPanelServices,
  ) {}

  register(): vscode.Disposable {
    return vscode.window.registerWebviewPanelSerializer(TRAINING_VIEW, this);
  }

  get panels(): readonly TrainPanel[] {
    return [...this.#panels];
  }

  show(training: Training): void {
    const there = this.panels.find((panel) => panel.training === training);
    if (there) return there.panel.reveal(undefined, false);
    this.#adopt(
      training,
      vscode.window.createWebviewPanel(TRAINING_VIEW, training.facts.name, vscode.ViewColumn.Active),
    );
  }

  isVisible(training: Training): boolean {
    return this.panels.some((panel) => panel.training === training && panel.panel.visible);
  }

  /** The window was closed or reloaded with the panel open: the folder tells how far the training has come. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const out =
      typeof state === 'object' && state !== null && 'out' in state && typeof state.out === 'string' ? state.out : null;
    try {
      if (out === null) throw new Error('no folder');
      this.#adopt(await this.trainings.open(canonicalPath(out)), panel);
    } catch (error) {
      // Its folder is gone: there is nothing to show.
      this.services.log.warning(`training panel: ${String(error)}`);
      panel.dispose();
    }
  }

  #adopt(training: Training, webviewPanel: vscode.WebviewPanel): void {
    const panel = new TrainPanel(training, webviewPanel, this.services);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => {
      this.#panels.delete(panel);
      panel.dispose();
    });
  }
}
