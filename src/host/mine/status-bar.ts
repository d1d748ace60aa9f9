import * as vscode from 'vscode';
import { plain } from '../base/speak.js';
import { JOB_TEXT, progressText } from './follow-job.js';
import type { MiningJobs } from './mining-jobs.js';

/** Shows the oldest run under way; a click opens its panel. */
export function createStatusBar(jobs: MiningJobs): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ohemLens.mining', vscode.StatusBarAlignment.Left);
  item.name = 'OHEM Lens';
  let mining = false;
  const update = () => {
    const [job] = jobs.running;
    if (mining !== (mining = job !== undefined))
      void vscode.commands.executeCommand('setContext', 'ohemLens.mining', mining);
    if (job === undefined) return item.hide();
    const { numDone, numTotal } = job.progress;
    const count = numTotal === 0 ? numDone || '…' : `${numDone}/${numTotal}`;
    item.text = `$(sync~spin) OHEM ${count}`;
    item.tooltip = plain(`${JOB_TEXT[job.request.kind]()}: ${progressText(job)}`);
    const open = { command: 'ohemLens.openRun', title: vscode.l10n.t('Open Run'), arguments: [job.request.outPath] };
    // Before the first image there is nothing to open.
    item.command = job.run === undefined ? undefined : open;
    item.show();
  };
  const listener = jobs.onDidChange(update);
  return vscode.Disposable.from(listener, item);
}
