/** The examples of a classification run: one RoI an image. */
import { concatRoiTables } from '../../src/core/concat-roi-tables.js';
import type { ImageSummary } from '../../src/core/facts/run-manifest.js';
import { NONE, type GtTable, type RoiTable } from '../../src/core/tables.js';

export interface Examples {
  /** R rows of all images read so far; `imageIndex` is the image's place in the run. */
  readonly rois: RoiTable;
  /** One an image, in file order. */
  readonly images: readonly ImageSummary[];
  readonly uris: readonly (string | null)[];
  /** Where each image's label stands in its annotation file; NONE unknown. */
  readonly annotations: readonly number[];
  /** Images of the run so far: those beyond `images` are still to be read. */
  readonly numKnown: number;
}

/** One image as `decodeImage` reads it, with its pixels' address. */
export interface ReadExample {
  readonly summary: ImageSummary;
  readonly rois: RoiTable;
  readonly gts: GtTable;
  readonly uri: string | null;
}

/**
 * Adds images behind those that are known; images that are known already are left out.
 * @param first place of `read[0]` in the run; a gap before it gives back `known` unchanged.
 * @param numKnown images of the run so far.
 * Cost: linear in all rows, by copying columns.
 */
export function appendExamples(
  known: Examples | null,
  first: number,
  read: readonly ReadExample[],
  numKnown: number,
): Examples | null {
  const numRead = known?.images.length ?? 0;
  if (first > numRead) return known;
  const fresh = read.slice(numRead - first);
  if (fresh.length === 0) return known === null ? null : { ...known, numKnown };
  const tables = fresh.map(({ rois }) => rois);
  const rois = concatRoiTables(known === null ? tables : [known.rois, ...tables]);
  rois.imageIndex.set(imageIndices(known, tables));
  return {
    rois,
    images: [...(known?.images ?? []), ...fresh.map(({ summary }) => summary)],
    uris: [...(known?.uris ?? []), ...fresh.map(({ uri }) => uri)],
    annotations: [...(known?.annotations ?? []), ...fresh.map(({ gts }) => gts.annotation[0] ?? NONE)],
    numKnown,
  };
}

function imageIndices(known: Examples | null, tables: readonly RoiTable[]): Int32Array {
  const numBefore = known?.rois.numRois ?? 0;
  const indices = new Int32Array(tables.reduce((sum, { numRois }) => sum + numRois, numBefore));
  if (known !== null) indices.set(known.rois.imageIndex);
  let row = numBefore;
  tables.forEach(({ numRois }, i) => {
    indices.fill((known?.images.length ?? 0) + i, row, row + numRois);
    row += numRois;
  });
  return indices;
}

/** First row of an image; NONE where it has none, failed, or is not read yet. Cost: log R. */
export function rowOfImage({ rois }: Pick<Examples, 'rois'>, imageIndex: number): number {
  let [low, high] = [0, rois.numRois];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rois.imageIndex[middle] < imageIndex) low = middle + 1;
    else high = middle;
  }
  return low < rois.numRois && rois.imageIndex[low] === imageIndex ? low : NONE;
}

/** The same examples with the address of one image's pixels. */
export function withUri(examples: Examples, imageIndex: number, uri: string | null): Examples {
  if (imageIndex >= examples.uris.length || examples.uris[imageIndex] === uri) return examples;
  return { ...examples, uris: examples.uris.with(imageIndex, uri) };
}
