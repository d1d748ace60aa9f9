/** Objects that carry the names of their classes to tables: what most formats share once their files are read. */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { IGNORE, NONE } from '../../core/tables.js';
import type { Dataset } from '../dataset.js';
import { imageSize } from '../pixels/decode-image.js';
import { GtRows, warnOfBox } from '../rows/gt-rows.js';
import { imageIdWithin, warnOfMissing } from '../rows/image-files.js';
import { ImageRows } from '../rows/image-rows.js';
import type { Box } from '../rows/outlines.js';
import { mapBounded } from '../rows/text-files.js';
import type { Warnings } from '../rows/warnings.js';

const NUM_IN_FLIGHT = 8;

export interface NamedObject {
  /** Class name; null: a region to ignore. */
  readonly label: string | null;
  readonly box: Box;
  /** As `GtTable.annotation`. */
  readonly index: number;
  /** Where it stands in its file, for warnings. */
  readonly where: Phrase;
  /** The box as written, for warnings; default: `box`. */
  readonly written?: string;
  readonly isCrowd?: boolean;
  readonly isDifficult?: boolean;
}

export interface AnnotatedImage {
  /** Image file relative to the root, or absolute within it. */
  readonly name: string;
  /** Size, px; 0: the annotations do not tell, the image is asked. */
  readonly width: number;
  readonly height: number;
  /** '' none. */
  readonly annotationPath: string;
  readonly objects: readonly NamedObject[];
  /** Boxes are fractions of the image's size, not px. */
  readonly isFraction?: boolean;
}

/** What a reader knows beside its images. */
export type SetFacts = Pick<Dataset, 'kind' | 'path' | 'imageRoot' | 'split' | 'sha256'>;

/**
 * The tables of a detection data set. Classes are the names that occur, in code-unit order.
 * @throws MiningError 'dataset' where no object has a name, or no image is within the root.
 */
export async function tabulateNamed(
  annotated: readonly AnnotatedImage[],
  facts: SetFacts,
  warnings: Warnings,
): Promise<Dataset> {
  const { imageRoot, path: location } = facts;
  const classes = namesOf(annotated);
  if (classes.length === 0)
    throw new MiningError('dataset', 'objects', 'at least one object with a class name', 'none', { file: location });
  const sized = await mapBounded(annotated, NUM_IN_FLIGHT, (image) => withSize(image, imageRoot));
  const images = new ImageRows(imageRoot, warnings);
  const gts = new GtRows(images);
  const classIndex = new Map(classes.map((name, index) => [name, index]));
  for (const image of sized) {
    const file = image.annotationPath || undefined;
    const row = images.add(image.name, image.width, image.height, image.annotationPath, 'image', file);
    if (row !== NONE) addObjects(gts, row, image, classIndex, warnings);
  }
  if (images.numImages === 0)
    throw new MiningError('dataset', 'images', said`image files within ${imageRoot}`, 'none', { file: location });
  await warnOfMissing(imageRoot, images.ids, warnings);
  const { gts: table, gtStart } = gts.finish();
  return {
    ...facts,
    path: path.resolve(location),
    task: 'detection',
    classes,
    images: images.finish(gtStart),
    gts: table,
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

function namesOf(annotated: readonly AnnotatedImage[]): string[] {
  const names = new Set<string>();
  for (const { objects } of annotated) for (const { label } of objects) if (label !== null) names.add(label);
  names.delete('');
  return [...names].sort();
}

async function withSize(image: AnnotatedImage, root: string): Promise<AnnotatedImage> {
  if (image.width > 0 && image.height > 0) return image;
  const id = imageIdWithin(root, image.name);
  const size = id === null ? null : await imageSize(path.join(root, id)).catch(() => null);
  return { ...image, ...(size ?? { width: 0, height: 0 }) };
}

function addObjects(
  gts: GtRows,
  row: number,
  { width, height, objects, annotationPath, isFraction }: AnnotatedImage,
  classIndex: ReadonlyMap<string, number>,
  warnings: Warnings,
): void {
  if (isFraction === true && objects.length > 0 && (width === 0 || height === 0)) {
    warnings.add(
      'labels without an image size',
      'labels',
      'an image whose size can be read',
      'none: its labels are fractions and were dropped',
      annotationPath,
    );
    return;
  }
  const [scaleX, scaleY] = isFraction === true ? [width, height] : [1, 1];
  for (const { label, box, index, where, written, isCrowd, isDifficult } of objects) {
    const gtClass = label === null ? IGNORE : classIndex.get(label);
    if (gtClass === undefined) {
      warnings.add('objects without a name', where, 'a class name', said`${show(label)}, dropped`, annotationPath);
      continue;
    }
    const [x1, y1, x2, y2] = box;
    const scaled = [x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY] as const;
    const verdict = gts.add(row, scaled, gtClass, index, isCrowd, isDifficult);
    if (verdict !== 'kept') warnOfBox(verdict, where, written ?? `[${box.join(', ')}]`, annotationPath, warnings);
  }
}
