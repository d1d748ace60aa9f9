/**
 * Appends images to a run file. The file is readable after every write: a kill loses at most the images that were being
 * written, a full disk loses these too and says so, and an existing run is never opened for a fresh start.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { decodeImage } from '../../arrow/decode-run.js';
import type { IndexEntry, RunImage } from '../../arrow/encode-run.js';
import { encodeExamples, encodeImage, encodeIndex, encodeSchema } from '../../arrow/encode-run.js';
import { rowFormat, type ByteRange } from '../../arrow/run-columns.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { MAX_CLASSES } from '../../core/tables.js';
import { BLANK_SUMMARY } from '../../core/facts/run-manifest.js';
import type { ImageSummary, RunManifest } from '../../core/facts/run-manifest.js';
import { checkStillThere, putInPlace, syncFolder } from '../../files/replacing.js';
import { refuseChangedImages } from './changed-images.js';
import { checkSameRun } from './compare-manifests.js';
import { readExactly, tryRead } from './read-bytes.js';
import { runFileError } from './run-file-error.js';
import { encodeEnding } from './run-index.js';
import { isUnbegun, scanRun } from './run-scan.js';
import type { RunScan } from './run-scan.js';

/**
 * Data reach the disk at least this often; a killed process loses nothing that was written, a lost machine this much.
 */
const SYNC_MS = 5000;
/** Examples of a record batch, about: whole minibatches. */
export const EXAMPLES_TOGETHER = 256;
const MAX_WAITING_BYTES = 1 << 22;

/** What a writer takes up. */
type Begun = Pick<RunScan, 'manifest' | 'sealed'> & {
  /** End of the schema message. */
  readonly schemaEnd: number;
  readonly entries: IndexEntry[];
};

export class RunWriter {
  readonly manifest: RunManifest;
  readonly schemaEnd: number;
  readonly #sealed: boolean;
  readonly #written: IndexEntry[];
  #waiting: { readonly bytes: Uint8Array; readonly summary: ImageSummary }[] = [];
  /** Examples that were taken: they become one record batch. */
  #examples: RunImage[] = [];
  #numTaken: number;
  #end: number;
  #syncedAt = performance.now();

  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    { manifest, schemaEnd, sealed, entries }: Begun,
  ) {
    this.manifest = manifest;
    this.schemaEnd = schemaEnd;
    this.#sealed = sealed;
    this.#written = entries;
    this.#numTaken = entries.length;
    this.#end = entries.at(-1)?.end ?? schemaEnd;
  }

  /** Images in the file, in its order. */
  get entries(): readonly IndexEntry[] {
    return this.#written;
  }

  /** Its record batches have many images. */
  get isOfExamples(): boolean {
    return rowFormat(this.manifest).isOfExamples;
  }

  /** Images wait that fill a record batch, or the memory. */
  get isFull(): boolean {
    if (this.isOfExamples) return this.#examples.length >= EXAMPLES_TOGETHER;
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) >= MAX_WAITING_BYTES;
  }

  /** Takes an image as the next row, for `write`. */
  take(image: RunImage): void {
    if (this.isOfExamples) {
      this.#examples.push(image);
      return;
    }
    const bytes = encodeImage(image, this.manifest, this.#sealed ? this.#numTaken : null);
    this.#waiting.push({ bytes, summary: image.summary });
    this.#numTaken++;
  }

  /**
   * Writes the images that were taken, all at once; examples as one record batch. One call at a time; meanwhile more
   * can be taken.
   * @returns them and their places.
   * @throws MiningError 'run-file' when they cannot be written; the file then ends with the images before, and none is
   * waiting. Also when somebody else has written to the file: it is then left as it is.
   */
  async write(): Promise<readonly IndexEntry[]> {
    if (this.isOfExamples) return this.#writeExamples();
    const images = this.#waiting;
    this.#waiting = [];
    if (images.length === 0) return [];
    try {
      await this.#refuseCompany();
      await this.#write(joined(images.map(({ bytes }) => bytes)));
    } catch (error) {
      this.#waiting = [];
      this.#numTaken = this.#written.length;
      throw error;
    }
    const entries = images.map(({ bytes, summary }) => {
      const start = this.#end;
      this.#end += bytes.byteLength;
      return { start, end: this.#end, summary };
    });
    this.#written.push(...entries);
    if (performance.now() - this.#syncedAt > SYNC_MS) await this.#sync();
    return entries;
  }

  async #writeExamples(): Promise<readonly IndexEntry[]> {
    const examples = this.#examples;
    this.#examples = [];
    if (examples.length === 0) return [];
    const bytes = encodeExamples(examples, this.manifest, this.#written.length);
    try {
      await this.#refuseCompany();
      await this.#write(bytes);
    } catch (error) {
      this.#examples = [];
      throw error;
    }
    const start = this.#end;
    this.#end += bytes.byteLength;
    const entries = examples.map(({ summary }) => ({ start, end: this.#end, summary }));
    for (const entry of entries) this.#written.push(entry);
    if (performance.now() - this.#syncedAt > SYNC_MS) await this.#sync();
    return entries;
  }

  /** Writes an image as the next row, where no other waits. @throws MiningError as `write` */
  async append(image: RunImage): Promise<ByteRange> {
    const start = this.#end;
    this.take(image);
    await this.write();
    return { start, end: this.#end };
  }

  /**
   * Writes the end of the stream and the index. The writer takes no more images.
   * @param target name that the run gets, in place of a file that has it; undefined: it keeps its own.
   * @throws MiningError 'run-file' when it cannot be written; 'options' when the file was removed or replaced.
   */
  async finish(target?: string): Promise<void> {
    await this.#refuseCompany();
    await this.#write(encodeEnding(encodeIndex(this.#written, rowFormat(this.manifest)), this.#end));
    await this.#sync();
    if (target === undefined) await checkStillThere(this.handle, this.path);
    else await putInPlace(this.handle, this.path, target);
  }

  /** Lets go of the file, finished or not. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Two resumes of one run would cut each other's images. */
  async #refuseCompany(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size === this.#end) return;
    throw new MiningError(
      'run-file',
      'append',
      said`a file of ${this.#end} bytes`,
      said`${size}: another process writes it`,
      {
        file: this.path,
      },
    );
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await writeFully(this.handle, bytes, this.#end);
    } catch (error) {
      await this.handle.truncate(this.#end).catch(() => undefined);
      const kept = `The ${this.#written.length} images before are kept; make room and resume`;
      throw runFileError(error, this.path, 'append', 'to write', kept);
    }
  }

  async #sync(): Promise<void> {
    await this.handle.datasync();
    this.#syncedAt = performance.now();
  }
}

/**
 * Starts a run file.
 * @throws MiningError 'run-file' when the file exists or cannot be written, or there are too many classes.
 */
export async function createRun(path: string, manifest: RunManifest): Promise<RunWriter> {
  const handle = await openFile(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR);
  try {
    return await begin(path, handle, manifest);
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw runFileError(error, path, 'create', 'to write');
  }
}

/**
 * Opens a killed, stopped or finished run to append to it; what stood behind its last whole image is cut off. A file
 * that was killed before its schema was whole begins anew.
 * @param imagesPerBatch rows of an unfinished minibatch are cut off too, with their record batch; 1 where images are
 * decided alone.
 * @throws MiningError 'run-file' when the file is none of this run (another checkpoint, data set, measure…), or whole
 * images follow a damaged one, or pixels have changed since they were measured; the file is then as it was.
 * Cost: reads the file once, so that no damaged image is taken for one that is done.
 */
export async function resumeRun(path: string, manifest: RunManifest, imagesPerBatch = 1): Promise<RunWriter> {
  const handle = await openFile(path, constants.O_RDWR);
  try {
    if (await isUnbegun(handle)) return await begin(path, handle, manifest);
    const scan = await scanRun(handle, path, true);
    checkSameRun(scan.manifest, manifest);
    const whole = await numWhole(handle, scan);
    const all = entriesOf(scan);
    const entries = all.slice(0, cutBefore(all, whole - (whole % imagesPerBatch)));
    const schemaEnd = scan.schemaBytes.byteLength;
    if (scan.sealed) await refuseChangedImages(handle, entries);
    await handle.truncate(entries.at(-1)?.end ?? schemaEnd);
    return new RunWriter(path, handle, { ...scan, schemaEnd, entries });
  } catch (error) {
    await handle.close();
    throw runFileError(error, path, 'resume', 'to write');
  }
}

/** Images, at most so many, that end with their record batch. */
function cutBefore(entries: readonly IndexEntry[], numImages: number): number {
  let cut = numImages;
  while (cut > 0 && entries[cut]?.start === entries[cut - 1]?.start) cut--;
  return cut;
}

/**
 * Images before the first damaged one, behind which there is no whole one: cutting it off would lose that.
 * @throws MiningError 'run-file' where there is.
 * Cost: reads every RoI once.
 */
async function numWhole(handle: FileHandle, { ranges, schemaBytes, damaged }: RunScan): Promise<number> {
  let first = ranges.length;
  let read = { start: NaN, isWhole: false };
  for (const [i, { start, end }] of ranges.entries()) {
    if (start !== read.start) {
      const bytes = await readExactly(handle, start, end);
      read = { start, isWhole: tryRead(() => decodeImage(schemaBytes, bytes)) !== null };
    }
    const isWhole = !damaged.has(i) && read.isWhole;
    if (!isWhole) first = Math.min(first, i);
    else if (first < i) refuseDamage(first, ranges.length - 1 - first);
  }
  return first;
}

/** All images, in memory. */
function entriesOf({ images, ranges }: RunScan): IndexEntry[] {
  const summaries = images.slice();
  return ranges.map(({ start, end }, i) => ({ start, end, summary: summaries[i] ?? BLANK_SUMMARY }));
}

function refuseDamage(imageIndex: number, numAfter: number): never {
  const expected = 'an unfinished image at the end only';
  const received = said`a damaged one before the ${numAfter} after it`;
  const todo = '"ohem salvage" keeps those that are whole';
  throw new MiningError('run-file', said`resume: image ${imageIndex}`, expected, received, { todo });
}

/** Writes the schema into a file that has nothing whole. @throws MiningError 'run-file' for too many classes. */
async function begin(path: string, handle: FileHandle, manifest: RunManifest): Promise<RunWriter> {
  const { length } = manifest.classes;
  if (length > MAX_CLASSES)
    throw new MiningError('run-file', 'classes', said`at most ${MAX_CLASSES}`, `${length}`, {
      todo: 'Use a checkpoint, predictions or a dump with fewer: the run keeps them in 16 bits',
    });
  const schema = encodeSchema(manifest);
  await handle.truncate(0);
  await writeFully(handle, schema, 0);
  await syncFolder(dirname(path));
  return new RunWriter(path, handle, { manifest, sealed: true, schemaEnd: schema.byteLength, entries: [] });
}

async function openFile(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o666);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      const todo = 'Resume it, overwrite it, or choose another name';
      throw new MiningError('run-file', 'create', 'a new file', 'one that exists', { file: path, todo });
    }
    throw runFileError(error, path, 'open', 'a file that can be written');
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written);
    written += bytesWritten;
  }
}
