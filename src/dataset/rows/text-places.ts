/** Where an element or a line stands in a text: what formats find their objects by, for "reveal annotation". */

/** A stretch of text: [start, end) in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Element `index` of the array under `key` of the outermost object. Reads as far as it must and builds nothing.
 * Not `visit` of jsonc-parser: it runs out of stack on deep lists, and cannot stop where the element is found.
 * Cost: linear in the text before the element's end.
 */
export function jsonElement(text: string, key: string, index: number): TextRange | null {
  if (index < 0) return null;
  let depth = 0;
  let lastString = '';
  let inArray = false;
  let count = 0;
  let start = -1;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (
      inArray &&
      start < 0 &&
      depth === 2 &&
      !isSpace(letter) &&
      letter !== COMMA &&
      letter !== CLOSE_ARRAY &&
      count === index
    )
      start = i;
    switch (letter) {
      case QUOTE: {
        const end = stringEnd(text, i);
        if (depth === 1) lastString = text.slice(i + 1, end);
        i = end;
        break;
      }
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (letter === OPEN_ARRAY && depth === 1 && lastString === key) inArray = true;
        depth++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        if (inArray && depth === 1) return start < 0 ? null : { start, end: trimEnd(text, start, i) };
        break;
      case COMMA:
        if (!inArray || depth !== 2) break;
        if (start >= 0) return { start, end: trimEnd(text, start, i) };
        count++;
        break;
    }
  }
  return null;
}

const QUOTE = 0x22;
const GREATER = 0x3e;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
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

function isTag(text: string, at: number, tag: string): boolean {
  const next = text.charCodeAt(at + tag.length);
  return text.startsWith(tag, at) && (next === GREATER || isSpace(next));
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
