/** Asks which column of a table of boxes holds what. */
import * as vscode from 'vscode';
import { showQuickPick } from '../base/speak.js';

/** As `--columns` names them. */
const QUESTIONS = {
  image: () => vscode.l10n.t('The column of the image file'),
  label: () => vscode.l10n.t('The column of the class'),
  x1: () => vscode.l10n.t('The column of the left side, px'),
  y1: () => vscode.l10n.t('The column of the top, px'),
  x2: () => vscode.l10n.t('The column of the right side, px'),
  y2: () => vscode.l10n.t('The column of the bottom, px'),
  boxwidth: () => vscode.l10n.t('The column of the box’s width, px'),
  boxheight: () => vscode.l10n.t('The column of the box’s height, px'),
};
type Column = keyof typeof QUESTIONS;
const FIRST: readonly Column[] = ['image', 'label', 'x1', 'y1'];

/**
 * One pick a column: the image, the class and four sides, or two sides with width and height.
 * @returns headers by what their columns hold; undefined where the person gave up.
 */
export async function askColumns(headers: readonly string[]): Promise<Readonly<Record<string, string>> | undefined> {
  const picked: [Column, string][] = [];
  const ask = async (column: Column, none?: string): Promise<string | undefined> => {
    const left = headers.filter((header) => header.trim() !== '' && !picked.some(([, taken]) => taken === header));
    const items = left.map((header) => ({ label: header, header }));
    const others = none === undefined ? [] : [{ label: none, header: '' }];
    const chosen = await showQuickPick([...items, ...others], {
      title: vscode.l10n.t('Name Columns'),
      placeHolder: QUESTIONS[column](),
      ignoreFocusOut: true,
    });
    if (chosen !== undefined && chosen.header !== '') picked.push([column, chosen.header]);
    return chosen?.header;
  };
  for (const column of FIRST) if ((await ask(column)) === undefined) return undefined;
  const right = await ask('x2', vscode.l10n.t('None: the table has width and height'));
  if (right === undefined) return undefined;
  const rest: readonly Column[] = right === '' ? ['boxwidth', 'boxheight'] : ['y2'];
  for (const column of rest) if ((await ask(column)) === undefined) return undefined;
  return Object.fromEntries(picked);
}
