/** Asks which class of a data set is which of a checkpoint. */
import * as vscode from 'vscode';
import { rankNames, type ClassLists, type ClassMap } from '../../core/class-names.js';
import { showQuickPick } from '../base/speak.js';

/**
 * One pick a class, the likeliest first, "none" after those that are likely.
 * @returns undefined where the person gave up.
 */
export async function askClassMap(lists: ClassLists): Promise<ClassMap | undefined> {
  // Not by assignment: a class may be called `__proto__`.
  const map: [name: string, meant: string | null][] = [];
  const { dataset } = lists;
  for (const [i, name] of dataset.entries()) {
    const picked = await showQuickPick(itemsFor(name, lists), {
      title: vscode.l10n.t('Map Classes ({0}/{1})', i + 1, dataset.length),
      placeHolder: vscode.l10n.t('The class of the checkpoint that “{0}” of the data set is', name),
      ignoreFocusOut: true,
    });
    if (picked === undefined) return undefined;
    map.push([name, picked.name]);
  }
  return Object.fromEntries(map);
}

function itemsFor(name: string, lists: ClassLists): (vscode.QuickPickItem & { readonly name: string | null })[] {
  const { names, likely } = rankNames(name, lists);
  const items = names.map((other, i) => ({
    label: other,
    ...(i < likely ? { description: vscode.l10n.t('likely') } : {}),
    name: other,
  }));
  const none = {
    label: vscode.l10n.t('None of them'),
    description: vscode.l10n.t('its objects become regions to ignore'),
    name: null,
  };
  return [...items.slice(0, likely), none, ...items.slice(likely)];
}
