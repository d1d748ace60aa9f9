/** Asks what the corners of boxes count from. */
import * as vscode from 'vscode';
import { showQuickPick } from '../base/speak.js';

/**
 * @param usual what is taken where nobody says: the first item.
 * @param what the command that asks, for the title.
 * @returns undefined where the person gave up.
 */
export async function askOrigin(usual: 0 | 1, what: string): Promise<0 | 1 | undefined> {
  const items = [
    { label: vscode.l10n.t('From 0: as most tools write them'), origin: 0 as const },
    { label: vscode.l10n.t('From 1: pixel indices, as in the VOC devkit'), origin: 1 as const },
  ];
  const ordered = usual === 0 ? items : items.toReversed();
  const picked = await showQuickPick(ordered, {
    title: vscode.l10n.t('{0}: Corners', what),
    placeHolder: vscode.l10n.t('No corner is at 0, so the file does not tell what its corners count from'),
  });
  return picked?.origin;
}
