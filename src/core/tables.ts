/**
 * The tables that flow from engine to file to canvas.
 *
 * Letters: N images, R RoIs, G ground truths, K foreground classes.
 * Measured and derived are different tables: a `RoiTable` is what the network did (written once, never changed);
 * a `Selection` is what mining decides from it (recomputed wherever it is needed).
 */
import type { RoiRests } from './roi-rest.js';

/** A column of reals. float32 where a network produced the numbers, float64 where a dump did (docs/adr/0002). */
export type RealColumn = Float32Array | Float64Array;

/** What a network answers, and so what a table's rows are: RoIs of images, or images with one RoI each. */
export type Task = 'detection' | 'classification';

/** Size of an image, px; 0 unknown. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Width of the `topClass` / `topScore` columns: class scores kept for each RoI. */
export const NUM_TOP = 5;

/** Classes of a table of RoIs at most: a class, or the background behind the last one, is kept in 16 bits. */
export const MAX_CLASSES = 2 ** 15 - 2;

/** Axis-aligned boxes as four columns, image px, continuous: area = (x2 - x1) * (y2 - y1), no + 1. */
export interface Boxes {
  readonly x1: RealColumn;
  readonly y1: RealColumn;
  readonly x2: RealColumn;
  readonly y2: RealColumn;
}

/** `gtClass` of a RoI that takes no part in mining. */
export const IGNORE = -1;
/** Labels of rows: [0, K) foreground, K background, IGNORE. */
export interface LabelColumn {
  readonly gtClass: ArrayLike<number>;
  readonly numClasses: number;
}

/** Is a row matched with an object, so that its label is one of the K classes? */
export function isForeground({ gtClass, numClasses }: LabelColumn, row: number): boolean {
  return gtClass[row] >= 0 && gtClass[row] < numClasses;
}

/** An index column's "there is none". */
export const NONE = -1;

export const ROI_BOX_IDS = ['region', 'regressed'] as const;
export type RoiBoxId = (typeof ROI_BOX_IDS)[number];

/**
 * One row a RoI (R rows), RoIs of one image contiguous and images in ascending `imageIndex`.
 * The inherited box is the region: the proposal, anchor or prior the network was asked about.
 */
export interface RoiTable extends Boxes {
  readonly numRois: number;
  /** K: foreground labels are [0, K), background is K. */
  readonly numClasses: number;
  /**
   * Which box stands for the RoI in mining NMS and on the canvas: proposals and anchors are regions; a point of an
   * anchor-free head is its regressed box.
   */
  readonly roiBox: RoiBoxId;
  /** The regressed box, image px. Equal to the region where a source has no regression. */
  readonly predX1: RealColumn;
  readonly predY1: RealColumn;
  readonly predX2: RealColumn;
  readonly predY2: RealColumn;
  /** Image of the row, counted within the table's minibatch or run. */
  readonly imageIndex: Int32Array;
  /** The detection score, [0, 1]: highest foreground class score (times objectness where there is one). NaN unknown. */
  readonly score: Float32Array;
  /** Foreground class of `score`, [0, K); NONE unknown. */
  readonly predClass: Int32Array;
  /** Row of the matched ground truth within the RoI's image; NONE for background and unknown. */
  readonly gtIndex: Int32Array;
  /** Label: [0, K) foreground, K background, IGNORE. */
  readonly gtClass: Int32Array;
  /** IoU that the assigner saw with the best ground truth, [0, 1]. */
  readonly iou: Float32Array;
  /** Classification loss, nats, unreduced. NaN and infinities are kept: such a row is `invalid`. */
  readonly lossCls: RealColumn;
  /** Box loss, unreduced, as given by the source: a preset masks it by foreground where its definition says so. */
  readonly lossLoc: RealColumn;
  /**
   * Entropy of the class scores, nats: of a softmax over all its columns, of a sigmoid head summed over its classes.
   * NaN unknown.
   */
  readonly entropy: Float32Array;
  /**
   * EL2N: L2 distance of the class scores from the label's one-hot (all 0 for the background of a sigmoid head). NaN
   * unknown.
   */
  readonly el2n: Float32Array;
  /**
   * The NUM_TOP highest class scores of each row, descending, row-major (R * NUM_TOP); a softmax's background is class
   * K, NONE pads.
   */
  readonly topClass: Int16Array;
  readonly topScore: Float32Array;
  /** Place of the RoI among all that its source gave: its row, where every RoI is one. */
  readonly roiIndex: Int32Array;
  /** 1: one of a sample of the image's RoIs in which each had the same chance; of a whole table every row. */
  readonly sampled: Uint8Array;
  /** RoIs that are no rows, by image; absent: none. Mining is told of them by `selectHardExamples`. */
  readonly rests?: RoiRests;
}

/** Ground truth, one row an object (G rows), rows of one image contiguous. */
export interface GtTable extends Boxes {
  readonly numGts: number;
  readonly imageIndex: Int32Array;
  /** [0, K) in the class list that goes with the table; IGNORE where that list lacks the object's category. */
  readonly gtClass: Int32Array;
  /** 1 = COCO `iscrowd`: a region of many objects. */
  readonly isCrowd: Uint8Array;
  /** 1 = VOC `difficult`. */
  readonly isDifficult: Uint8Array;
  /**
   * Where the object stands in its annotation file: 0-based position in COCO `annotations`, of the XML `<object>`, of
   * the text line; NONE unknown.
   */
  readonly annotation: Int32Array;
}

/** Images of a data set, one row each. Ground truth of image i is rows [gtStart[i], gtStart[i + 1]) of the GtTable. */
export interface ImageTable {
  readonly numImages: number;
  /** Unique within the data set; the path relative to its root, with forward slashes. */
  readonly id: readonly string[];
  /** Absolute path of the pixels. */
  readonly path: readonly string[];
  /** Size as the annotation says, px, after EXIF orientation; 0 unknown. */
  readonly width: Int32Array;
  readonly height: Int32Array;
  /** Absolute path of the file that annotates the image; '' none. */
  readonly annotationPath: readonly string[];
  /** N + 1 offsets into the GtTable. */
  readonly gtStart: Int32Array;
}

/** One row of an ImageTable. */
export interface ImageRow {
  readonly id: string;
  readonly path: string;
  readonly annotationPath: string;
  readonly width: number;
  readonly height: number;
}

/** @param index [0, N). */
export function imageAt({ id, path, annotationPath, width, height }: ImageTable, index: number): ImageRow {
  return {
    id: id[index],
    path: path[index],
    annotationPath: annotationPath[index],
    width: width[index],
    height: height[index],
  };
}

/** The ground truth of one image, as views. @param index [0, N). */
export function gtsOfImage({ gtStart }: ImageTable, gts: GtTable, index: number): GtTable {
  return sliceGtTable(gts, gtStart[index], gtStart[index + 1]);
}

/** What became of a RoI. The numbers are stored in `Selection.status`. */
export const Status = { selected: 0, nmsSuppressed: 1, belowBudget: 2, ignored: 3, invalid: 4 } as const;
export type StatusCode = (typeof Status)[keyof typeof Status];
/** The field's words for each status code, in code order. */
export const STATUS_NAMES = ['selected', 'nms-suppressed', 'below-budget', 'ignored', 'invalid'] as const;

/** What mining decided about a minibatch of R RoIs. A pure function of table and configuration. */
export interface Selection {
  /** R status codes. */
  readonly status: Uint8Array;
  /** Place in the loss order of the minibatch, 0 hardest; NONE for ignored and invalid. */
  readonly lossRank: Int32Array;
  /** Row of this table that suppressed the RoI by mining NMS; NONE. */
  readonly suppressedBy: Int32Array;
  /** Row at each rank: the inverse of `lossRank`, length = number of ranked rows. */
  readonly order: Int32Array;
  /** R: the loss each row was ranked by; NaN where it was not ranked. */
  readonly rankLoss: Float64Array;
  /** Rows with each status, in code order. */
  readonly counts: Int32Array;
  /** RoIs really selected. */
  readonly keepNum: number;
  /** Means over the selected RoIs, nats; 0 where none is selected. */
  readonly clsLoss: number;
  readonly locLoss: number;
}

/**
 * Allocates a zeroed RoiTable of `numRois` rows; index columns start as NONE, labels as background, entropy and EL2N as
 * NaN, `roiIndex` as the row.
 */
export function allocateRoiTable(
  numRois: number,
  numClasses: number,
  precision: Precision,
  roiBox: RoiBoxId = 'region',
): RoiTable {
  const real = () => (precision === 'float64' ? new Float64Array(numRois) : new Float32Array(numRois));
  return {
    numRois,
    numClasses,
    roiBox,
    x1: real(),
    y1: real(),
    x2: real(),
    y2: real(),
    predX1: real(),
    predY1: real(),
    predX2: real(),
    predY2: real(),
    imageIndex: new Int32Array(numRois),
    score: new Float32Array(numRois),
    predClass: new Int32Array(numRois).fill(NONE),
    gtIndex: new Int32Array(numRois).fill(NONE),
    gtClass: new Int32Array(numRois).fill(numClasses),
    iou: new Float32Array(numRois),
    lossCls: real(),
    lossLoc: real(),
    entropy: new Float32Array(numRois).fill(Number.NaN),
    el2n: new Float32Array(numRois).fill(Number.NaN),
    topClass: new Int16Array(numRois * NUM_TOP).fill(NONE),
    topScore: new Float32Array(numRois * NUM_TOP),
    roiIndex: new Int32Array(numRois).map((_, row) => row),
    sampled: new Uint8Array(numRois).fill(1),
  };
}

/** The boxes that mining NMS compares. */
export function miningBoxes(rois: RoiTable): Boxes {
  return rois.roiBox === 'region' ? rois : regressedBoxes(rois);
}

/** The regressed boxes as `Boxes` (views). */
export function regressedBoxes(rois: RoiTable): Boxes {
  return { x1: rois.predX1, y1: rois.predY1, x2: rois.predX2, y2: rois.predY2 };
}

/** Width of the real columns of a run. */
export type Precision = 'float32' | 'float64';

/** Allocates a zeroed GtTable of `numGts` rows; `annotation` starts as NONE. */
export function allocateGtTable(numGts: number): GtTable {
  return {
    numGts,
    x1: new Float64Array(numGts),
    y1: new Float64Array(numGts),
    x2: new Float64Array(numGts),
    y2: new Float64Array(numGts),
    imageIndex: new Int32Array(numGts),
    gtClass: new Int32Array(numGts),
    isCrowd: new Uint8Array(numGts),
    isDifficult: new Uint8Array(numGts),
    annotation: new Int32Array(numGts).fill(NONE),
  };
}

/** Rows [start, end) of a GtTable as views; `imageIndex` is kept as it stands. */
export function sliceGtTable(gts: GtTable, start: number, end: number): GtTable {
  return {
    numGts: end - start,
    x1: gts.x1.subarray(start, end),
    y1: gts.y1.subarray(start, end),
    x2: gts.x2.subarray(start, end),
    y2: gts.y2.subarray(start, end),
    imageIndex: gts.imageIndex.subarray(start, end),
    gtClass: gts.gtClass.subarray(start, end),
    isCrowd: gts.isCrowd.subarray(start, end),
    isDifficult: gts.isDifficult.subarray(start, end),
    annotation: gts.annotation.subarray(start, end),
  };
}

/** The same rows in arrays of their own: they keep no larger buffer alive. */
export function copyGtTable(gts: GtTable): GtTable {
  return {
    numGts: gts.numGts,
    x1: gts.x1.slice(),
    y1: gts.y1.slice(),
    x2: gts.x2.slice(),
    y2: gts.y2.slice(),
    imageIndex: gts.imageIndex.slice(),
    gtClass: gts.gtClass.slice(),
    isCrowd: gts.isCrowd.slice(),
    isDifficult: gts.isDifficult.slice(),
    annotation: gts.annotation.slice(),
  };
}
