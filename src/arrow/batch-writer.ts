/** Builds one record batch message, column by column in file order, as `BatchReader` reads it. */
import type { Precision } from '../core/tables.js';
import { COLUMN_ARRAYS, fixedStorage, type ColumnArray } from './column-types.js';
import { PREFIX_BYTES } from './ipc-message.js';
import type { ColumnSpec } from './run-columns.js';

const encoder = new TextEncoder();

/** Bytes of the metadata in front of its two vectors, see `#writeMetadata`. */
const TABLES_BYTES = 88;
const NODE_BYTES = 16;

type Storage = keyof typeof COLUMN_ARRAYS;
type Values = ColumnArray | readonly number[];

/** A column's values, which are put into the message when its length is known. */
interface Part {
  readonly values: Values;
  /** Of them. */
  readonly length: number;
  readonly storage: Storage;
  /** Where it begins in the body, a multiple of 8 bytes. */
  readonly start: number;
  readonly byteLength: number;
}

export class BatchWriter {
  readonly #nodes: number[] = [];
  readonly #buffers: Part[] = [];
  #length = 0;

  /** Bytes of the body up to the end of the last column so far. */
  get length(): number {
    return this.#length;
  }

  /**
   * `numRows * stride` numbers, converted where they are stored otherwise. They are read by `finish`.
   * @throws RangeError where there are fewer.
   */
  numbers(spec: ColumnSpec<string>, values: Values, numRows: number, precision: Precision): void {
    if (spec.storage === 'utf8') throw new TypeError(`${spec.name} holds text`);
    const length = numRows * (spec.stride ?? 1);
    if (values.length < length) throw new RangeError(`${values.length} of the ${length} values of ${spec.name}`);
    if (spec.stride !== undefined) this.#begin(numRows);
    this.#begin(length);
    this.#push(values, length, fixedStorage(spec.storage, precision));
  }

  texts(texts: readonly string[]): void {
    this.#begin(texts.length);
    const pieces = texts.map((text) => encoder.encode(text));
    const offsets = new Int32Array(texts.length + 1);
    pieces.forEach((piece, i) => (offsets[i + 1] = offsets[i] + piece.byteLength));
    const bytes = pieces.length === 1 ? pieces[0] : new Uint8Array(offsets[texts.length]);
    if (pieces.length !== 1) pieces.forEach((piece, i) => bytes.set(piece, offsets[i]));
    this.#push(offsets, offsets.length, 'int32');
    this.#push(bytes, bytes.length, 'uint8');
  }

  /**
   * Opens a list of structs; its columns follow.
   * @param lengths entries of each row.
   * @returns entries of all rows.
   */
  openList(lengths: readonly number[]): number {
    const starts = new Int32Array(lengths.length + 1);
    lengths.forEach((length, row) => (starts[row + 1] = starts[row] + length));
    const length = starts[lengths.length];
    this.#begin(lengths.length);
    this.#push(starts, starts.length, 'int32');
    this.#begin(length);
    return length;
  }

  /** @param extra zeros behind the last column, which no column covers; a multiple of 8 bytes. */
  finish(numRows: number, extra = 0): Uint8Array {
    const bodyLength = aligned(this.#length) + extra;
    const metadata = TABLES_BYTES + NODE_BYTES * (this.#nodes.length + this.#buffers.length);
    const bodyStart = PREFIX_BYTES + metadata;
    const bytes = new Uint8Array(bodyStart + bodyLength);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xffff_ffff, true);
    view.setInt32(4, metadata, true);
    this.#writeMetadata(new DataView(bytes.buffer, PREFIX_BYTES), numRows, bodyLength);
    this.#writeBody(bytes.buffer, bodyStart);
    return bytes;
  }

  /** By one view a storage: one a column would take longer than its few values. */
  #writeBody(message: ArrayBuffer, bodyStart: number): void {
    const views = new Map<Storage, ColumnArray>();
    for (const { values, length, storage, start } of this.#buffers) {
      if (length === 0) continue;
      const ArrayType = COLUMN_ARRAYS[storage];
      let view = views.get(storage);
      if (view === undefined) {
        view = new ArrayType(message, 0, Math.floor(message.byteLength / ArrayType.BYTES_PER_ELEMENT));
        views.set(storage, view);
      }
      copy(values, length, view, (bodyStart + start) / ArrayType.BYTES_PER_ELEMENT);
    }
  }

  /**
   * A flatbuffer: vtable and table of `Message`, those of `RecordBatch`, nodes, buffers. Every number lies at a
   * multiple of its size.
   * Source: Arrow's Message.fbs; FlatBuffers "Internals": a vtable is bytes of the vtable, bytes of the table, place of
   * each field in it.
   */
  #writeMetadata(view: DataView, numRows: number, bodyLength: number): void {
    const words = (at: number, values: readonly number[]) =>
      values.forEach((value, i) => view.setUint16(at + 2 * i, value, true));
    // Not as a bigint, of which an image would take three hundred.
    const int64 = (at: number, value: number) => {
      view.setUint32(at, value, true);
      view.setUint32(at + 4, value / 2 ** 32, true);
    };
    view.setUint32(0, 16, true); // the message's table
    words(4, [12, 20, 16, 18, 4, 8]);
    view.setInt32(16, 12, true); // back to its vtable
    view.setUint32(20, 36, true); // header: the record batch at 56
    int64(24, bodyLength);
    words(32, [4, 3]); // metadata version 5; header type 3, a record batch
    words(40, [10, 20, 8, 4, 16]);
    view.setInt32(56, 16, true); // back to its vtable
    view.setUint32(60, 16, true); // nodes at 76
    int64(64, numRows);
    const buffersAt = 84 + NODE_BYTES * this.#nodes.length;
    view.setUint32(72, buffersAt - 72, true);
    view.setUint32(76, this.#nodes.length, true);
    this.#nodes.forEach((length, i) => int64(80 + NODE_BYTES * i, length)); // and no nulls
    view.setUint32(buffersAt, this.#buffers.length, true);
    this.#buffers.forEach(({ start, byteLength }, i) => {
      int64(buffersAt + 4 + NODE_BYTES * i, start);
      int64(buffersAt + 12 + NODE_BYTES * i, byteLength);
    });
  }

  /** A node, and its empty bitmap of nulls. */
  #begin(length: number): void {
    this.#nodes.push(length);
    this.#push([], 0, 'uint8');
  }

  #push(values: Values, length: number, storage: Storage): void {
    const start = aligned(this.#length);
    const byteLength = length * COLUMN_ARRAYS[storage].BYTES_PER_ELEMENT;
    this.#buffers.push({ values, length, storage, start, byteLength });
    this.#length = start + byteLength;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** @throws TypeError where only one of the two holds bigints. */
function copy(values: Values, length: number, to: ColumnArray, at: number): void {
  if (to instanceof BigInt64Array || values instanceof BigInt64Array) {
    if (!(to instanceof BigInt64Array && values instanceof BigInt64Array)) throw new TypeError('a column is not int64');
    to.set(values, at);
  } else if (ArrayBuffer.isView(values)) to.set(values.length === length ? values : values.subarray(0, length), at);
  else for (let i = 0; i < length; i++) to[at + i] = values[i];
}
