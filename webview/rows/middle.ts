/** Names of classes may have 80 characters; what tells two apart stands at either end. */

/** Names up to this many characters stay whole until there is no room at all. */
const SHORT = 14;
/** Characters at the end that are kept in sight. */
const NUM_LAST = 7;

/** A name in two parts of which the first may be cut: of a short one the second is ''. Characters are code points. */
export function splitName(name: string): readonly [first: string, last: string] {
  const characters = [...name];
  if (characters.length <= SHORT) return [name, ''];
  return [characters.slice(0, -NUM_LAST).join(''), characters.slice(-NUM_LAST).join('')];
}

/** A name in at most `most` ≥ 2 characters, cut in the middle: "stainless…bolt_m8". */
export function shortenName(name: string, most: number): string {
  const characters = [...name];
  if (characters.length <= most) return name;
  const last = Math.min(NUM_LAST, Math.floor((most - 1) / 2));
  return `${characters.slice(0, most - 1 - last).join('')}…${characters.slice(characters.length - last).join('')}`;
}
