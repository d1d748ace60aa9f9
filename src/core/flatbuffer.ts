/**
 * Reads flatbuffer tables of untrusted bytes. Every read is inside the buffer or throws RangeError (DataView's own),
 * and a vector is as long as its buffer allows: a flipped byte costs an error, never a hang or an allocation.
 */
export class FlatReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that the buffer is about. */
  root(): number {
    return this.follow(0);
  }

  /** Position of a table's field; 0 where the field has its default. */
  field(table: number, index: number): number {
    const vtable = table - this.#view.getInt32(table, true);
    if (4 + 2 * index + 2 > this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + 4 + 2 * index, true);
    return offset === 0 ? 0 : table + offset;
  }

  /** Target of the offset that stands at `at`. */
  follow(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  uint8(at: number, fallback: number): number {
    return at === 0 ? fallback : this.#view.getUint8(at);
  }

  int16(at: number, fallback: number): number {
    return at === 0 ? fallback : this.#view.getInt16(at, true);
  }

  int32(at: number, fallback: number): number {
    return at === 0 ? fallback : this.#view.getInt32(at, true);
  }

  uint32(at: number, fallback: number): number {
    return at === 0 ? fallback : this.#view.getUint32(at, true);
  }

  float32(at: number, fallback: number): number {
    return at === 0 ? fallback : this.#view.getFloat32(at, true);
  }

  /** A length or an offset. @throws RangeError when it is negative or no safe integer. */
  length64(at: number): number {
    const value = at === 0 ? 0 : Number(this.#view.getBigInt64(at, true));
    if (value < 0 || !Number.isSafeInteger(value)) throw new RangeError(`a length of ${value}`);
    return value;
  }

  /** The bytes of a string, UTF-8; they stay the buffer's. */
  utf8(at: number): Uint8Array {
    const { start, count } = this.vector(at, 1);
    return this.#bytes.subarray(start, start + count);
  }

  /** First element and number of elements of a vector of `stride` bytes each; empty where the field is missing. */
  vector(at: number, stride: number): { readonly start: number; readonly count: number } {
    if (at === 0) return { start: 0, count: 0 };
    const base = this.follow(at);
    const count = this.#view.getUint32(base, true);
    if (base + 4 + count * stride > this.#bytes.byteLength) throw new RangeError(`a vector of ${count}`);
    return { start: base + 4, count };
  }
}
