/** The index of a run, of which only what is asked for is read: its columns are contiguous bytes (docs/adr/0027). */
import { MiningError } from '../core/mining-error.js';
import type { NumberKey, TextKey, TextPart } from '../core/facts/image-list.js';
import type { ImageSummary } from '../core/facts/run-manifest.js';
import { COLUMN_ARRAYS, fixedStorage, indexSignature } from './column-types.js';
import { SAME_OF_EXAMPLES } from './known-of-examples.js';
import { metadataLength, PREFIX_BYTES, readBatchLayout, readHeader, readSchema } from './ipc-message.js';
import type { BatchLayout } from './ipc-message.js';
import type { ByteRange, ColumnSpec, RowFormat } from './run-columns.js';
import { RANGE_COLUMNS, SUMMARY_COLUMNS } from './run-columns.js';

/**
 * Bytes [start, end) of an index, which are not changed; they start at a multiple of 8 bytes of their buffer where
 * `start` is one.
 */
export type ReadBytes = (start: number, end: number) => Uint8Array;

/** Rows that are looked at at once where all are. */
const CHUNK = 8192;

const decoder = new TextDecoder();

/** Objects that are born with all keys: Object.fromEntries takes several times as long. */
const BLANK: Readonly<Record<string, string | number>> = Object.fromEntries(SUMMARY_COLUMNS.map(({ key }) => [key, 0]));

/** Where a column lies: offset and length of its values, and of the offsets of its texts. */
interface Place {
  readonly spec: ColumnSpec<string>;
  readonly values: readonly [at: number, length: number];
  readonly offsets: readonly [at: number, length: number] | null;
}

export class IndexColumns {
  private constructor(
    /** Images. */
    readonly numRows: number,
    private readonly places: ReadonlyMap<string, Place>,
    private readonly read: ReadBytes,
  ) {}

  /**
   * Reads the two headers.
   * @param length bytes of the index.
   * @param format of the run's rows.
   * @throws MiningError 'run-file' where they are none of an index; so do the others, where what they read is none.
   */
  static open(read: ReadBytes, length: number, format: RowFormat): IndexColumns {
    return guard(() => {
      const metadataAt = (at: number) => {
        if (at + PREFIX_BYTES > length) throw new RangeError('no whole message');
        const bodyAt = at + PREFIX_BYTES + metadataLength(read(at, at + PREFIX_BYTES));
        if (bodyAt === at + PREFIX_BYTES || bodyAt > length) throw new RangeError('no whole message');
        return { header: readHeader(read(at + PREFIX_BYTES, bodyAt)), bodyAt };
      };
      const schema = metadataAt(0);
      if (readSchema(schema.header).signature !== indexSignature(format)) throw new RangeError('other columns');
      const { header, bodyAt } = metadataAt(schema.bodyAt + schema.header.bodyLength);
      if (bodyAt + header.bodyLength > length) throw new RangeError(`a body of ${header.bodyLength} bytes, cut short`);
      const layout = readBatchLayout(header);
      return new IndexColumns(layout.numRows, placesOf(layout, bodyAt, format), read);
    });
  }

  /** A column of numbers, rows [start, end). */
  numbers(key: NumberKey, start = 0, end = this.numRows): Int32Array | Float64Array {
    const values = guard(() => this.#numbers(this.#place(key), start, end));
    return values instanceof Uint8Array ? Int32Array.from(values) : (values as Int32Array | Float64Array);
  }

  /** A column of texts, rows [start, end). */
  texts(key: TextKey, start: number, end: number): string[] {
    return guard(() => {
      const { bytes, offsets } = this.#textBytes(this.#place(key), start, end);
      // As many letters as bytes: all are ASCII, and texts are slices of the whole, which is decoded once.
      const whole = decoder.decode(bytes);
      const isAscii = whole.length === bytes.byteLength;
      return Array.from({ length: end - start }, (_, i) => {
        const [from, to] = [offsets[i] - offsets[0], offsets[i + 1] - offsets[0]];
        return isAscii ? whole.slice(from, to) : decoder.decode(bytes.subarray(from, to));
      });
    });
  }

  /** 1 for each row whose text is not ''. */
  given(key: TextKey): Uint8Array {
    return guard(() => {
      const offsets = this.#offsets(this.#place(key), 0, this.numRows);
      const given = new Uint8Array(this.numRows);
      for (let i = 0; i < given.length; i++) if (offsets[i + 1] > offsets[i]) given[i] = 1;
      return given;
    });
  }

  /** The first row with this text, or with one that ends so; -1 none. */
  indexOf(key: TextKey, text: string, part: TextPart): number {
    const wanted = new TextEncoder().encode(text);
    const place = this.#place(key);
    for (let start = 0; start < this.numRows; start += CHUNK) {
      const end = Math.min(this.numRows, start + CHUNK);
      const row = guard(() => rowOf(wanted, part, this.#textBytes(place, start, end)));
      if (row >= 0) return start + row;
    }
    return -1;
  }

  /** Rows [start, end) as objects. */
  summaries(start: number, end: number): ImageSummary[] {
    const columns = SUMMARY_COLUMNS.map(({ key, storage }) =>
      storage === 'utf8' ? this.texts(key as TextKey, start, end) : this.numbers(key as NumberKey, start, end),
    );
    return Array.from({ length: end - start }, (_, row) => {
      const record: Record<string, string | number> = { ...BLANK };
      for (let i = 0; i < columns.length; i++) record[SUMMARY_COLUMNS[i].key] = columns[i][row];
      return record as unknown as ImageSummary;
    });
  }

  /** Where the record batches of rows [start, end) lie. */
  ranges(start: number, end: number): ByteRange[] {
    const [from, to] = guard(() => RANGE_COLUMNS.map(({ key }) => this.#numbers(this.#place(key), start, end)));
    return Array.from({ length: end - start }, (_, i) => ({ start: Number(from[i]), end: Number(to[i]) }));
  }

  /** Looks at all that the others look at when they are asked. @throws MiningError 'run-file' */
  check(): void {
    for (let start = 0; start < this.numRows; start += CHUNK)
      for (const place of this.places.values())
        if (place.offsets !== null) guard(() => this.#offsets(place, start, Math.min(this.numRows, start + CHUNK)));
  }

  #place(key: string): Place {
    const place = this.places.get(key);
    if (place === undefined) throw new TypeError(`no column ${key}`);
    return place;
  }

  #numbers(
    { spec, values: [at] }: Place,
    start: number,
    end: number,
  ): Uint8Array | Int32Array | Float64Array | BigInt64Array {
    const ArrayType = arrayOf(spec);
    const size = ArrayType.BYTES_PER_ELEMENT;
    const bytes = this.read(at + start * size, at + end * size);
    return new ArrayType(bytes.buffer as ArrayBuffer, bytes.byteOffset, end - start);
  }

  /** One more than rows: where each text starts, and where the last ends. */
  #offsets({ values: [, length], offsets }: Place, start: number, end: number): Int32Array {
    if (offsets === null) throw new TypeError('a column of numbers');
    const bytes = this.read(offsets[0] + 4 * start, offsets[0] + 4 * (end + 1));
    const values = new Int32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, end - start + 1);
    if (values[0] < 0 || values[end - start] > length) throw new RangeError('text offsets');
    for (let i = start; i < end; i++)
      if (values[i - start + 1] < values[i - start]) throw new RangeError('text offsets');
    return values;
  }

  #textBytes(place: Place, start: number, end: number): TextBytes {
    const offsets = this.#offsets(place, start, end);
    const [at] = place.values;
    return { offsets, bytes: this.read(at + offsets[0], at + offsets[end - start]) };
  }
}

interface TextBytes {
  /** Where in the column the texts start; the first one at the first byte. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** The first text that is this; -1 none. */
function rowOf(wanted: Uint8Array, part: TextPart, { offsets, bytes }: TextBytes): number {
  const { length } = wanted;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const numMore = offsets[row + 1] - offsets[row] - length;
    if (numMore < 0 || (numMore > 0 && part === 'whole')) continue;
    const at = offsets[row + 1] - offsets[0] - length;
    // Names differ at their ends.
    let i = length;
    while (i > 0 && bytes[at + i - 1] === wanted[i - 1]) i--;
    if (i === 0) return row;
  }
  return -1;
}

/** @throws RangeError where a column is missing or shorter than the rows. */
function placesOf(
  { numRows, nodes, regions }: BatchLayout,
  bodyAt: number,
  { summary, isOfExamples }: RowFormat,
): Map<string, Place> {
  const places = new Map<string, Place>();
  let region = 0;
  const next = (fewest: number): [number, number] => {
    const found = regions[region++];
    if (found === undefined || found[1] < fewest) throw new RangeError('a short buffer');
    return [bodyAt + found[0], found[1]];
  };
  for (const [i, spec] of [...summary, ...RANGE_COLUMNS].entries()) {
    if (nodes[i] !== numRows) throw new RangeError(`a column of ${nodes[i]} rows instead of ${numRows}`);
    // No column has a bitmap of missing values.
    next(0);
    const offsets = spec.storage === 'utf8' ? next(4 * (numRows + 1)) : null;
    const values = next(offsets === null ? numRows * arrayOf(spec).BYTES_PER_ELEMENT : 0);
    places.set(spec.key, { spec, offsets, values });
  }
  for (const [key, same] of Object.entries(isOfExamples ? SAME_OF_EXAMPLES : {})) {
    const place = places.get(same);
    if (place !== undefined) places.set(key, place);
  }
  return places;
}

function arrayOf({ storage }: ColumnSpec<string>) {
  if (storage === 'utf8') throw new TypeError('a column of texts');
  return COLUMN_ARRAYS[fixedStorage(storage, 'float64')] as
    Uint8ArrayConstructor | Int32ArrayConstructor | Float64ArrayConstructor | BigInt64ArrayConstructor;
}

/** Makes a reader's RangeError a line for a person. */
function guard<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MiningError('run-file', 'index', 'a whole Arrow message', error.message);
  }
}
