/** Every annotation format that can be read, and how a path finds its format. */
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { MiningError, show } from '../core/mining-error.js';
import { said, type Phrase } from '../core/said.js';
import { cocoFormat } from './coco/coco.js';
import { csvFormat } from './labels/csv.js';
import type { AnnotationFormat, BoxOrigin, Dataset, DatasetOptions } from './dataset.js';
import { foldersFormat } from './labels/folders.js';
import { isTableName } from './rows/table.js';
import { isFolder, listFolder, peek, readBytes, reasonOf } from './rows/text-files.js';
import { lineFinder, type LineRange, type TextRange } from './rows/text-places.js';
import { boxesFormat } from './tools/boxes-csv.js';
import { cvatFormat } from './tools/cvat.js';
import { imageFolderFormat } from './tools/image-folder.js';
import { kittiFormat } from './tools/kitti.js';
import { labelStudioFormat } from './tools/label-studio.js';
import { labelmeFormat } from './tools/labelme.js';
import { openImagesFormat } from './tools/open-images.js';
import { vocFormat } from './voc/voc.js';
import { yoloFormat } from './yolo/yolo.js';

/** In the order in which they are tried: the surest marks first. */
export const FORMATS: readonly AnnotationFormat[] = [
  cocoFormat,
  vocFormat,
  yoloFormat,
  kittiFormat,
  cvatFormat,
  labelStudioFormat,
  labelmeFormat,
  imageFolderFormat,
  openImagesFormat,
  boxesFormat,
  csvFormat,
  foldersFormat,
];

/**
 * Reads the data set at `location`, a file or a folder, with the first format that recognises it.
 * @throws MiningError 'dataset' listing what was tried where none does; else what the format throws.
 */
export async function openDataset(location: string, options: DatasetOptions): Promise<Dataset> {
  const absolute = path.resolve(location);
  await stat(absolute).catch((error: unknown) => {
    throw new MiningError('dataset', 'data set', 'a file or folder', reasonOf(error), { file: absolute });
  });
  // Whoever names columns has told that this is a table of boxes.
  const known = options.columns === undefined ? await formatOf(absolute) : boxesFormat;
  // A table that is none of its formats may be one of boxes with other headers: its reader says what it lacks.
  const format = known ?? (isTableName(absolute) ? boxesFormat : undefined);
  if (format !== undefined) return readWith(format, absolute, options);
  const tried = FORMATS.map((format) => format.title).join('; ');
  throw new MiningError('dataset', 'data set', said`one of: ${tried}`, await describe(absolute), { file: absolute });
}

async function formatOf(absolute: string): Promise<AnnotationFormat | undefined> {
  for (const format of FORMATS) if (await format.recognise(absolute)) return format;
  return undefined;
}

/** Says which split was taken where the person named none and there were several. */
async function readWith(format: AnnotationFormat, location: string, options: DatasetOptions): Promise<Dataset> {
  const set = await format.read(location, options);
  const splits = options.split === undefined ? ((await format.splits?.(location)) ?? []) : [];
  if (splits.length < 2) return set;
  const named = splits.map((split) => show(split, 40)).join(', ');
  return { ...set, notes: [`split ${show(set.split ?? 'all', 40)} was taken, of ${named}`, ...set.notes] };
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

async function describe(location: string): Promise<Phrase> {
  if (!(await isFolder(location)))
    return (await peek(location, 4)).startsWith('\ufffd')
      ? 'a file that is no UTF-8 text'
      : 'a file that begins like none of them';
  const names = (await listFolder(location)).map((entry) => entry.name);
  if (names.length === 0) return 'an empty folder';
  const first = names.slice(0, 8).join(', ');
  return names.length > 8 ? said`a folder with ${first}, … (${names.length} entries)` : said`a folder with ${first}`;
}

/** VS Code itself shows no more, and a search in the text is not worth the memory, bytes. */
const MAX_REVEALED_BYTES = 2 ** 28;

/**
 * Where an object stands in its annotation file, in UTF-16 units of the text without a byte order mark.
 * @param format id of the data set's format.
 * @param index as in `GtTable.annotation`.
 * @returns null where there is no such object, the file is too large to be shown, or the format is not known here.
 * @throws MiningError 'dataset' when the file cannot be read.
 */
export async function annotationPlace(format: string, file: string, index: number): Promise<TextRange | null> {
  const known = FORMATS.find(({ id }) => id === format);
  if (known === undefined || (await sizeOf(file)) > MAX_REVEALED_BYTES) return null;
  const bytes = await readBytes(file);
  return known.place(new TextDecoder().decode(bytes), index);
}

/** Larger files get no marks at their objects: each is looked for from the beginning. Bytes. */
const MAX_MARKED_BYTES = 2 ** 22;

/**
 * Where several objects stand in their annotation file, by lines and columns; null as in `annotationPlace`, and for all
 * of a file above MAX_MARKED_BYTES.
 * @throws MiningError 'dataset' when the file cannot be read.
 * Cost: linear in the text for each object.
 */
export async function annotationRanges(
  format: string,
  file: string,
  indices: readonly number[],
): Promise<readonly (LineRange | null)[]> {
  const known = FORMATS.find(({ id }) => id === format);
  if (known === undefined || (await sizeOf(file)) > MAX_MARKED_BYTES) return indices.map(() => null);
  const text = new TextDecoder().decode(await readBytes(file));
  const lineAt = lineFinder(text);
  return indices.map((index) => {
    const place = known.place(text, index);
    return place && { start: lineAt(place.start), end: lineAt(place.end) };
  });
}

/**
 * What the corners of boxes are taken to count from where nothing in the data set tells, so that a person may say;
 * null: nothing to say. Never throws: reading says what is wrong.
 */
export async function untoldOrigin(location: string, split?: string): Promise<BoxOrigin | null> {
  const absolute = path.resolve(location);
  const format = await formatOf(absolute);
  return (await format?.untoldOrigin?.(absolute, split).catch(() => null)) ?? null;
}

/** The splits that a person can choose from, the default first; none where the data set has no choice. Never throws. */
export async function splitsOf(location: string): Promise<readonly string[]> {
  const absolute = path.resolve(location);
  const format = await formatOf(absolute);
  return (await format?.splits?.(absolute)) ?? [];
}
