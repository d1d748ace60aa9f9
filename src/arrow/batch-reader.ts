/** Walks the columns of one record batch in file order, as views of its body. */
import type { Precision } from '../core/tables.js';
import { COLUMN_ARRAYS, fixedStorage } from './column-types.js';
import type { ColumnArray } from './column-types.js';
import type { BatchLayout } from './ipc-message.js';
import type { ColumnSpec, Storage } from './run-columns.js';

/** Bytes of a batch's body up to its last summary column. @param columns its summary columns, which come first. */
export function summaryLength({ regions }: BatchLayout, columns: readonly ColumnSpec<string>[]): number {
  const numBuffers = columns.reduce((sum, { storage }) => sum + (storage === 'utf8' ? 3 : 2), 0);
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

  /**
   * Opens a list of structs; its columns follow.
   * @returns numRows + 1: entries of row i are [starts[i], starts[i + 1]).
   * @throws RangeError
   */
  openList(numRows: number): Int32Array {
    this.#begin(numRows);
    const starts = this.#view('int32', numRows + 1);
    const length = this.#layout.nodes[this.#node];
    for (let row = 0; row < numRows; row++)
      if (starts[row + 1] < starts[row]) throw new RangeError(`a list of ${starts[row]} to ${starts[row + 1]}`);
    if (starts[0] !== 0 || starts[numRows] !== length)
      throw new RangeError(`lists of ${starts[0]} to ${starts[numRows]} over ${length} rows`);
    this.#begin(length);
    return starts;
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
