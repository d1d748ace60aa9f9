/** Builds the GtTable of a data set: judges each box, then sorts rows by image. */
import { said, type Phrase } from '../../core/said.js';
import { allocateGtTable, type GtTable } from '../../core/tables.js';
import type { ImageRows } from './image-rows.js';
import type { Warnings } from './warnings.js';

/** A box that reaches this far out of its image is clipped in silence: rounding and corner conventions do that. */
const SILENT_PX = 1;

/** What became of a box. The last two are not in the table. */
export type BoxVerdict = 'kept' | 'clipped' | 'degenerate' | 'outside';

interface Columns {
  box: Float64Array;
  imageIndex: Int32Array;
  gtClass: Int32Array;
  flags: Uint8Array;
  annotation: Int32Array;
}

const CROWD = 1;
const DIFFICULT = 2;

/**
 * Ground truth in any order; `finish` makes the rows of each image contiguous, keeping their order within the image.
 */
export class GtRows {
  private numGts = 0;
  private columns = allocate(64);

  constructor(private readonly images: ImageRows) {}

  /**
   * Adds a box in continuous image px. Partly outside its image: clipped. Wholly outside, not finite or without area:
   * not added. An image of unknown size clips nothing.
   */
  add(
    imageIndex: number,
    [x1, y1, x2, y2]: readonly [number, number, number, number],
    gtClass: number,
    annotation: number,
    isCrowd = false,
    isDifficult = false,
  ): BoxVerdict {
    if (!(x2 - x1 > 0 && y2 - y1 > 0 && Number.isFinite(x2 - x1) && Number.isFinite(y2 - y1))) return 'degenerate';
    const width = this.images.width(imageIndex) || Infinity;
    const height = this.images.height(imageIndex) || Infinity;
    const sized = width !== Infinity && height !== Infinity;
    if (sized && (x1 >= width || y1 >= height || x2 <= 0 || y2 <= 0)) return 'outside';
    const low = sized ? 0 : -Infinity;
    this.push(
      imageIndex,
      Math.max(x1, low),
      Math.max(y1, low),
      Math.min(x2, width),
      Math.min(y2, height),
      gtClass,
      annotation,
    );
    this.columns.flags[this.numGts - 1] = (isCrowd ? CROWD : 0) | (isDifficult ? DIFFICULT : 0);
    const excess = Math.max(low - x1, low - y1, x2 - width, y2 - height);
    return excess > SILENT_PX ? 'clipped' : 'kept';
  }

  /** Adds a row as it is: the whole image of a classification example, of size 0 where it is unknown. */
  push(imageIndex: number, x1: number, y1: number, x2: number, y2: number, gtClass: number, annotation: number): void {
    const row = this.numGts++;
    if (row === this.columns.imageIndex.length) this.columns = grow(this.columns);
    const { box } = this.columns;
    box[row * 4] = x1;
    box[row * 4 + 1] = y1;
    box[row * 4 + 2] = x2;
    box[row * 4 + 3] = y2;
    this.columns.imageIndex[row] = imageIndex;
    this.columns.gtClass[row] = gtClass;
    this.columns.annotation[row] = annotation;
  }

  /** The table and the N + 1 offsets of its images. */
  finish(): { gts: GtTable; gtStart: Int32Array } {
    const gtStart = this.startOfImages();
    const next = gtStart.slice();
    const gts = allocateGtTable(this.numGts);
    const { box, imageIndex, gtClass, flags, annotation } = this.columns;
    for (let from = 0; from < this.numGts; from++) {
      const to = next[imageIndex[from]]++;
      gts.x1[to] = box[from * 4];
      gts.y1[to] = box[from * 4 + 1];
      gts.x2[to] = box[from * 4 + 2];
      gts.y2[to] = box[from * 4 + 3];
      gts.imageIndex[to] = imageIndex[from];
      gts.gtClass[to] = gtClass[from];
      gts.isCrowd[to] = flags[from] & CROWD ? 1 : 0;
      gts.isDifficult[to] = flags[from] & DIFFICULT ? 1 : 0;
      gts.annotation[to] = annotation[from];
    }
    return { gts, gtStart };
  }

  private startOfImages(): Int32Array {
    const start = new Int32Array(this.images.numImages + 1);
    for (let row = 0; row < this.numGts; row++) start[this.columns.imageIndex[row] + 1]++;
    for (let image = 0; image < this.images.numImages; image++) start[image + 1] += start[image];
    return start;
  }
}

function allocate(capacity: number): Columns {
  return {
    box: new Float64Array(capacity * 4),
    imageIndex: new Int32Array(capacity),
    gtClass: new Int32Array(capacity),
    flags: new Uint8Array(capacity),
    annotation: new Int32Array(capacity),
  };
}

function grow(columns: Columns): Columns {
  const grown = allocate(columns.imageIndex.length * 2);
  grown.box.set(columns.box);
  grown.imageIndex.set(columns.imageIndex);
  grown.gtClass.set(columns.gtClass);
  grown.flags.set(columns.flags);
  grown.annotation.set(columns.annotation);
  return grown;
}

/** Warns of a box that was clipped or dropped; `where` names it, `box` shows it. */
export function warnOfBox(verdict: BoxVerdict, where: Phrase, box: string, file: string, warnings: Warnings): void {
  if (verdict === 'clipped')
    warnings.add('boxes clipped', where, 'a box within its image', said`${box}, clipped`, file);
  if (verdict === 'outside')
    warnings.add('boxes outside their image', where, 'a box within its image', said`${box}, dropped`, file);
  if (verdict === 'degenerate')
    warnings.add('degenerate boxes', where, 'a box with width and height above 0', said`${box}, dropped`, file);
}
