/** What a run has on disk, as when its file was read; of a large one images are read when they are asked for. */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ByteRange } from '../../arrow/run-columns.js';
import { EditedImages, ListedImages } from '../../core/facts/image-list.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { EditedList, Listed } from '../../core/lazy-list.js';
import { MiningError } from '../../core/mining-error.js';
import { openRegular } from '../../files/reading.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { openRun } from '../../run/file/run-store.js';

/** A mining job has begun a run. */
export type Opened = Extract<WorkerEvent, { event: 'opened' }>;

export interface RunContents {
  readonly manifest: RunManifest;
  readonly schema: Uint8Array;
  readonly images: EditedImages;
  readonly ranges: EditedList<ByteRange>;
  readonly complete: boolean;
  /** Places of the images that are known to be damaged; their `error` says how. */
  readonly damaged: Set<number>;
  /** The file that was read, as `fileOf` tells it from another of its name. */
  readonly file: string;
  /** Images are read of the file when they are asked for. */
  readonly isLazy: boolean;
  /** Lets go of a file of which images are read when they are asked for. */
  close(): Promise<void>;
}

/** Whether a file has only grown: its images are those of before, and lie where they lay. */
export function goesOn(before: RunContents, now: RunContents): boolean {
  try {
    return isBeginningOf(before, now);
  } catch (error) {
    // What was there before cannot be read.
    if (error instanceof MiningError) return false;
    throw error;
  }
}

function isBeginningOf(before: RunContents, now: RunContents): boolean {
  if (before.manifest.createdAt !== now.manifest.createdAt || before.ranges.length > now.ranges.length) return false;
  const ranges = now.ranges[Symbol.iterator]();
  const isThere = ({ start, end }: ByteRange) => {
    const range = ranges.next().value;
    return range?.start === start && range.end === end;
  };
  if (!before.ranges.every(isThere)) return false;
  const ids = now.images.texts('id');
  let i = -1;
  for (const id of before.images.texts('id')) {
    i++;
    if (ids.next().value !== id && !before.damaged.has(i)) return false;
  }
  return true;
}

/** Of a run that has no image yet. @throws where its file cannot be read. */
export async function beginContents({ manifest, growsAt, schemaEnd }: Opened): Promise<RunContents> {
  const { bytes: schema, file } = await readBytes(growsAt, 0, schemaEnd);
  const close = () => Promise.resolve();
  return {
    manifest,
    schema,
    images: new EditedImages(new ListedImages([])),
    ranges: new EditedList<ByteRange>(new Listed([])),
    complete: false,
    damaged: new Set(),
    file,
    isLazy: false,
    close,
  };
}

/**
 * Reads a run file's index.
 * @param isChecked as of `openRun`; here false where nothing is said.
 * @throws MiningError 'run-file'
 */
export async function readContents(path: string, isChecked = false): Promise<RunContents> {
  const file = fileOf(await stat(path));
  const reader = await openRun(path, { isChecked });
  if (!reader.isLazy) await reader.close();
  return {
    manifest: reader.manifest,
    schema: reader.schemaBytes.slice(),
    images: new EditedImages(reader.images),
    ranges: new EditedList(reader.ranges),
    complete: reader.complete,
    damaged: new Set(reader.damage.keys()),
    file,
    isLazy: reader.isLazy,
    close: () => (reader.isLazy ? reader.close() : Promise.resolve()),
  };
}

/** What a file keeps while it grows, and another of its name does not have. */
function fileOf({ ino, birthtimeMs }: Stats): string {
  return `${ino} ${birthtimeMs}`;
}

/**
 * Bytes [start, end) of a file, in an ArrayBuffer of their own; and which file it was.
 * @throws RangeError where it ends before.
 */
export async function readBytes(
  path: string,
  start: number,
  end: number,
): Promise<{ readonly bytes: Uint8Array; readonly file: string }> {
  const handle = await openRegular(path);
  try {
    const file = fileOf(await handle.stat());
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw new RangeError(`${path} ends before byte ${end}`);
      filled += bytesRead;
    }
    return { bytes, file };
  } finally {
    await handle.close();
  }
}
