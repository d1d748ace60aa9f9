/** One image of a dump as one image of a run. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { RunImage } from '../../arrow/encode-run.js';
import { boxIou } from '../../core/boxes/iou.js';
import { BLANK_SUMMARY } from '../../core/facts/run-manifest.js';
import { allocateGtTable, isForeground, type GtTable, type RoiTable } from '../../core/tables.js';
import { imageSize } from '../../dataset/pixels/decode-image.js';
import type { Dump, DumpImage } from '../../dataset/dump/dump.js';
import { measureDump } from '../../dataset/dump/dump-measure.js';
import { writeDumpScores } from '../../dataset/dump/dump-scores.js';
import { imageIdWithin } from '../../dataset/rows/image-files.js';

export interface ImportedImage {
  readonly image: RunImage;
  readonly given: DumpImage;
  /** What the dump says of box losses and overlaps; else they are 0. */
  readonly hasBoxLoss: boolean;
  readonly hasOverlaps: boolean;
}

/**
 * Measures an image of a dump in float64; what mining decides is still 0 in the summary.
 *
 * Where the dump has objects but does not say which one a foreground RoI was matched with, it is the one of its class
 * that its region overlaps most. A classified image is one RoI and one object that cover it.
 * @param imageRoot folder that image names are relative to. An image that is not there has the path ''.
 * @throws MiningError 'dump'
 */
export async function importImage(
  { header, path: file }: Dump,
  given: DumpImage,
  imageRoot: string,
  sigma: number,
): Promise<ImportedImage> {
  const { rois, gts, hasBoxLoss, hasOverlaps } = measureDump(header, given, sigma, file);
  writeDumpScores(header, given, rois);
  const found = findImage(given.image, imageRoot);
  const size = given.width > 0 && given.height > 0 ? given : await sizeOf(found);
  const { width, height } = size;
  const objects = header.task === 'classification' ? coverImage(rois, width, height) : gts;
  if (header.task === 'detection' && given.matchedGt === null) matchByOverlap(rois, objects);
  const summary = {
    ...BLANK_SUMMARY,
    id: given.image,
    path: found,
    width,
    height,
    numRois: rois.numRois,
    numGts: objects.numGts,
  };
  return { image: { summary, rois, gts: objects }, given, hasBoxLoss, hasOverlaps };
}

/**
 * Absolute; a relative name stays inside the folder. '' where there is no such file. Not a promise: that would cost as
 * much as the rest of an image of some RoIs.
 */
export function findImage(name: string, imageRoot: string): string {
  if (name.includes('\0')) return '';
  const id = path.isAbsolute(name) ? null : imageIdWithin(imageRoot, name);
  if (id === null && !path.isAbsolute(name)) return '';
  const file = id === null ? path.normalize(name) : path.join(imageRoot, id);
  return isFile(file) ? file : '';
}

function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

async function sizeOf(file: string): Promise<{ width: number; height: number }> {
  const unknown = { width: 0, height: 0 };
  return file === '' ? unknown : imageSize(file).catch(() => unknown);
}

function coverImage(rois: RoiTable, width: number, height: number): GtTable {
  const isLabelled = isForeground(rois, 0);
  const gts = allocateGtTable(isLabelled ? 1 : 0);
  for (const boxes of [
    [rois.x2, rois.y2],
    [rois.predX2, rois.predY2],
    [gts.x2, gts.y2],
  ]) {
    boxes[0].fill(width);
    boxes[1].fill(height);
  }
  if (!isLabelled) return gts;
  gts.gtClass[0] = rois.gtClass[0];
  rois.gtIndex[0] = 0;
  rois.iou[0] = 1;
  return gts;
}

function matchByOverlap(rois: RoiTable, gts: GtTable): void {
  for (let row = 0; row < rois.numRois; row++) {
    if (!isForeground(rois, row)) continue;
    let best = 0;
    for (let g = 0; g < gts.numGts; g++) {
      if (gts.gtClass[g] !== rois.gtClass[row]) continue;
      const iou = boxIou(
        rois.x1[row],
        rois.y1[row],
        rois.x2[row],
        rois.y2[row],
        gts.x1[g],
        gts.y1[g],
        gts.x2[g],
        gts.y2[g],
      );
      if (iou <= best) continue;
      best = iou;
      rois.gtIndex[row] = g;
    }
  }
}
