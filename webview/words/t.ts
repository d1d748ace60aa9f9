/** The pages' texts in the editor's language. English stands in the source and is the key, as of `vscode.l10n.t`. */

import { inWords, type Phrase } from '../../src/core/said.js';
import { pageData } from './page-data.js';

/** A text in English, and in the editor's language. */
export type Words = Readonly<Record<string, string>>;

/**
 * What says a text in the language of `words`, or in English where it is not there. `{0}`, `{1}` … in the text stand
 * for the values; without a value they stay.
 */
export function translator(words: Words): (text: string, ...values: readonly (string | number)[]) => string {
  return (text, ...values) => inWords({ text: words[text] ?? text, values });
}

/** A text of the pages. It is a literal at the call, so that it is found and gets its line in `l10n/`. */
const words = pageData('l10n') as Words;
export const t = translator(words);
/** A text in the page's language; itself where that lacks it. */
export const translate = (text: string) => words[text] ?? text;

/** What the core says beside lists: an error, a note, evidence. */
export function tSaid(phrase: Phrase): string {
  return inWords(phrase, translate);
}

/** A text of a list outside of the pages, such as an option's label: `test/l10n-texts.ts` names these lists. */
export function tListed(text: string, ...values: readonly (string | number)[]): string {
  return t(text, ...values);
}
