/** Tables of annotations: CSV or TSV, RFC 4180. */
import { CsvError, parse } from 'csv-parse/sync';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { decodeText } from './text-files.js';

export const MAX_TABLE_BYTES = 2 ** 28;

/**
 * Visits the rows that are not empty, in order; `line` is the 0-based text line on which a row begins.
 * @throws MiningError 'dataset' with the line where a quote is broken.
 */
export function eachRow(
  bytes: Uint8Array,
  file: string,
  visit: (fields: readonly string[], line: number) => void,
): void {
  const text = decodeText(bytes, file);
  const lines = new LineCounter(Buffer.from(text));
  try {
    parse(text, {
      delimiter: delimiterOf(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (record: string[], { bytes: end }: { bytes: number }) => {
        visit(record, lines.next(end));
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const where = typeof error['lines'] === 'number' ? said`line ${error['lines']}` : 'table';
    throw new MiningError('dataset', where, 'CSV by RFC 4180', show(error.message, 120), { file });
  }
}

/** The parser counts a CRLF inside quotes as two lines, so lines are counted here from the byte where a row ends. */
class LineCounter {
  private at = 0;
  private line = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** The line on which the row begins that ends before `end`. */
  next(end: number): number {
    let start = this.at;
    while (this.bytes[start] === 0x0a || this.bytes[start] === 0x0d) start++;
    this.stepTo(start);
    const { line } = this;
    this.stepTo(end);
    return line;
  }

  private stepTo(end: number): void {
    const { bytes } = this;
    for (; this.at < end; this.at++)
      if (bytes[this.at] === 0x0a || (bytes[this.at] === 0x0d && bytes[this.at + 1] !== 0x0a)) this.line++;
  }
}

/** Of comma, semicolon and tab the one that stands most often in the first line. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = text.slice(0, Math.min(end === -1 ? text.length : end, 4096));
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: first.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** The first `numLines` lines of a table's head as cells, for a look: quotes are dropped, not read. */
export function peekRows(head: string, numLines: number): string[][] {
  const lines = head.split(/\r\n|\n|\r/, numLines);
  return lines.map((line) => line.split(/[,;\t]/).map((cell) => cell.replaceAll('"', '').trim()));
}

/** A column's name without case, spaces, hyphens and underscores. */
export function plainName(cell: string): string {
  return cell.toLowerCase().replace(/[\s_-]/g, '');
}

/** Index of the first of `wanted` that is among `names`; -1 none. */
export function indexOfFirst(names: readonly string[], wanted: readonly string[]): number {
  return names.indexOf(wanted.find((name) => names.includes(name)) ?? '\0');
}

/** Does the name end like a table? */
export function isTableName(name: string): boolean {
  return /\.(csv|tsv)$/i.test(name);
}
