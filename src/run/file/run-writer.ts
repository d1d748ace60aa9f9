/**
 * Appends images to a run file. The file is readable after every append: a kill loses at most the image that was being
 * written, a full disk loses that one too and says so, and an existing run is never opened for a fresh start.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import type { IndexEntry, RunImage } from '../../arrow/encode-run.js';
import { encodeImage, encodeIndex, encodeSchema } from '../../arrow/encode-run.js';
import type { ByteRange } from '../../arrow/run-columns.js';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { checkSameRun } from './compare-manifests.js';
import { runFileError } from './run-file-error.js';
import { encodeEnding, scanRun } from './run-scan.js';

/**
 * Data reach the disk at least this often; a killed process loses nothing that was written, a lost machine this much.
 */
const SYNC_MS = 5000;

export class RunWriter {
  #end: number;
  #syncedAt = Date.now();

  constructor(
    readonly path: string,
    readonly manifest: RunManifest,
    /** End of the schema message. */
    readonly schemaEnd: number,
    private readonly handle: FileHandle,
    private readonly written: IndexEntry[],
  ) {
    this.#end = written.at(-1)?.end ?? schemaEnd;
  }

  /** Images in the file, in its order. */
  get entries(): readonly IndexEntry[] {
    return this.written;
  }

  /**
   * Adds an image as the next row.
   * @throws MiningError 'run-file' when it cannot be written; the file then ends with the image before. Also when
   * somebody else has written to the file: it is then left as it is.
   */
  async append(image: RunImage): Promise<ByteRange> {
    await this.#refuseCompany();
    const bytes = encodeImage(image, this.manifest);
    const range = { start: this.#end, end: this.#end + bytes.byteLength };
    await this.#write(bytes);
    this.#end = range.end;
    this.written.push({ ...range, summary: image.summary });
    if (Date.now() - this.#syncedAt > SYNC_MS) await this.#sync();
    return range;
  }

  /** Writes the end of the stream and the index. The writer takes no more images. @throws MiningError 'run-file' */
  async finish(): Promise<void> {
    await this.#refuseCompany();
    await this.#write(encodeEnding(encodeIndex(this.written), this.#end));
    await this.#sync();
  }

  /** Lets go of the file, finished or not. */
  async close(): Promise<void> {
    await this.handle.close();
  }

  /** Two resumes of one run would cut each other's images. */
  async #refuseCompany(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size === this.#end) return;
    throw new MiningError('run-file', 'append', `a file of ${this.#end} bytes`, `${size}: another process writes it`, {
      file: this.path,
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await writeFully(this.handle, bytes, this.#end);
    } catch (error) {
      await this.handle.truncate(this.#end).catch(() => undefined);
      const kept = `The ${this.written.length} images before are kept; make room and resume`;
      throw runFileError(error, this.path, 'append', 'to write', kept);
    }
  }

  async #sync(): Promise<void> {
    await this.handle.datasync();
    this.#syncedAt = Date.now();
  }
}

/**
 * Starts a run file.
 * @param options.force replaces an existing file, in one step.
 * @throws MiningError 'run-file' when the file exists and `force` is off, or cannot be written.
 */
export async function createRun(
  path: string,
  manifest: RunManifest,
  options: { readonly force?: boolean } = {},
): Promise<RunWriter> {
  const schema = encodeSchema(manifest);
  const first = options.force === true ? `${path}.${process.pid}.part` : path;
  const handle = await openFile(first, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, path);
  try {
    await writeFully(handle, schema, 0);
    if (first !== path) await rename(first, path);
  } catch (error) {
    await handle.close();
    await rm(first, { force: true });
    throw runFileError(error, path, 'create', 'to write');
  }
  return new RunWriter(path, manifest, schema.byteLength, handle, []);
}

/**
 * Opens a killed, stopped or finished run to append to it; what stood behind its last whole image is cut off.
 * @param imagesPerBatch rows of an unfinished minibatch are cut off too; 1 where images are decided alone.
 * @throws MiningError 'run-file' when the file is none of this run: another checkpoint, data set, class list, measure…
 */
export async function resumeRun(path: string, manifest: RunManifest, imagesPerBatch = 1): Promise<RunWriter> {
  const handle = await openFile(path, constants.O_RDWR, path);
  try {
    const scan = await scanRun(handle);
    checkSameRun(scan.manifest, manifest);
    const entries = scan.entries.slice(0, scan.entries.length - (scan.entries.length % imagesPerBatch));
    await handle.truncate(entries.at(-1)?.end ?? scan.schemaBytes.byteLength);
    return new RunWriter(path, scan.manifest, scan.schemaBytes.byteLength, handle, entries);
  } catch (error) {
    await handle.close();
    throw runFileError(error, path, 'resume', 'to write');
  }
}

async function openFile(path: string, flags: number, shown: string): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o666);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      const todo = 'Resume it, overwrite it, or choose another name';
      throw new MiningError('run-file', 'create', 'a new file', 'one that exists', { file: shown, todo });
    }
    throw runFileError(error, shown, 'open', 'a file that can be written');
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.byteLength - written, position + written);
    written += bytesWritten;
  }
}
