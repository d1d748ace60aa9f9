import * as vscode from 'vscode';
import { showWarningMessage } from './speak.js';

/** Whether models may run in this workspace; where not, says so and offers to change it. */
export function mayRunModels(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const text = vscode.l10n.t('Models run only in trusted workspaces. Runs that are already there can be viewed.');
  void showWarningMessage(text, manage).then(
    (picked) => picked === manage && vscode.commands.executeCommand('workbench.trust.manage'),
  );
  return false;
}
