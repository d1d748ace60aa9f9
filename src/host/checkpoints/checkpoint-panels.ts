/** The editors that compare checkpoints: one a choice of runs; they come back when the window is opened again. */
import * as vscode from 'vscode';
import { canonicalPath } from '../run/run.js';
import { CHECKPOINTS_VIEW, CheckpointPanel, type CheckpointServices } from './checkpoint-panel.js';

export class CheckpointPanels implements vscode.WebviewPanelSerializer {
  readonly #panels = new Set<CheckpointPanel>();

  constructor(private readonly services: CheckpointServices) {}

  register(): vscode.Disposable {
    return vscode.window.registerWebviewPanelSerializer(CHECKPOINTS_VIEW, this);
  }

  get panels(): readonly CheckpointPanel[] {
    return [...this.#panels];
  }

  /** Brings up the editor of these runs. @param paths canonical, in the order of training. */
  show(paths: readonly string[]): void {
    const there = this.panels.find((panel) => panel.paths.join('\n') === paths.join('\n'));
    if (there) return there.panel.reveal(undefined, false);
    this.#adopt(paths, vscode.window.createWebviewPanel(CHECKPOINTS_VIEW, '', vscode.ViewColumn.Active));
  }

  /** The window was closed or reloaded with the editor open. Runs that are gone meanwhile are told by the page. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const paths = typeof state === 'object' && state !== null && 'paths' in state ? state.paths : [];
    const known = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
    if (known.length > 0) return this.#adopt(known.map(canonicalPath), panel);
    this.services.log.warning('comparison of checkpoints: no runs');
    panel.dispose();
  }

  #adopt(paths: readonly string[], webviewPanel: vscode.WebviewPanel): void {
    const panel = new CheckpointPanel(paths, webviewPanel, this.services);
    this.#panels.add(panel);
    webviewPanel.onDidDispose(() => {
      this.#panels.delete(panel);
      panel.dispose();
    });
  }
}
