/**
 * JSON documents too large for one string or one tree: finds the members of the top-level object by scanning bytes,
 * then parses arrays some hundred elements at a time. V8 strings end at 512 MiB and the tree of instances_train2017
 * takes gigabytes; this way memory stays at the file plus one chunk, and syntax errors get a line and a column.
 */
import { parse as parseTolerant, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { decodeText } from '../rows/text-files.js';

/** Bytes [start, end) of a value. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

const CHUNK_BYTES = 1 << 18;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Members of the top-level object; of a repeated key the last counts, as in JSON.parse.
 * Values are only delimited here: `parseValue` and `forEachElement` check them.
 * @throws MiningError 'dataset' with line and column where this is no JSON object.
 */
export function topLevelMembers(bytes: Uint8Array, file: string): Map<string, Extent> {
  const scan = new Scanner(bytes, file);
  scan.skipByteOrderMark();
  return scanMembers(scan, bytes, file);
}

/** Members of an object that is somewhere inside, as `topLevelMembers`. */
export function membersOf(bytes: Uint8Array, { start, end }: Extent, file: string): Map<string, Extent> {
  const inside = bytes.subarray(0, end);
  return scanMembers(new Scanner(inside, file, start), inside, file);
}

function scanMembers(scan: Scanner, bytes: Uint8Array, file: string): Map<string, Extent> {
  const members = new Map<string, Extent>();
  scan.expect(OPEN_OBJECT, 'a JSON object');
  if (scan.take(CLOSE_OBJECT)) return scan.finish(members);
  do {
    scan.skipSpace();
    const key = scan.extent();
    const name = parseValue(bytes, key, file);
    if (typeof name !== 'string') throw scan.error(key.start, 'a key in quotes');
    scan.expect(0x3a, '":"');
    scan.skipSpace();
    members.set(name, scan.extent());
  } while (scan.take(COMMA));
  scan.expect(CLOSE_OBJECT, '"," or "}"');
  return scan.finish(members);
}

/**
 * Visits the elements of a document that is one array.
 * @throws MiningError 'dataset' with line and column where it is none.
 */
export function arrayElements(bytes: Uint8Array, file: string, visit: (element: unknown, index: number) => void): void {
  const scan = new Scanner(bytes, file);
  scan.skipByteOrderMark();
  scan.skipSpace();
  if (bytes[scan.position] !== OPEN_ARRAY) throw scan.error(scan.position, 'an array');
  const extent = scan.finish(scan.extent());
  forEachElement(bytes, extent, file, visit);
}

/** Parses one value. @throws MiningError 'dataset' with line and column. */
export function parseValue(bytes: Uint8Array, { start, end }: Extent, file: string): unknown {
  return parseSlice(bytes, start, end, '', file);
}

/**
 * Visits the elements of an array in order; gives their number.
 * @throws MiningError 'dataset' with line and column where the syntax is broken or the value is no array.
 */
export function forEachElement(
  bytes: Uint8Array,
  extent: Extent,
  file: string,
  visit: (element: unknown, index: number) => void,
): number {
  const scan = new Scanner(bytes, file, extent.start);
  let numElements = 0;
  const flush = (start: number, end: number) => {
    const elements = parseSlice(bytes, start, end, '[', file);
    if (Array.isArray(elements)) for (const element of elements) visit(element, numElements++);
  };
  scan.expect(OPEN_ARRAY, 'an array');
  if (scan.take(CLOSE_ARRAY)) return 0;
  scan.skipSpace();
  let chunkStart = scan.position;
  let elementEnd: number;
  do {
    scan.skipSpace();
    if (scan.position - chunkStart > CHUNK_BYTES) {
      flush(chunkStart, scan.lastComma);
      chunkStart = scan.position;
    }
    elementEnd = scan.extent().end;
  } while (scan.take(COMMA));
  scan.expect(CLOSE_ARRAY, '"," or "]"');
  flush(chunkStart, elementEnd);
  return numElements;
}

function parseSlice(bytes: Uint8Array, start: number, end: number, open: '' | '[', file: string): unknown {
  const text = open + decodeText(bytes.subarray(start, end), file) + (open === '' ? '' : ']');
  try {
    return JSON.parse(text);
  } catch {
    const { offset, reason } = firstSyntaxError(text);
    const before = Buffer.byteLength(text.slice(0, offset)) - open.length;
    throw syntaxError(bytes, start + Math.max(0, before), reason, file);
  }
}

/** Where and why; JSON.parse itself tells neither in a stable form. */
function firstSyntaxError(text: string): { offset: number; reason: string } {
  const errors: ParseError[] = [];
  try {
    parseTolerant(text, errors, { disallowComments: true });
  } catch {
    return { offset: 0, reason: 'values nested too deeply' };
  }
  const first = errors[0];
  return first === undefined
    ? { offset: 0, reason: 'broken JSON' }
    : { offset: first.offset, reason: `broken JSON (${printParseErrorCode(first.error)})` };
}

function syntaxError(
  bytes: Uint8Array,
  offset: number,
  received: string,
  file: string,
  expected = 'valid JSON',
): MiningError {
  let line = 1;
  let lineStart = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return new MiningError('dataset', said`line ${line} column ${offset - lineStart + 1}`, expected, received, { file });
}

class Scanner {
  /** Where the last taken comma stands. */
  lastComma = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    public position = 0,
  ) {}

  error(offset: number, expected: string): MiningError {
    const at = this.bytes.subarray(offset, offset + 12);
    const received = at.length === 0 ? 'the end of the file' : JSON.stringify(new TextDecoder().decode(at));
    return syntaxError(this.bytes, offset, received, this.file, expected);
  }

  skipByteOrderMark(): void {
    if (this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) this.position = 3;
  }

  skipSpace(): void {
    const { bytes } = this;
    let c = bytes[this.position];
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = bytes[++this.position];
  }

  take(byte: number): boolean {
    this.skipSpace();
    if (this.bytes[this.position] !== byte) return false;
    if (byte === COMMA) this.lastComma = this.position;
    this.position++;
    return true;
  }

  expect(byte: number, expected: string): void {
    if (!this.take(byte)) throw this.error(this.position, expected);
  }

  finish<T>(result: T): T {
    this.skipSpace();
    if (this.position < this.bytes.length) throw this.error(this.position, 'the end of the file');
    return result;
  }

  /** Steps over one value and gives its extent. Inner brackets are only counted; parsing tells whether they match. */
  extent(): Extent {
    const start = this.position;
    const c = this.bytes[start];
    const end =
      c === QUOTE
        ? this.endOfString(start)
        : c === OPEN_ARRAY || c === OPEN_OBJECT
          ? this.endOfBrackets(start)
          : this.endOfScalar(start);
    if (end === start) throw this.error(start, 'a value');
    this.position = end;
    return { start, end };
  }

  private endOfString(start: number): number {
    const { bytes } = this;
    for (let i = start + 1; i < bytes.length; i++) {
      const c = bytes[i];
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) return i + 1;
    }
    throw this.error(bytes.length, 'a closing quote');
  }

  private endOfBrackets(start: number): number {
    const { bytes } = this;
    const close = bytes[start] === OPEN_ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
    let depth = 0;
    for (let i = start; i < bytes.length; i++) {
      const c = bytes[i];
      if (c < OPEN_ARRAY && c !== QUOTE) continue; // digits, spaces, commas: most of the file
      if (c === QUOTE) i = this.endOfString(i) - 1;
      else if (c === OPEN_ARRAY || c === OPEN_OBJECT) depth++;
      else if ((c === CLOSE_ARRAY || c === CLOSE_OBJECT) && --depth === 0) {
        if (c !== close) throw this.error(i, JSON.stringify(String.fromCharCode(close)));
        return i + 1;
      }
    }
    throw this.error(bytes.length, 'a closing bracket');
  }

  private endOfScalar(start: number): number {
    const { bytes } = this;
    let i = start;
    while (i < bytes.length && !isDelimiter(bytes[i])) i++;
    return i;
  }
}

function isDelimiter(c: number): boolean {
  return (
    c <= 0x20 ||
    c === COMMA ||
    c === CLOSE_ARRAY ||
    c === CLOSE_OBJECT ||
    c === OPEN_ARRAY ||
    c === OPEN_OBJECT ||
    c === QUOTE ||
    c === 0x3a
  );
}
