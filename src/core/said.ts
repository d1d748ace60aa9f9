/** A sentence that another language can say, too. */

export interface Said {
  /** English, with `{0}`, `{1}` … where the values stand. */
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** The sentence with its values; a place without one stays. */
export function inWords({ text, values }: Said): string {
  return text.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));
}
