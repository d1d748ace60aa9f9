/**
 * Tables of boxes, a row each: columns for the image, the label and either four corners or a corner with width and
 * height, found by their header, or named by the person. A row without a box is an image without objects.
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, BoxOrigin, Dataset } from '../dataset.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { filesIn } from '../rows/annotation-file.js';
import { findImageRoot } from '../rows/image-root.js';
import type { Box } from '../rows/outlines.js';
import {
  BOX_COLUMNS,
  boxColumns,
  isTableOfBoxes,
  type BoxColumn,
  type ColumnIndices,
  type ColumnNames,
} from '../rows/box-columns.js';
import { eachRow, isTableName, MAX_TABLE_BYTES } from '../rows/table.js';
import { isFile, peek, readBytes, sha256 } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const MARKS = { extension: /\.(csv|tsv)$/i, looksLike: isTableOfBoxes };

/** Tables of boxes. Image names start from the table's folder or a usual one near it. */
export const boxesFormat: AnnotationFormat = {
  id: 'boxes',
  title: 'CSV of boxes (columns by their names)',
  task: 'detection',

  async recognise(location) {
    return isTableName(location) && (await isFile(location)) && isTableOfBoxes(await peek(location));
  },

  async read(location, options): Promise<Dataset> {
    const file = path.resolve(location);
    const bytes = await readBytes(file, MAX_TABLE_BYTES);
    const warnings = new Warnings();
    const boxOrigin = options.boxOrigin ?? 0;
    const annotated = readImages(bytes, file, options.columns ?? {}, boxOrigin, warnings);
    const names = annotated.map(({ name }) => name);
    const imageRoot = await findImageRoot(names, file, '', options.images);
    const facts = { kind: boxesFormat.id, path: location, imageRoot, split: null, sha256: sha256(bytes) };
    const because = options.boxOrigin === undefined ? 'as most tools write them' : 'as told';
    const set = await tabulateNamed(annotated, facts, warnings);
    return {
      ...set,
      boxOrigin,
      ...(options.columns && { columns: options.columns }),
      notes: [`corners count from ${boxOrigin}: ${because}`, ...set.notes],
    };
  },

  find: (folder) => filesIn(folder, MARKS),

  async untoldOrigin(location) {
    const file = path.resolve(location);
    const read = readImages(await readBytes(file, MAX_TABLE_BYTES), file, {}, 0, new Warnings());
    const boxes = read.flatMap(({ objects }) => objects.map(({ box }) => box));
    return boxes.length === 0 || boxes.some(([x1, y1]) => x1 === 0 || y1 === 0) ? null : 0;
  },

  place: textLine,
};

type Cells = (column: BoxColumn) => string;

function readImages(
  bytes: Uint8Array,
  file: string,
  named: ColumnNames,
  origin: BoxOrigin,
  warnings: Warnings,
): AnnotatedImage[] {
  const images = new Map<string, { width: number; height: number; objects: NamedObject[] }>();
  let indices: ColumnIndices | null = null;
  eachRow(bytes, file, (fields, line) => {
    if (indices === null) {
      indices = boxColumns(fields, named);
      if (indices === null) throw noColumns(fields, file);
      if (indices.hasHeader) return;
    }
    const at = indices;
    const cells: Cells = (column) => fields[at[column] ?? -1]?.trim() ?? '';
    const name = cells('image');
    const where = said`line ${line + 1}`;
    if (name === '') {
      warnings.add('rows dropped', where, 'an image', show(fields.join(',')), file);
      return;
    }
    const image = images.get(name) ?? { width: pixels(cells('width')), height: pixels(cells('height')), objects: [] };
    images.set(name, image);
    const box = boxOf(cells, origin);
    if (box !== null) image.objects.push({ label: cells('label'), box, index: line, where });
  });
  if (images.size === 0) throw new MiningError('dataset', 'rows', 'at least one row with an image', 'none', { file });
  return [...images].map(([name, image]) => ({ name, annotationPath: file, ...image }));
}

function noColumns(fields: readonly string[], file: string): MiningError {
  return new MiningError(
    'dataset',
    'header',
    'columns for the image, the label and a box (xmin, ymin, xmax, ymax, or x, y, width, height)',
    show(fields.join(',')),
    { file, todo: said`Name them with --columns (${BOX_COLUMNS.join(', ')})`, columns: fields },
  );
}

/** null: the row has no box. */
function boxOf(cells: Cells, origin: BoxOrigin): Box | null {
  const first = [cells('x1'), cells('y1')];
  const corner = [cells('x2'), cells('y2')];
  const size = [cells('boxwidth'), cells('boxheight')];
  if ([...first, ...corner, ...size].every((text) => text === '')) return null;
  const numberOf = (text: string) => (text === '' ? NaN : Number(text));
  const [x1 = NaN, y1 = NaN] = first.map(numberOf);
  const [x2 = NaN, y2 = NaN] = corner.map(numberOf);
  const [width = NaN, height = NaN] = size.map(numberOf);
  const [left, top] = [x1 - origin, y1 - origin];
  return [left, top, Number.isNaN(x2) ? left + width : x2, Number.isNaN(y2) ? top + height : y2];
}

function pixels(text: string): number {
  const size = Math.round(Number(text));
  return size > 0 && size < 2 ** 31 ? size : 0;
}
