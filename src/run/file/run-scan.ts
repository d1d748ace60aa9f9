/** Finds the images of a run file: by its index where the run was finished, else message by message. */
import type { FileHandle } from 'node:fs/promises';
import { readSeal, sealedImages, SEAL_BYTES, xxh32 } from '../../arrow/checksum.js';
import { decodeSchema, decodeSummaries, summaryBodyLength } from '../../arrow/decode-run.js';
import type { IndexEntry } from '../../arrow/encode-run.js';
import { metadataLength, PREFIX_BYTES, readHeader } from '../../arrow/ipc-message.js';
import { rowFormat, type ByteRange } from '../../arrow/run-columns.js';
import { ListedImages, type ImageList } from '../../core/facts/image-list.js';
import { Listed, type LazyList } from '../../core/lazy-list.js';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { BLANK_SUMMARY } from '../../core/facts/run-manifest.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { damaged, readExactly, tryRead } from './read-bytes.js';
import { findWholeImage, messageStarts } from './find-whole-image.js';
import type { IndexSource } from './index-source.js';
import { readIndex } from './run-index.js';

/** Covers prefix, metadata and summary of most images in one read. */
const LOOK_BYTES = 4096;

/** No image is smaller: the list of its columns is longer; of an example the columns of its summary. */
const FEWEST_BYTES = 1024;
const FEWEST_BYTES_OF_EXAMPLE = 64;

export interface RunScan {
  readonly manifest: RunManifest;
  readonly schemaBytes: Uint8Array;
  /** The run has checksums. */
  readonly sealed: boolean;
  /** Images in file order; one that a scan found damaged has a blank summary that says so. */
  readonly images: ImageList;
  /** Where their record batches lie. */
  readonly ranges: LazyList<ByteRange>;
  /** What is read of the index only when it is asked for; null: nothing. */
  readonly source: IndexSource | null;
  /** Places of the damaged ones, with what was found. */
  readonly damaged: ReadonlyMap<number, string>;
  /** End of the last whole image: where a resumed run goes on. */
  readonly end: number;
  /** The run was finished: its end-of-stream marker stands behind the last image. */
  readonly complete: boolean;
  /** All that stands behind the last image is as it was written; false where a finished run has no index. */
  readonly isEndWhole: boolean;
}

/**
 * Damage inside an image does not hide the images behind it. RoIs are not read: their checksums are checked when they
 * are.
 * @param path of the file, for errors.
 * @param isChecked the whole index of a finished run is read, and one that is damaged does without; else, where it is
 * large, a part is read when it is asked for, and then tells of damage by a MiningError.
 * @throws MiningError 'run-file' when it is no run file, or its schema is damaged.
 * Cost: the index of a finished run, or some reads of it; two a record batch otherwise; all behind a damaged image.
 */
export async function scanRun(handle: FileHandle, path: string, isChecked: boolean): Promise<RunScan> {
  const { size } = await handle.stat();
  const schemaBytes = await readSchemaBytes(handle, size);
  const base = { ...decodeSchema(schemaBytes), schemaBytes };
  const schemaEnd = schemaBytes.byteLength;
  const place = { handle, path, size, schemaEnd, format: rowFormat(base.manifest) };
  const index = await readIndex(place, isChecked);
  if (index !== null)
    return { ...base, ...index, damaged: new Map(), complete: true, end: index.ranges.last?.end ?? schemaEnd };
  const { entries, ...found } = await new MessageScan(handle, size, schemaBytes, base.sealed).run();
  const images = new ListedImages(entries.map(({ summary }) => summary));
  const end = entries.at(-1)?.end ?? schemaEnd;
  return { ...base, ...found, images, ranges: new Listed(entries), source: null, isEndWhole: false, end };
}

/**
 * Is it the beginning of a run that was killed while its schema was being written? Then no image begins in it: where
 * one does, the schema only seems cut, by a damaged length.
 */
export async function isUnbegun(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size < PREFIX_BYTES) return (await readExactly(handle, 0, size)).every((byte, i) => byte === 255 || i >= 4);
  const prefix = await readExactly(handle, 0, PREFIX_BYTES);
  const length = tryRead(() => metadataLength(prefix));
  if (length === null || length === 0 || PREFIX_BYTES + length <= size) return false;
  return (await messageStarts(handle, PREFIX_BYTES, size).next()).done === true;
}

async function readSchemaBytes(handle: FileHandle, size: number): Promise<Uint8Array> {
  const notArrow = (received: Phrase) =>
    new MiningError('run-file', 'first bytes', 'a run file (*.ohem, an Arrow stream)', received);
  if (size < PREFIX_BYTES) throw notArrow(said`${size} bytes`);
  const prefix = await readExactly(handle, 0, PREFIX_BYTES);
  const length = tryRead(() => metadataLength(prefix));
  if (length === null || length === 0) throw notArrow('another kind of file');
  if (PREFIX_BYTES + length > size) throw notArrow('a schema that is cut short');
  return readExactly(handle, 0, PREFIX_BYTES + length);
}

/** What stands where a record batch may begin. `cut`: one that ends behind the file, or nothing but zeros. */
type Found = readonly IndexEntry[] | 'cut' | 'end-of-stream' | 'damaged';

/** Goes from message to message. */
class MessageScan {
  readonly #entries: IndexEntry[] = [];
  readonly #damaged = new Map<number, string>();
  #at: number;

  constructor(
    private readonly handle: FileHandle,
    private readonly size: number,
    private readonly schemaBytes: Uint8Array,
    private readonly sealed: boolean,
  ) {
    this.#at = schemaBytes.byteLength;
  }

  async run(): Promise<Pick<RunScan, 'damaged' | 'complete'> & { readonly entries: readonly IndexEntry[] }> {
    for (;;) {
      const found = await this.#message(this.#at);
      if (typeof found === 'object') {
        for (const entry of found) this.#entries.push(entry);
        this.#at = found[0]?.end ?? this.size;
      } else if (this.#at >= this.size || !(await this.#skipDamage(found))) {
        return { entries: this.#entries, damaged: this.#damaged, complete: found === 'end-of-stream' };
      }
    }
  }

  /** Notes what was damaged before the next whole image. @returns false where no image follows. */
  async #skipDamage(found: Found): Promise<boolean> {
    const next = await findWholeImage(this.handle, this.#at, this.size, this.schemaBytes, this.#entries.length);
    if (next !== null) {
      this.#lose((next.imageIndex ?? 0) - this.#entries.length, next.start);
      this.#at = next.start;
      return true;
    }
    const numSealed = await this.#sealedAtEnd();
    if (found === 'damaged' || (found === 'cut' && numSealed > 0)) this.#lose(numSealed, this.size);
    return false;
  }

  /** Images up to `end` are damaged: one at least, and not more than there is room for. */
  #lose(numLost: number, end: number): void {
    const { isOfExamples } = rowFormat(decodeSchema(this.schemaBytes).manifest);
    const room = Math.floor((end - this.#at) / (isOfExamples ? FEWEST_BYTES_OF_EXAMPLE : FEWEST_BYTES));
    for (let left = Math.max(1, Math.min(room, numLost)); left > 0; left--) {
      const imageIndex = this.#entries.length;
      const error = damaged(this.#at, said`image ${imageIndex} as it was written`, 'damaged bytes').message;
      this.#damaged.set(imageIndex, error);
      this.#entries.push({ start: this.#at, end, summary: { ...BLANK_SUMMARY, error } });
    }
  }

  /** Images of a last batch that was written to its end: it only seems cut where its length is damaged. */
  async #sealedAtEnd(): Promise<number> {
    if (!this.sealed || this.size - this.#at < SEAL_BYTES) return 0;
    const last = await readExactly(this.handle, this.size - SEAL_BYTES, this.size);
    return readSeal(last)?.imageIndex === this.#entries.length ? (sealedImages(last) ?? 0) : 0;
  }

  async #message(start: number): Promise<Found> {
    const { handle, size } = this;
    if (start + PREFIX_BYTES > size) return 'cut';
    const look = await readExactly(handle, start, Math.min(size, start + LOOK_BYTES));
    // A file system that lost power leaves zeros where the data did not arrive.
    if (look.every((byte) => byte === 0)) return 'cut';
    const length = tryRead(() => metadataLength(look));
    if (length === null) return 'damaged';
    if (length === 0) return 'end-of-stream';
    const bodyStart = PREFIX_BYTES + length;
    if (start + bodyStart > size) return 'cut';
    const upTo = async (end: number) =>
      end <= look.byteLength ? look.subarray(0, end) : readExactly(handle, start, start + end);
    const metadata = (await upTo(bodyStart)).subarray(PREFIX_BYTES);
    const header = tryRead(() => readHeader(metadata));
    const summaryLength = tryRead(() => summaryBodyLength(this.schemaBytes, metadata));
    if (header === null || summaryLength === null) return 'damaged';
    const end = start + bodyStart + header.bodyLength;
    if (end > size) return 'cut';
    const head = await upTo(bodyStart + summaryLength);
    if (this.sealed && !(await this.#isSealed(head, end))) return 'damaged';
    const summaries = tryRead(() => decodeSummaries(this.schemaBytes, metadata, head.subarray(bodyStart)));
    return summaries === null ? 'damaged' : summaries.map((summary) => ({ start, end, summary }));
  }

  async #isSealed(head: Uint8Array, end: number): Promise<boolean> {
    const seal = readSeal(await readExactly(this.handle, end - SEAL_BYTES, end));
    return seal?.imageIndex === this.#entries.length && seal.headSum === xxh32(head);
  }
}
