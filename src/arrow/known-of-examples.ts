/** What need not be stored of a classified example: it follows from its summary (docs/adr/0028). */
import type { ImageSummary } from '../core/facts/run-manifest.js';
import { NONE } from '../core/tables.js';
import type { ColumnArray } from './column-types.js';
import type { ColumnSpec, RowFormat } from './run-columns.js';
import { GT_COLUMNS, ROI_COLUMNS } from './run-columns.js';

/** Columns of the format of all runs that a format leaves out. */
export function leftOut({ rois, gts }: RowFormat): {
  readonly rois: readonly ColumnSpec<string>[];
  readonly gts: readonly ColumnSpec<string>[];
} {
  return { rois: without(ROI_COLUMNS, rois), gts: without(GT_COLUMNS, gts) };
}

function without(all: readonly ColumnSpec<string>[], stored: readonly ColumnSpec<string>[]): ColumnSpec<string>[] {
  return all.filter(({ key }) => stored.every((spec) => spec.key !== key));
}

/** What a column that is left out holds: the box is the whole image, and its object the match. */
export function knownOfExample(key: string, { width, height, numGts }: ImageSummary): number {
  if (key === 'x2' || key === 'predX2') return width;
  if (key === 'y2' || key === 'predY2') return height;
  if (key === 'gtIndex') return numGts > 0 ? 0 : NONE;
  return 0;
}

/** Columns of a summary that are left out, and which one they are: one RoI's losses have one sum, mean and maximum. */
export const SAME_OF_EXAMPLES = { lossMean: 'lossSum', lossMax: 'lossSum' } as const;

/** The summary with what its columns leave out. */
export function fullSummary(stored: Omit<ImageSummary, keyof typeof SAME_OF_EXAMPLES>): ImageSummary {
  return { ...stored, lossMean: stored.lossSum, lossMax: stored.lossSum };
}

/** The part of an image that says whether it is an example. */
interface Example {
  readonly summary: ImageSummary;
  readonly rois: object;
  readonly gts: object;
}

/** @throws TypeError where a column that is left out would come back other than it is. */
export function checkExample(image: Example, format: RowFormat): void {
  const { summary } = image;
  const { lossSum, lossMean, lossMax, numRois, numGts } = summary;
  const columns = leftOut(format);
  const isKnown = (table: object, specs: readonly ColumnSpec<string>[]) =>
    specs.every(({ key }) =>
      ((table as Record<string, ColumnArray>)[key] as Int32Array).every(
        (value) => value === knownOfExample(key, summary),
      ),
    );
  const isExample = numRois <= 1 && numGts <= 1 && lossMean === lossSum && lossMax === lossSum;
  if (!isExample || !isKnown(image.rois, columns.rois) || !isKnown(image.gts, columns.gts))
    throw new TypeError(`${summary.id} is no example: one RoI and one object that cover the image`);
}
