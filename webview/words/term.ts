/** Terms that explain themselves: their tooltip says what they mean, and their menu leads to the glossary. */
import { GLOSSARY, type Term } from '../../src/core/facts/glossary.js';
import { tListed } from './t.js';

/** As the menus in package.json know such an element. */
const TERM_SECTION = 'term';

/** Attributes of an element that shows a term or its number. */
export interface TermAttributes {
  readonly title: string;
  readonly 'data-term': Term;
  readonly 'data-vscode-context': string;
}

/** @param more what else its tooltip says, in a line of its own. */
export function termOf(term: Term, more = ''): TermAttributes {
  const says = tListed(GLOSSARY[term].says);
  return {
    title: more === '' ? says : `${says}\n${more}`,
    'data-term': term,
    'data-vscode-context': JSON.stringify({
      webviewSection: TERM_SECTION,
      term,
      preventDefaultContextMenuItems: true,
    }),
  };
}

/** The term under the pointer, else the one that has the focus; null: neither. */
export function termInSight(): Term | null {
  const focused = document.activeElement?.closest<HTMLElement>('[data-term]');
  const element = [...document.querySelectorAll<HTMLElement>('[data-term]:hover')].at(-1) ?? focused;
  const term = element?.dataset['term'];
  return term !== undefined && term in GLOSSARY ? (term as Term) : null;
}
