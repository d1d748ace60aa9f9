/** Run files on disk: the only part of this room that the editor's host imports, so nothing native is near. */
import type { FileHandle } from 'node:fs/promises';
import { rowFormat, rowInBatch, type ByteRange } from '../../arrow/run-columns.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { ImageList } from '../../core/facts/image-list.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { LazyList } from '../../core/lazy-list.js';
import type { IndexSource } from './index-source.js';
import { runFileError } from './run-file-error.js';
import type { RunScan } from './run-scan.js';
import { scanRun } from './run-scan.js';
import { readExactly } from './read-bytes.js';
import { openRegular } from '../../files/reading.js';

export { createRun, resumeRun, RunWriter } from './run-writer.js';

/** A run file that is open for reading; it may still grow. */
export class RunReader {
  readonly manifest: RunManifest;
  /** The schema message: goes before an image's bytes to decode them. */
  readonly schemaBytes: Uint8Array;
  /** Images that were there when the file was opened, in file order; one with damage tells it as its `error`. */
  readonly images: ImageList;
  /** Where their record batches lie; examples share them. */
  readonly ranges: LazyList<ByteRange>;
  /** `images` and `ranges` are read of the file when they are asked for: not after `close`. */
  readonly isLazy: boolean;
  /** The run came to an end and has its index. */
  readonly complete: boolean;
  /** What stands behind the last image is as it was written. */
  readonly isEndWhole: boolean;
  /** The run has checksums; damage inside an older one may go unseen. */
  readonly sealed: boolean;
  /** Damaged images by their place, with what was found; those inside a finished run show when they are read. */
  readonly damage: Map<number, string>;
  readonly #source: IndexSource | null;
  /** Examples that were read last: those beside them come next. */
  #last: ByteRange & { readonly bytes: Uint8Array } = { start: NaN, end: NaN, bytes: new Uint8Array(0) };

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    scan: RunScan,
  ) {
    this.manifest = scan.manifest;
    this.schemaBytes = scan.schemaBytes;
    this.complete = scan.complete;
    this.isEndWhole = scan.isEndWhole;
    this.sealed = scan.sealed;
    this.damage = new Map(scan.damaged);
    this.images = scan.images;
    this.ranges = scan.ranges;
    this.isLazy = scan.source !== null;
    this.#source = scan.source;
  }

  /** Row of an image in its record batch. */
  rowOf(imageIndex: number): number {
    return rowInBatch(this.ranges, imageIndex);
  }

  /**
   * The record batch with an image, in a buffer of its own; of examples the same array for those that lie in it.
   * @throws MiningError 'run-file'
   */
  async readImageBytes(imageIndex: number): Promise<Uint8Array> {
    const range = this.ranges.at(imageIndex);
    if (range === undefined) {
      throw new MiningError('run-file', 'image', said`an image in [0, ${this.images.length})`, String(imageIndex), {
        file: this.path,
      });
    }
    if (range.start === this.#last.start && range.end === this.#last.end) return this.#last.bytes;
    const bytes = await this.readRange(range);
    if (rowFormat(this.manifest).isOfExamples) this.#last = { ...range, bytes };
    return bytes;
  }

  /**
   * The record batch of an image that was appended since: its range comes with the event. @throws MiningError
   * 'run-file'
   */
  async readRange({ start, end }: ByteRange): Promise<Uint8Array> {
    const { size } = await this.handle.stat();
    try {
      if (!(start >= this.schemaBytes.byteLength && start < end && end <= size)) {
        throw new MiningError('run-file', 'image', said`bytes inside a file of ${size}`, said`${start} to ${end}`);
      }
      return await readExactly(this.handle, start, end);
    } catch (error) {
      throw runFileError(error, this.path, 'read', 'a file that can be read');
    }
  }

  async close(): Promise<void> {
    this.#source?.close();
    await this.handle.close();
  }
}

/**
 * Opens a finished, killed, stopped or still growing run; a last image that is cut short is left out.
 * @param how `isChecked`, the default: the whole index is checked, and the file is scanned where it is damaged. Else a
 * large one is read where it is asked for, so that a run of any size opens at once; where it is damaged, `images` and
 * `ranges` then throw a MiningError.
 * @throws MiningError 'run-file' when the file cannot be read, is none of ours, or is damaged.
 */
export async function openRun(path: string, how: { readonly isChecked?: boolean } = {}): Promise<RunReader> {
  let handle: FileHandle | undefined;
  try {
    handle = await openRegular(path);
    return new RunReader(path, handle, await scanRun(handle, path, how.isChecked ?? true));
  } catch (error) {
    await handle?.close();
    throw runFileError(error, path, 'open', 'a file that can be read');
  }
}
