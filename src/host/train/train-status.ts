/** A training in the status bar: it goes on when its panel is closed, so there is a way back. */
import * as vscode from 'vscode';
import { plain } from '../base/speak.js';
import type { Trainings } from './trainings.js';

export function createTrainStatus(trainings: Trainings): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('ohemLens.training', vscode.StatusBarAlignment.Left);
  item.name = vscode.l10n.t('OHEM Lens Training');
  let isTraining = false;
  const update = () => {
    const [training] = trainings.running;
    if (isTraining !== (isTraining = training !== undefined))
      void vscode.commands.executeCommand('setContext', 'ohemLens.training', isTraining);
    if (training === undefined) return item.hide();
    const { step, numSteps, state } = training.progress;
    const count = numSteps === 0 ? '…' : `${step}/${numSteps}`;
    item.text = `$(pulse) ${vscode.l10n.t('Training {0}', count)}`;
    item.tooltip =
      state === 'stopping'
        ? vscode.l10n.t('Stops after this step')
        : plain(vscode.l10n.t('Training with hard examples in {0}', training.out));
    item.command = {
      command: 'ohemLens.showTraining',
      title: vscode.l10n.t('Show Training'),
      arguments: [training.out],
    };
    item.show();
  };
  return vscode.Disposable.from(trainings.onDidChange(update), item);
}
