/** RoI dumps as NPZ: the columns of all images, each one array of `numpy.savez`. Pickles are never read. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import type { Dump, DumpHeader, DumpImage } from './dump.js';
import { checkHeader } from './dump-header.js';
import { largestLabel } from './dump-labels.js';
import { NpyError, parseNpy } from './npy.js';
import type { NpyArray } from './npy.js';
import { openRegular } from '../../files/reading.js';
import { reasonOf } from '../rows/text-files.js';

const COLUMNS = [
  'image',
  'width',
  'height',
  'roi_image',
  'rois',
  'label',
  'logits',
  'loss_cls',
  'loc_pred',
  'loc_target',
  'loss_loc',
  'score',
  'pred_label',
  'pred_boxes',
  'iou',
  'classes',
  'background',
  'activation',
  'task',
] as const;
type Column = (typeof COLUMNS)[number];

/** Of an archive, read at once. */
const CHUNK_BYTES = 1 << 18;
/** Deflate cannot do better; a larger claim is a trap. */
const MAX_RATIO = 1100;

/** What the arrays of an archive may inflate to, and may take in memory, unless told otherwise, bytes. */
export const MAX_INFLATED = 2 ** 30;

/** @throws MiningError 'dump' that names the array, also where it is beyond `maxInflated`. */
export async function readNpzDump(path: string, maxInflated = MAX_INFLATED): Promise<Dump> {
  const arrays = new NpzArrays(await readArrays(path, maxInflated), path);
  const header = readHeader(arrays);
  const columns = readColumns(arrays, header);
  return { path, header, numImages: arrays.texts('image').length, images: imagesOf(arrays, columns) };
}

async function readArrays(path: string, maxInflated: number): Promise<Map<Column, NpyArray>> {
  const arrays = new Map<Column, NpyArray>();
  let handle: FileHandle | undefined;
  let reading = 'file';
  let left = maxInflated;
  try {
    handle = await openRegular(path);
    const { size } = await handle.stat();
    const zip = await fromRandomAccessReaderPromise(new HandleReader(handle), size, { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      const column = COLUMNS.find((name) => entry.fileName === `${name}.npy`);
      if (column === undefined) continue;
      reading = column;
      const array = parseNpy(await readEntry(zip, entry, left), left);
      left -= Math.max(entry.uncompressedSize, 8 * (array.numbers?.length ?? 0));
      arrays.set(column, array);
    }
    return arrays;
  } catch (error) {
    const received = error instanceof NpyError ? error.message : reasonOf(error);
    throw new MiningError(
      'dump',
      reading,
      reading === 'file' ? 'an archive of numpy.savez' : 'an array of numbers or texts',
      received,
      { file: path },
    );
  } finally {
    await handle?.close();
  }
}

/** The archive through the handle that was checked: a file that takes its name meanwhile is never read. */
class HandleReader extends RandomAccessReader {
  constructor(private readonly handle: FileHandle) {
    super();
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#chunks(start, end));
  }

  /** Not the handle's own stream: that closes it when it is given up. */
  async *#chunks(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end;) {
      const length = Math.min(end - at, CHUNK_BYTES);
      const { bytesRead, buffer } = await this.handle.read(Buffer.alloc(length), 0, length, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }
}

/** The bytes of an entry; yauzl sees to it that there are as many as the entry claims. */
async function readEntry(zip: ZipFile, entry: Entry, maxBytes: number): Promise<Buffer> {
  const { compressedSize, uncompressedSize } = entry;
  if (uncompressedSize > compressedSize * MAX_RATIO + 1024)
    throw new NpyError(`${uncompressedSize} bytes out of ${compressedSize}`);
  if (uncompressedSize > maxBytes)
    throw new NpyError(
      `${uncompressedSize} bytes, more than the ${maxBytes} that are left for this archive (--max-inflate)`,
    );
  const bytes = Buffer.alloc(uncompressedSize);
  let filled = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) filled += (chunk as Buffer).copy(bytes, filled);
  return bytes;
}

/** Arrays by name, with their shapes checked. */
class NpzArrays {
  constructor(
    private readonly arrays: ReadonlyMap<Column, NpyArray>,
    readonly file: string,
  ) {}

  has(column: Column): boolean {
    return this.arrays.has(column);
  }

  texts(column: Column): readonly string[] {
    const array = this.arrays.get(column);
    if (array === undefined || array.texts === null || array.shape.length > 1)
      throw this.fail(column, 'a list of texts', array);
    return array.texts;
  }

  /** `count` rows of `width` numbers; width null: a list; null where there is no such array. */
  numbers(column: Column, count: number, width: number | null = null): Float64Array | null {
    const array = this.arrays.get(column);
    if (array === undefined) return null;
    const expected = width === null ? [count] : [count, width];
    if (array.numbers === null || String(array.shape) !== String(expected))
      throw this.fail(column, said`numbers of shape (${expected.join(', ')})`, array);
    return array.numbers;
  }

  /** As `numbers`, integers in [min, max]. */
  integers(column: Column, count: number, min: number, max: number): Int32Array | null {
    const numbers = this.numbers(column, count);
    numbers?.forEach((value, i) => {
      if (Number.isInteger(value) && value >= min && value <= max) return;
      throw new MiningError('dump', `${column}[${i}]`, said`an integer in [${min}, ${max}]`, String(value), {
        file: this.file,
      });
    });
    return numbers === null ? null : Int32Array.from(numbers);
  }

  shape(column: Column): readonly number[] {
    return this.arrays.get(column)?.shape ?? [];
  }

  /** A number that stands alone. */
  single(column: Column): number | null {
    const array = this.arrays.get(column);
    if (array === undefined) return null;
    if (array.numbers === null || array.numbers.length !== 1) throw this.fail(column, 'one number', array);
    return array.numbers[0];
  }

  fail(column: Column, expected: Phrase, array: NpyArray | undefined): MiningError {
    const shape = array?.shape.join(', ') ?? '';
    const ofShape = array?.texts ? said`texts of shape (${shape})` : said`numbers of shape (${shape})`;
    const received = array === undefined ? 'nothing' : ofShape;
    return new MiningError('dump', column, expected, received, { file: this.file });
  }
}

/** Without `activation`, logits are those of a softmax; without `rois`, the dump is one of a classifier. */
function readHeader(arrays: NpzArrays): DumpHeader {
  const word = (column: 'task' | 'activation', fallback: string) =>
    arrays.has(column) ? arrays.texts(column)[0] : fallback;
  const fail = (field: string, expected: Phrase, received: unknown) =>
    new MiningError('dump', field, expected, String(received), { file: arrays.file });
  const task = word('task', arrays.has('rois') ? 'detection' : 'classification');
  const activation = word('activation', 'softmax');
  if (task !== 'detection' && task !== 'classification') throw fail('task', 'detection or classification', task);
  if (activation !== 'softmax' && activation !== 'sigmoid') throw fail('activation', 'softmax or sigmoid', activation);
  return checkHeader(
    { task, activation, classes: arrays.texts('classes'), background: arrays.single('background') },
    fail,
  );
}

/** Columns of all rows, and where each image's rows are. */
interface Columns {
  readonly base: Omit<DumpImage, 'where' | 'image' | 'width' | 'height' | 'numRois'>;
  /** Rows grouped by image, in their order; those of image i are [start[i], start[i + 1]). */
  readonly order: Int32Array;
  readonly start: Int32Array;
}

function readColumns(arrays: NpzArrays, header: DumpHeader): Columns {
  const numImages = arrays.texts('image').length;
  const [numRows = 0] = arrays.shape('label');
  const labels = largestLabel(header);
  const label = arrays.integers('label', numRows, -1, labels);
  if (label === null) throw arrays.fail('label', 'one integer a RoI', undefined);
  const rois = arrays.numbers('rois', numRows, 4);
  if (rois === null && header.task === 'detection')
    throw arrays.fail('rois', said`numbers of shape (${numRows}, 4)`, undefined);
  const [, numColumns = 0] = arrays.shape('logits');
  const base = {
    label,
    rois,
    numColumns,
    logits: arrays.numbers('logits', numRows, numColumns),
    lossCls: arrays.numbers('loss_cls', numRows),
    locPred: arrays.numbers('loc_pred', numRows, 4),
    locTarget: arrays.numbers('loc_target', numRows, 4),
    lossLoc: arrays.numbers('loss_loc', numRows),
    score: arrays.numbers('score', numRows),
    predLabel: arrays.integers('pred_label', numRows, -1, labels),
    predBoxes: arrays.numbers('pred_boxes', numRows, 4),
    matchedGt: null,
    iou: arrays.numbers('iou', numRows),
    gts: null,
  };
  return { base, ...groupRows(imageOfRows(arrays, header, numImages, numRows), numImages) };
}

function imageOfRows(arrays: NpzArrays, header: DumpHeader, numImages: number, numRows: number): Int32Array {
  const given = arrays.integers('roi_image', numRows, 0, numImages - 1);
  if (given !== null) return given;
  if (header.task === 'classification' && numRows === numImages)
    return Int32Array.from({ length: numRows }, (_, i) => i);
  throw arrays.fail('roi_image', said`numbers of shape (${numRows})`, undefined);
}

function groupRows(imageOf: Int32Array, numImages: number): Pick<Columns, 'order' | 'start'> {
  const start = new Int32Array(numImages + 1);
  for (const image of imageOf) start[image + 1]++;
  for (let i = 0; i < numImages; i++) start[i + 1] += start[i];
  const next = start.slice(0, numImages);
  const order = new Int32Array(imageOf.length);
  imageOf.forEach((image, row) => (order[next[image]++] = row));
  return { order, start };
}

async function* imagesOf(arrays: NpzArrays, { base, order, start }: Columns): AsyncGenerator<DumpImage> {
  const names = arrays.texts('image');
  const width = arrays.integers('width', names.length, 0, 0x7fff_ffff);
  const height = arrays.integers('height', names.length, 0, 0x7fff_ffff);
  for (const [i, image] of names.entries()) {
    const rows = order.subarray(start[i], start[i + 1]);
    yield {
      ...gather(base, rows),
      where: `image ${i}`,
      image,
      width: width?.[i] ?? 0,
      height: height?.[i] ?? 0,
      numRois: rows.length,
    };
  }
}

function gather(base: Columns['base'], rows: Int32Array): Columns['base'] {
  const reals = (column: Float64Array | null, width = 1) =>
    column === null ? null : gatherRows(column, rows, width, new Float64Array(rows.length * width));
  return {
    ...base,
    label: gatherRows(base.label, rows, 1, new Int32Array(rows.length)),
    rois: reals(base.rois, 4),
    logits: reals(base.logits, base.numColumns),
    lossCls: reals(base.lossCls),
    locPred: reals(base.locPred, 4),
    locTarget: reals(base.locTarget, 4),
    lossLoc: reals(base.lossLoc),
    score: reals(base.score),
    predLabel: base.predLabel === null ? null : gatherRows(base.predLabel, rows, 1, new Int32Array(rows.length)),
    predBoxes: reals(base.predBoxes, 4),
    iou: reals(base.iou),
  };
}

function gatherRows<T extends Float64Array | Int32Array>(column: T, rows: Int32Array, width: number, into: T): T {
  rows.forEach((row, i) => into.set(column.subarray(row * width, (row + 1) * width), i * width));
  return into;
}
