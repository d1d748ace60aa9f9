import type { IndexEntry } from '../../../src/arrow/encode-run.js';
import type { RowFormat } from '../../../src/arrow/run-columns.js';
import { IndexColumns } from '../../../src/arrow/index-columns.js';

/** All rows of an index. @throws MiningError 'run-file' */
export function indexRows(bytes: Uint8Array, format: RowFormat): IndexEntry[] {
  const aligned = new Uint8Array(bytes);
  const columns = IndexColumns.open((start, end) => aligned.subarray(start, end), aligned.byteLength, format);
  columns.check();
  const summaries = columns.summaries(0, columns.numRows);
  return columns.ranges(0, columns.numRows).map(({ start, end }, i) => ({ start, end, summary: summaries[i] }));
}
