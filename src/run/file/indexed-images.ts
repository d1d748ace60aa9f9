/** The images of a run as its index lists them, and where they lie. */
import type { IndexColumns } from '../../arrow/index-columns.js';
import type { ByteRange } from '../../arrow/run-columns.js';
import { ImageList, type NumberKey, type TextKey, type TextPart } from '../../core/facts/image-list.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { LazyList } from '../../core/lazy-list.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';

/** Rows of which texts are read at once. */
const CHUNK = 8192;

export class IndexedImages extends ImageList {
  constructor(private readonly columns: IndexColumns) {
    super();
  }

  get length(): number {
    return this.columns.numRows;
  }

  override column(key: NumberKey): Float64Array | Int32Array {
    return this.columns.numbers(key);
  }

  override *texts(key: TextKey): Generator<string, void> {
    for (let start = 0; start < this.length; start += CHUNK)
      yield* this.columns.texts(key, start, Math.min(this.length, start + CHUNK));
  }

  override indexOf(key: TextKey, text: string, part: TextPart = 'whole'): number {
    return this.columns.indexOf(key, text, part);
  }

  override given(key: TextKey): Uint8Array {
    return this.columns.given(key);
  }

  protected read(start: number, end: number): ImageSummary[] {
    return this.columns.summaries(start, end);
  }
}

/** Record batches follow each other without a gap: what is told is looked at when it is asked for. */
export class IndexedRanges extends LazyList<ByteRange> {
  /**
   * @param start of the first image.
   * @param end of the last one.
   * @param file `isShared`: images may lie in one record batch.
   */
  constructor(
    private readonly columns: IndexColumns,
    private readonly start: number,
    private readonly end: number,
    private readonly file: { readonly path: string; readonly isShared: boolean },
  ) {
    super();
  }

  get length(): number {
    return this.columns.numRows;
  }

  /** Does the whole list begin and end where it has to? */
  get isAtEnds(): boolean {
    if (this.length === 0) return this.start === this.end;
    return this.at(0)?.start === this.start && this.last?.end === this.end;
  }

  /** @throws MiningError 'run-file' where they leave a gap or lie outside. */
  protected read(start: number, end: number): ByteRange[] {
    const first = Math.max(0, start - 1);
    const ranges = this.columns.ranges(first, Math.min(this.length, end + 1));
    // Nothing is known of the one before the first of them but where it ends.
    let before = { start: NaN, end: first === 0 ? this.start : (ranges[0]?.start ?? NaN) };
    for (const [i, range] of ranges.entries()) {
      const isSame = this.file.isShared && range.start === before.start && range.end === before.end;
      if (!isSame && (range.start !== before.end || range.end <= range.start || range.end > this.end))
        throw this.#gap(first + i, range, before.end);
      before = range;
    }
    return ranges.slice(start - first, end - first);
  }

  #gap(imageIndex: number, range: ByteRange, at: number): MiningError {
    const todo = '"ohem salvage" writes what is whole as a new run';
    const received = said`bytes ${range.start} to ${range.end}`;
    return new MiningError('run-file', said`index: image ${imageIndex}`, said`bytes from ${at} on`, received, {
      file: this.file.path,
      todo,
    });
  }
}
