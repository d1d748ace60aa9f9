/** A sentence that another language can say, too. */

export interface Said {
  /** English, with `{0}`, `{1}` … where the values stand. */
  readonly text: string;
  readonly values: readonly Value[];
}

/** What stands in a sentence: data as they are, or a phrase that is said in the same language. */
type Value = string | number | Said;

/** A sentence or a part of one; a plain text is one without values. */
export type Phrase = string | Said;

/** A text in another language; itself where that language lacks it. */
export type Translate = (text: string) => string;

/** Tag of a template: its words are the text, what stands between them the values. */
export function said(words: readonly string[], ...values: readonly Value[]): Said {
  return { text: words.reduce((text, word, i) => `${text}{${i - 1}}${word}`), values };
}

/** A phrase as a value of another one. */
export function asSaid(phrase: Phrase): Said {
  return typeof phrase === 'string' ? { text: phrase, values: [] } : phrase;
}

/** Phrases in a row: `a; b`. */
export function joined(phrases: readonly Phrase[]): Said {
  const values = phrases.map(asSaid);
  return { text: values.map((_, i) => `{${i}}`).join('; '), values };
}

/** The phrase with its values, in English or as `translate` has its texts; a place without a value stays. */
export function inWords(phrase: Phrase, translate: Translate = (text) => text): string {
  if (typeof phrase === 'string') return translate(phrase);
  const { text, values } = phrase;
  return translate(text).replace(/\{(\d+)\}/g, (place, index) => {
    const value = values[Number(index)] ?? place;
    return typeof value === 'object' ? inWords(value, translate) : String(value);
  });
}
