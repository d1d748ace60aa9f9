import { orderValue } from '../../core/facts/image-orders.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import type { RoiRecord } from '../query/selected-rois.js';
import type { ExportBatch, ExportSource } from './export-format.js';

/** An image of an export and its hardest exported RoI; null where it is there for an object without one. */
export interface RankedImage {
  readonly summary: ImageSummary;
  readonly hardest: RoiRecord | null;
}

/** All images, the hardest first by the export's order; ties in file order. */
export async function rankedImages(
  { order }: ExportSource,
  batches: AsyncIterable<ExportBatch>,
): Promise<readonly RankedImage[]> {
  const ranked: RankedImage[] = [];
  for await (const { rows, images } of batches) {
    const hardest = new Map(rows.toReversed().map((row) => [row.image_index, row]));
    for (const { imageIndex, summary } of images) ranked.push({ summary, hardest: hardest.get(imageIndex) ?? null });
  }
  // The sort keeps file order among equals.
  return ranked.sort((a, b) => orderValue(b.summary, order) - orderValue(a.summary, order));
}

/** Where the pixels are: the absolute path, the id where it is not known. */
export function pathOf({ path, id }: ImageSummary): string {
  return path === '' ? id : path;
}
