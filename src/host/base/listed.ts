import * as vscode from 'vscode';
import { inWords, type Phrase } from '../../core/said.js';

/** A text of the editor's language, of those that are no literals of the host: test/l10n-texts.ts. */
export const translate = (text: string) => vscode.l10n.bundle?.[text] ?? text;

/** What a list, an error or a finding outside of the host says, in the editor's language. */
export function listed(phrase: Phrase): string {
  return inWords(phrase, translate);
}
