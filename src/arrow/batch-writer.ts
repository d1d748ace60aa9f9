/** Builds one record batch message, column by column in file order, as `BatchReader` reads it. */
import type { Precision } from '../core/tables.js';
import { COLUMN_ARRAYS, fixedStorage, type ColumnArray } from './column-types.js';
import { PREFIX_BYTES } from './ipc-message.js';
import type { ColumnSpec } from './run-columns.js';

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** Bytes of the metadata in front of its two vectors, see `#writeMetadata`. */
const TABLES_BYTES = 88;
const NODE_BYTES = 16;

export class BatchWriter {
  readonly #nodes: number[] = [];
  readonly #buffers: Uint8Array[] = [];
  /** Where each buffer begins in the body: at a multiple of 8 bytes. */
  readonly #starts: number[] = [];
  #length = 0;

  /** Bytes of the body up to the end of the last column so far. */
  get length(): number {
    return this.#length;
  }

  /** `numRows * stride` numbers, converted where they are stored otherwise. */
  numbers(
    spec: ColumnSpec<string>,
    values: ColumnArray | readonly number[],
    numRows: number,
    precision: Precision,
  ): void {
    if (spec.storage === 'utf8') throw new TypeError(`${spec.name} holds text`);
    const length = numRows * (spec.stride ?? 1);
    if (spec.stride !== undefined) this.#begin(numRows);
    this.#begin(length);
    this.#push(bytesOf(convert(values, fixedStorage(spec.storage, precision)), length));
  }

  texts(texts: readonly string[]): void {
    this.#begin(texts.length);
    const pieces = texts.map((text) => encoder.encode(text));
    const offsets = new Int32Array(texts.length + 1);
    pieces.forEach((piece, i) => (offsets[i + 1] = offsets[i] + piece.byteLength));
    const bytes = pieces.length === 1 ? pieces[0] : new Uint8Array(offsets[texts.length]);
    if (pieces.length !== 1) pieces.forEach((piece, i) => bytes.set(piece, offsets[i]));
    this.#push(bytesOf(offsets));
    this.#push(bytes);
  }

  /** Opens a list of structs that is one row; its columns of `length` rows follow. */
  openList(length: number): void {
    this.#begin(1);
    this.#push(bytesOf(Int32Array.of(0, length)));
    this.#begin(length);
  }

  /** @param extra zeros behind the last column, which no column covers; a multiple of 8 bytes. */
  finish(numRows: number, extra = 0): Uint8Array {
    const bodyLength = aligned(this.#length) + extra;
    const metadata = TABLES_BYTES + NODE_BYTES * (this.#nodes.length + this.#buffers.length);
    const bytes = new Uint8Array(PREFIX_BYTES + metadata + bodyLength);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xffff_ffff, true);
    view.setInt32(4, metadata, true);
    this.#writeMetadata(new DataView(bytes.buffer, PREFIX_BYTES), numRows, bodyLength);
    this.#buffers.forEach((buffer, i) => bytes.set(buffer, PREFIX_BYTES + metadata + this.#starts[i]));
    return bytes;
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
    this.#buffers.forEach(({ byteLength }, i) => {
      int64(buffersAt + 4 + NODE_BYTES * i, this.#starts[i]);
      int64(buffersAt + 12 + NODE_BYTES * i, byteLength);
    });
  }

  /** A node, and its empty bitmap of nulls. */
  #begin(length: number): void {
    this.#nodes.push(length);
    this.#push(NOTHING);
  }

  #push(buffer: Uint8Array): void {
    const start = aligned(this.#length);
    this.#starts.push(start);
    this.#buffers.push(buffer);
    this.#length = start + buffer.byteLength;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** The bytes of the first `length` entries; undefined: of all. */
function bytesOf({ buffer, byteOffset, BYTES_PER_ELEMENT, length: all }: ColumnArray, length = all): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length * BYTES_PER_ELEMENT);
}

function convert(values: ColumnArray | readonly number[], storage: keyof typeof COLUMN_ARRAYS): ColumnArray {
  const ArrayType = COLUMN_ARRAYS[storage];
  if (values instanceof ArrayType) return values;
  if (values instanceof BigInt64Array || ArrayType === BigInt64Array) throw new TypeError(`a column is not ${storage}`);
  return (ArrayType as Exclude<typeof ArrayType, BigInt64ArrayConstructor>).from(values);
}
