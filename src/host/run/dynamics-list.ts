/** Examples over a training as a list to go through: each opens in the panel of the last run. */
import * as vscode from 'vscode';
import type { DynamicsAnswer, DynamicsExample } from '../../protocol/dynamics-answer.js';
import type { Log } from '../base/log.js';
import type { RunEditors } from './run-editor.js';
import type { Run } from './run.js';
import { plainItems } from '../base/speak.js';

/** More than a person goes through, few enough for a list. */
const MAX_LISTED = 2000;

export interface DynamicsItem extends vscode.QuickPickItem {
  readonly image: string;
}

/** The list stays until it is closed, so that one example after the other can be looked at. */
export function showDynamicsList(
  { examples, runs }: DynamicsAnswer,
  last: Run,
  editors: Pick<RunEditors, 'open'>,
  log: Pick<Log, 'showError'>,
): void {
  const indexOf = new Map(last.images.map(({ id }, index) => [id, index]));
  const list = vscode.window.createQuickPick<DynamicsItem>();
  list.title = vscode.l10n.t('Examples over {0} checkpoints, most suspicious first', runs.length);
  list.placeholder = vscode.l10n.t(
    'Enter shows the image in the last run; a low area under the margin often is a wrong label',
  );
  list.matchOnDetail = true;
  list.ignoreFocusOut = true;
  list.items = plainItems(dynamicsItems(examples.slice(0, MAX_LISTED), runs.length));
  list.onDidAccept(() => {
    const index = indexOf.get(list.activeItems[0]?.image ?? '');
    if (index !== undefined) editors.open(last.path, index).catch((error: unknown) => log.showError(error));
  });
  list.onDidHide(() => list.dispose());
  list.show();
}

/** One line an example: image, measures, label. */
export function dynamicsItems(examples: readonly DynamicsExample[], numRuns: number): DynamicsItem[] {
  return examples.map(({ image, gt_index, label, aum, forgotten, first_learned }) => {
    const margin = aum === null ? vscode.l10n.t('AUM unknown') : vscode.l10n.t('AUM {0}', aum.toFixed(3));
    const learned =
      first_learned === null
        ? vscode.l10n.t('never learnt')
        : vscode.l10n.t('learnt at {0} of {1}', first_learned + 1, numRuns);
    const object = gt_index === null ? '' : ` · ${vscode.l10n.t('object {0}', gt_index)}`;
    return {
      label: image,
      description: [margin, vscode.l10n.t('forgotten {0}×', forgotten), learned].join(' · '),
      detail: `${label}${object}`,
      image,
    };
  });
}
