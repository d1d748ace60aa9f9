/** Literals of Python's syntax, as Ultralytics writes them into metadata: `{0: 'person'}`, `[640, 640]`, `None`. */

/** A dict is an array of pairs, since its keys may be of any kind. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[] | PythonDict;

export interface PythonDict {
  readonly pairs: readonly (readonly [key: PythonValue, value: PythonValue])[];
}

/** Deeper literals are refused: none that matters has more than three levels. */
const MAX_DEPTH = 16;
const MAX_LENGTH = 1 << 22;

/** @returns undefined for what is no literal, nested more than 16 deep, or longer than 4 MiB. Cost: linear. */
export function parsePythonLiteral(text: string): PythonValue | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  try {
    return new Parser(text).whole();
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

export function isDict(value: PythonValue | undefined): value is PythonDict {
  return typeof value === 'object' && value !== null && 'pairs' in value;
}

/** The value of a text key; undefined where the dict has none, and of anything but a dict. */
export function entryOf(value: PythonValue | undefined, key: string): PythonValue | undefined {
  return isDict(value) ? value.pairs.find(([name]) => name === key)?.[1] : undefined;
}

class NoLiteral extends Error {}

const NUMBER = /[+-]?(?:\d[\d_]*)?(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, boolean | null])[] = [
  ['True', true],
  ['False', false],
  ['None', null],
];
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
/** Digits of `\xHH`, `\uHHHH` and `\UHHHHHHHH`. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PythonValue {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw new NoLiteral();
    return value;
  }

  #value(): PythonValue {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return { pairs: this.#items('}', () => this.#pair()) };
    if (first === '[') return this.#items(']', () => this.#value());
    if (first === '(') return this.#items(')', () => this.#value());
    if (first === "'" || first === '"') return this.#string(first);
    const word = WORDS.find(([name]) => this.#text.startsWith(name, this.#at));
    if (word === undefined) return this.#number();
    this.#at += word[0].length;
    return word[1];
  }

  #pair(): readonly [PythonValue, PythonValue] {
    const key = this.#value();
    this.#space();
    if (this.#text[this.#at++] !== ':') throw new NoLiteral();
    return [key, this.#value()];
  }

  #items<T>(close: string, item: () => T): T[] {
    if (++this.#depth > MAX_DEPTH) throw new NoLiteral();
    this.#at++;
    const items: T[] = [];
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === close) break;
      items.push(item());
      this.#space();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== close) throw new NoLiteral();
    }
    this.#at++;
    this.#depth--;
    return items;
  }

  #string(quote: string): string {
    const parts: string[] = [];
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (char === quote) {
        this.#at = at + 1;
        return parts.join('');
      }
      if (char !== '\\') {
        parts.push(char);
        continue;
      }
      const escaped = this.#text[++at] ?? '';
      const digits = HEX_DIGITS[escaped] ?? 0;
      parts.push(digits === 0 ? (ESCAPES[escaped] ?? escaped) : codePoint(this.#text.slice(at + 1, at + 1 + digits)));
      at += digits;
    }
    throw new NoLiteral();
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0] ?? '';
    const value = Number(text.replaceAll('_', ''));
    if (text === '' || !Number.isFinite(value)) throw new NoLiteral();
    this.#at += text.length;
    return value;
  }

  #space(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? 'end')) this.#at++;
  }
}

function codePoint(digits: string): string {
  const code = Number.parseInt(digits, 16);
  if (!(code <= 0x10ffff)) throw new NoLiteral();
  return String.fromCodePoint(code);
}
