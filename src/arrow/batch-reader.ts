/** Walks the columns of one record batch in file order, as views of its body. */
import type { Precision } from '../core/tables.js';
import { COLUMN_ARRAYS, fixedStorage } from './column-types.js';
import type { ColumnArray } from './column-types.js';
import type { BatchLayout } from './ipc-message.js';
import type { ColumnSpec, Storage } from './run-columns.js';
import { SUMMARY_COLUMNS } from './run-columns.js';

/** Bytes of an image's body up to its last summary column. */
export function summaryLength({ regions }: BatchLayout): number {
  const numBuffers = SUMMARY_COLUMNS.reduce((sum, { storage }) => sum + (storage === 'utf8' ? 3 : 2), 0);
  return Math.max(0, ...regions.slice(0, numBuffers).map(([offset, length]) => offset + length));
}

export class BatchReader {
  readonly #layout: BatchLayout;
  readonly #body: Uint8Array;
  #node = 0;
  #region = 0;

  /** @param body starts at a multiple of 8 bytes of its buffer; may end behind the last column that is read. */
  constructor(layout: BatchLayout, body: Uint8Array) {
    this.#layout = layout;
    this.#body = body;
  }

  /** `numRows * stride` numbers. @throws RangeError */
  numbers(spec: ColumnSpec<string>, numRows: number, precision: Precision): ColumnArray {
    if (spec.storage === 'utf8') throw new RangeError(`${spec.name} holds text`);
    if (spec.stride !== undefined) this.#begin(numRows);
    const length = numRows * (spec.stride ?? 1);
    this.#begin(length);
    return this.#view(fixedStorage(spec.storage, precision), length);
  }

  /** `numRows` texts. @throws RangeError */
  texts(numRows: number): string[] {
    this.#begin(numRows);
    const offsets = this.#view('int32', numRows + 1);
    const bytes = this.#bytes();
    for (let i = 0; i < numRows; i++)
      if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || offsets[i + 1] > bytes.byteLength)
        throw new RangeError('text offsets');
    const decoder = new TextDecoder();
    // As many letters as bytes: all are ASCII, and texts are slices of the whole, which is decoded once.
    const whole = decoder.decode(bytes);
    const isAscii = whole.length === bytes.byteLength;
    const texts: string[] = [];
    for (let i = 0; i < numRows; i++) {
      const [start, end] = [offsets[i], offsets[i + 1]];
      texts.push(isAscii ? whole.slice(start, end) : decoder.decode(bytes.subarray(start, end)));
    }
    return texts;
  }

  /** Opens a list of structs of a one-row batch; its columns follow. @returns its length. @throws RangeError */
  openList(): number {
    this.#begin(1);
    const [start, end] = this.#view('int32', 2);
    const length = this.#layout.nodes[this.#node];
    if (start !== 0 || end !== length) throw new RangeError(`a list of ${start} to ${end} over ${length} rows`);
    this.#begin(length);
    return length;
  }

  /** Takes the next node and its empty validity bitmap. */
  #begin(length: number): void {
    const found = this.#layout.nodes[this.#node++];
    if (found !== length) throw new RangeError(`a column of ${found} rows instead of ${length}`);
    this.#region++;
  }

  #view<S extends keyof typeof COLUMN_ARRAYS>(
    storage: S & Storage,
    length: number,
  ): InstanceType<(typeof COLUMN_ARRAYS)[S]> {
    const bytes = this.#bytes();
    const ArrayType = COLUMN_ARRAYS[storage];
    if (bytes.byteLength < length * ArrayType.BYTES_PER_ELEMENT) throw new RangeError('a short buffer');
    return new ArrayType(bytes.buffer as ArrayBuffer, bytes.byteOffset, length) as InstanceType<
      (typeof COLUMN_ARRAYS)[S]
    >;
  }

  #bytes(): Uint8Array {
    const region = this.#layout.regions[this.#region++];
    if (region === undefined || region[0] + region[1] > this.#body.byteLength) throw new RangeError('a missing buffer');
    return this.#body.subarray(region[0], region[0] + region[1]);
  }
}
