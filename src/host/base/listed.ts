import * as vscode from 'vscode';

/** A text of a list outside of the host, such as a preset's title, in the editor's language: test/l10n-texts.ts. */
export function listed(text: string): string {
  return vscode.l10n.t(text);
}

/** As `listed`, of a sentence with values. */
export function sayListed(text: string, ...values: readonly (string | number)[]): string {
  return vscode.l10n.t(text, ...values);
}
