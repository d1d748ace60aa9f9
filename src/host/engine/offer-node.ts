import * as vscode from 'vscode';
import type { NodeRuntime } from './node-runtime.js';
import { showInformationMessage } from '../base/speak.js';

const KEY = 'ohemLens.nodeOffered';

/**
 * Once, where the engine process has to run on Electron: offers to fetch Node.js. Nothing is fetched without consent.
 */
export function offerNode(state: vscode.Memento): (runtime: NodeRuntime) => void {
  return ({ isElectron }) => {
    if (!isElectron || state.get(KEY, false)) return;
    void state.update(KEY, true);
    const yes = vscode.l10n.t('Download Node.js…');
    const text = vscode.l10n.t(
      'There is no Node.js 20 on the PATH, so models run on the one inside VS Code: without WebGPU, and with ' +
        'less memory. A Node.js of its own can be downloaded for them.',
    );
    void showInformationMessage(text, yes).then((picked) => {
      if (picked === yes) void vscode.commands.executeCommand('ohemLens.setUpBackend', { choice: 'node' });
    });
  };
}
