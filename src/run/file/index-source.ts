/** Bytes of an index, read when they are asked for and checked whenever they are read. */
import { readSync } from 'node:fs';
import { xxh32 } from '../../arrow/checksum.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { damaged } from './read-bytes.js';
import { runFileError } from './run-file-error.js';

/** An index has a checksum for each so many bytes: a row in sight costs one of them a column. */
export const BLOCK_BYTES = 4096;

/** Blocks that are kept in memory: 16 MB. */
const MAX_KEPT = 4096;

const SALVAGE = '"ohem salvage" writes what is whole as a new run';

/** XXH32 of each block; the last one may be shorter. */
export function blockSums(bytes: Uint8Array): Uint32Array {
  return Uint32Array.from({ length: Math.ceil(bytes.byteLength / BLOCK_BYTES) }, (_, block) =>
    xxh32(bytes.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)),
  );
}

export class IndexSource {
  /** Least recently used first. */
  readonly #kept = new Map<number, Uint8Array>();
  #closed = false;

  /**
   * @param fd file that stays open until `close`.
   * @param at where the index begins.
   * @param sums of its blocks.
   */
  constructor(
    private readonly fd: number,
    private readonly path: string,
    private readonly at: number,
    readonly length: number,
    private readonly sums: Uint32Array,
  ) {}

  /**
   * Bytes [start, end) of the index: where they lie in one block of a cache, else of their own; so placed in their
   * buffer that a multiple of 8 stays one.
   * @throws MiningError 'run-file' where they are not as they were written, or cannot be read.
   * Cost: waits for the disk where they were not read lately.
   */
  readonly read = (start: number, end: number): Uint8Array => {
    if (!(start >= 0 && start <= end && end <= this.length))
      throw new RangeError(`bytes ${start} to ${end} of an index`);
    if (start === end) return new Uint8Array();
    const first = Math.floor(start / BLOCK_BYTES);
    const last = Math.ceil(end / BLOCK_BYTES);
    const from = first * BLOCK_BYTES;
    const bytes = last - first === 1 ? this.#block(first) : this.#blocks(first, last);
    return bytes.subarray(start - from, end - from);
  };

  /** All of it, in one piece. @throws MiningError 'run-file' as `read`. */
  all(): Uint8Array {
    return this.#blocks(0, this.sums.length);
  }

  /** Reads and checks all of it. @throws MiningError 'run-file' as `read`. */
  check(): void {
    const step = 256;
    for (let first = 0; first < this.sums.length; first += step)
      this.#blocks(first, Math.min(this.sums.length, first + step));
  }

  /** The file is closed by whoever opened it. */
  close(): void {
    this.#closed = true;
    this.#kept.clear();
  }

  #block(block: number): Uint8Array {
    const bytes = this.#kept.get(block) ?? this.#blocks(block, block + 1);
    this.#kept.delete(block);
    this.#kept.set(block, bytes);
    const [oldest = block] = this.#kept.size > MAX_KEPT ? this.#kept.keys() : [];
    if (oldest !== block) this.#kept.delete(oldest);
    return bytes;
  }

  /** Blocks [first, last). */
  #blocks(first: number, last: number): Uint8Array {
    const from = first * BLOCK_BYTES;
    const bytes = new Uint8Array(Math.min(this.length, last * BLOCK_BYTES) - from);
    this.#fill(bytes, this.at + from);
    for (let block = first; block < last; block++) {
      const at = block * BLOCK_BYTES;
      if (xxh32(bytes.subarray(at - from, at - from + BLOCK_BYTES)) !== this.sums[block])
        throw this.#error(damaged(this.at + at, 'an index as it was written', 'damage'));
    }
    return bytes;
  }

  #fill(bytes: Uint8Array, position: number): void {
    // The number of a closed file is soon that of another one.
    if (this.#closed) throw new TypeError(`${this.path} is closed`);
    for (let filled = 0; filled < bytes.byteLength;) {
      const numMissing = bytes.byteLength - filled;
      const numRead = this.#readSome(bytes.subarray(filled), position + filled);
      if (numRead === 0)
        throw this.#error(damaged(position + filled, said`${numMissing} more bytes`, 'the end of the file'));
      filled += numRead;
    }
  }

  #readSome(bytes: Uint8Array, position: number): number {
    try {
      return readSync(this.fd, bytes, 0, bytes.byteLength, position);
    } catch (error) {
      throw runFileError(error, this.path, 'read', 'a file that can be read');
    }
  }

  #error({ where, expected, received }: MiningError): MiningError {
    return new MiningError('run-file', where, expected, received, { file: this.path, todo: SALVAGE });
  }
}
