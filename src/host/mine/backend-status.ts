/** The status bar item of the backend: which one is in use, and why better ones were refused; a click chooses. */
import * as vscode from 'vscode';
import type { BackendFacts } from '../../core/facts/run-manifest.js';
import type { EngineService } from '../engine/engine-service.js';
import type { MiningJobs } from './mining-jobs.js';
import { setting } from '../base/settings.js';
import { SECTION } from '../base/settings-schema.js';

/** Shows the backend of the run that is being mined, else the one that is pinned, else that of the last run. */
export function createBackendStatus(jobs: MiningJobs, engine: EngineService): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ohemLens.backend', vscode.StatusBarAlignment.Right, 100);
  item.name = vscode.l10n.t('OHEM Lens Backend');
  item.command = 'ohemLens.chooseBackend';
  let last: BackendFacts | null = null;
  const update = () => {
    const running = jobs.running.map((job) => job.run?.manifest.backend).find((backend) => backend);
    last = running ?? last;
    const pinned = setting('backend', '').trim();
    const shown = running?.id ?? (pinned || last?.id || vscode.l10n.t('best backend'));
    item.text = `$(${shown === pinned ? 'pinned' : 'chip'}) ${shown}`;
    item.tooltip = tooltipOf(last, pinned, engine.runtime?.origin ?? '');
    item.accessibilityInformation = { label: vscode.l10n.t('Backend of OHEM Lens: {0}', shown) };
    item.show();
  };
  const listeners = [
    jobs.onDidChange(update),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(`${SECTION}.backend`) && update()),
  ];
  update();
  return vscode.Disposable.from(...listeners, item);
}

/** Reasons come from libraries and drivers: they stand as text, never as Markdown. */
export function tooltipOf(backend: BackendFacts | null, pinned: string, runtime: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  if (backend === null)
    text.appendText(
      pinned === ''
        ? vscode.l10n.t('No run yet: a new one takes the best backend that runs here.')
        : vscode.l10n.t('No run yet: a new one takes {0}, which is pinned.', pinned),
    );
  else text.appendText(`${backend.id} ${backend.version} · ${backend.device}`);
  if (backend !== null && backend.refused.length > 0) {
    text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Better ones that do not run:')).appendMarkdown('\n');
    for (const reason of backend.refused) text.appendMarkdown('\n- ').appendText(reason);
  }
  if (backend !== null && pinned !== '')
    text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Pinned for new runs: {0}', pinned));
  if (runtime !== '') text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Engine process: {0}', runtime));
  text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Click to compare and to pin one.'));
  return text;
}
