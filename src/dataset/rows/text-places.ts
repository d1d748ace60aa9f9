/** Where an element or a line stands in a text: what formats find their objects by, for "reveal annotation". */

/** A stretch of text: [start, end) in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** From 0; characters in UTF-16 units. */
export interface LinePlace {
  readonly line: number;
  readonly character: number;
}
export interface LineRange {
  readonly start: LinePlace;
  readonly end: LinePlace;
}

/** Finds the line of an offset of a text. Cost: the text once, then the logarithm of its lines an offset. */
export function lineFinder(text: string): (offset: number) => LinePlace {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, character: offset - (starts[low] ?? 0) };
  };
}

/** Keys and 0-based indices from the outermost value inwards. */
export type JsonPath = readonly (string | number)[];

/**
 * The value at a path; of a repeated key the first. Reads as far as it must and builds nothing: not `visit` of
 * jsonc-parser, which runs out of stack on deep lists, and cannot stop where the value is found.
 * @returns null where there is no such value, or the text before its end is no JSON.
 * Cost: linear in the text before the value's end.
 */
export function jsonAt(text: string, at: JsonPath): TextRange | null {
  let start = skipSpace(text, 0);
  for (const step of at) {
    const inside = typeof step === 'number' ? elementAt(text, start, step) : memberAt(text, start, step);
    if (inside < 0) return null;
    start = inside;
  }
  const end = valueEnd(text, start);
  return end < 0 ? null : { start, end };
}

/** Where element `index` of the array at `start` begins; -1 none. */
function elementAt(text: string, start: number, index: number): number {
  if (text.charCodeAt(start) !== OPEN_ARRAY || index < 0) return -1;
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_ARRAY) return -1;
  for (let i = 0; i < index; i++) {
    const end = valueEnd(text, at);
    if (end < 0) return -1;
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) return -1;
    at = skipSpace(text, at + 1);
  }
  return at < text.length ? at : -1;
}

/** Where the value of `key` in the object at `start` begins; -1 none. */
function memberAt(text: string, start: number, key: string): number {
  if (text.charCodeAt(start) !== OPEN_OBJECT) return -1;
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const close = stringEnd(text, at);
    const colon = skipSpace(text, close + 1);
    if (text.charCodeAt(colon) !== COLON) return -1;
    const value = skipSpace(text, colon + 1);
    if (isKey(text.slice(at, close + 1), key)) return value < text.length ? value : -1;
    const end = valueEnd(text, value);
    if (end < 0) return -1;
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) return -1;
    at = skipSpace(text, at + 1);
  }
  return -1;
}

function isKey(quoted: string, key: string): boolean {
  if (!quoted.includes('\\')) return quoted.slice(1, -1) === key;
  try {
    return JSON.parse(quoted) === key;
  } catch {
    return false;
  }
}

/** Index behind the value at `start`; -1 where it does not end or there is none. Brackets are only counted. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (letter === OPEN_ARRAY || letter === OPEN_OBJECT) {
      depth++;
      continue;
    }
    if (letter === QUOTE) {
      i = stringEnd(text, i);
      if (depth === 0) return i < text.length ? i + 1 : -1;
      continue;
    }
    const closes = letter === CLOSE_ARRAY || letter === CLOSE_OBJECT;
    if (depth === 0 && (closes || letter === COMMA || isSpace(letter))) return i === start ? -1 : i;
    if (closes && --depth === 0) return i + 1;
  }
  return -1;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

const QUOTE = 0x22;
const GREATER = 0x3e;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function isSpace(letter: number): boolean {
  return letter === 0x20 || (letter >= 0x09 && letter <= 0x0d) || letter === 0xfeff;
}

/** Index of the closing quote of the string that opens at `open`; the text's length when it never closes. */
function stringEnd(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (letter === BACKSLASH) i++;
    else if (letter === QUOTE) return i;
  }
  return text.length;
}

function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * The `index`-th `<tag>…</tag>`, comments skipped; elements of that name are not nested. By hand: a regular expression
 * would look for the end of each of many elements that have none.
 * Cost: linear.
 */
export function xmlElement(text: string, tag: string, index: number): TextRange | null {
  if (index < 0) return null;
  let count = 0;
  for (let start = text.indexOf('<'); start >= 0; start = text.indexOf('<', start)) {
    const isComment = text.startsWith('<!--', start);
    if (!isComment && !isTag(text, start + 1, tag)) {
      start++;
      continue;
    }
    const end = isComment ? endOf(text, '-->', start) : closingEnd(text, tag, start);
    // Never closed: nor is anything after it.
    if (end < 0) return null;
    if (!isComment && count++ === index) return { start, end };
    start = end;
  }
  return null;
}

/** Index behind the closing tag; -1 none. */
function closingEnd(text: string, tag: string, start: number): number {
  for (let at = text.indexOf('</', start); at >= 0; at = text.indexOf('</', at + 2))
    if (isTag(text, at + 2, tag)) return endOf(text, '>', at);
  return -1;
}

/**
 * The start tag of the `index`-th element that is called one of `tags`, comments and CDATA skipped, also of those
 * inside others.
 * Cost: linear.
 */
export function xmlStartTag(text: string, tags: readonly string[], index: number): TextRange | null {
  if (index < 0) return null;
  let count = 0;
  for (let start = text.indexOf('<'); start >= 0; start = text.indexOf('<', start)) {
    const skipped = SKIPPED.find(([open]) => text.startsWith(open, start));
    if (skipped !== undefined) {
      start = endOf(text, skipped[1], start);
      if (start < 0) return null;
      continue;
    }
    const end = tagEnd(text, start);
    if (end < 0) return null;
    if (tags.some((tag) => isTag(text, start + 1, tag)) && count++ === index) return { start, end };
    start = end;
  }
  return null;
}

const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
] as const;

/** Index behind the `>` that ends the tag at `start`, outside of its quotes; -1 none. */
function tagEnd(text: string, start: number): number {
  let quote = 0;
  for (let i = start; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (quote !== 0) quote = letter === quote ? 0 : quote;
    else if (letter === QUOTE || letter === APOSTROPHE) quote = letter;
    else if (letter === GREATER) return i + 1;
  }
  return -1;
}

function isTag(text: string, at: number, tag: string): boolean {
  const next = text.charCodeAt(at + tag.length);
  return text.startsWith(tag, at) && (next === GREATER || next === SLASH || isSpace(next));
}

function endOf(text: string, mark: string, start: number): number {
  const at = text.indexOf(mark, start);
  return at < 0 ? -1 : at + mark.length;
}

/** Line `index`, 0-based, without the white space at its end; null: there are fewer lines. */
export function textLine(text: string, index: number): TextRange | null {
  if (index < 0) return null;
  let start = 0;
  for (let line = 0; line < index; line++) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) return null;
    start = newline + 1;
  }
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  return { start, end: trimEnd(text, start, end) };
}
