import type { IndexEntry } from '../../../src/arrow/encode-run.js';
import { IndexColumns } from '../../../src/arrow/index-columns.js';

/** All rows of an index. @throws MiningError 'run-file' */
export function indexRows(bytes: Uint8Array): IndexEntry[] {
  const aligned = new Uint8Array(bytes);
  const columns = IndexColumns.open((start, end) => aligned.subarray(start, end), aligned.byteLength);
  columns.check();
  const summaries = columns.summaries(0, columns.numRows);
  return columns.ranges(0, columns.numRows).map(({ start, end }, i) => ({ start, end, summary: summaries[i] }));
}
