/** Builds the columns of detections: matches each with its image, judges its box and score, sorts rows by image. */
import type { Detections } from '../../core/measure/measure-detections.js';
import { show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { NONE } from '../../core/tables.js';
import type { Dataset } from '../dataset.js';
import type { Warnings } from '../rows/warnings.js';
import { ImageNames } from './image-names.js';
import type { Detection } from './prediction-format.js';

/** What rounding may add to a score. */
const SCORE_SLACK = 1e-4;

/** Detections of all images (R), those of image i in rows [start[i], start[i + 1]) in the order of the file. */
export interface DetectionTable {
  readonly start: Int32Array;
  /** R * 4: x1, y1, x2, y2, px. */
  readonly box: Float32Array;
  /** R: [0, 1]. */
  readonly score: Float32Array;
  /** R: places in `labels`. */
  readonly label: Int32Array;
  /** The classes as the file names them. */
  readonly labels: readonly (string | number)[];
}

/**
 * The detections of one image, without those of no class.
 * @param classOf for each label of the table its class, [0, K); NONE.
 * @param index row of the data set's images.
 */
export function detectionsOf(
  { start, box, score, label }: DetectionTable,
  classOf: Int32Array,
  numClasses: number,
  index: number,
): Detections {
  const all = Array.from({ length: start[index + 1] - start[index] }, (_, i) => start[index] + i);
  const rows = all.filter((row) => classOf[label[row]] !== NONE);
  const side = (place: number) => Float32Array.from(rows, (row) => box[row * 4 + place]);
  return {
    numRois: rows.length,
    numClasses,
    x1: side(0),
    y1: side(1),
    x2: side(2),
    y2: side(3),
    score: Float32Array.from(rows, (row) => score[row]),
    predClass: Int32Array.from(rows, (row) => classOf[label[row]]),
  };
}

interface Columns {
  readonly box: Float32Array;
  readonly score: Float32Array;
  readonly label: Int32Array;
  readonly image: Int32Array;
}

export class DetectionRows {
  private readonly images: ImageNames;
  private readonly labelOf = new Map<string | number, number>();
  private columns = allocate(1024);
  private numRows = 0;
  private readonly strangers = new Set<string | number>();
  /** Detections of images that the data set does not have. */
  numStrange = 0;

  constructor(
    private readonly dataset: Dataset,
    private readonly warnings: Warnings,
  ) {
    this.images = new ImageNames(dataset.images, dataset.ids);
  }

  /** Keeps a detection, or counts why not. */
  add({ image, label, box, isShare, score }: Detection, where: Phrase, file: string): void {
    const row = this.images.rowOf(image);
    if (row === NONE) {
      this.strangers.add(image);
      this.numStrange++;
      return;
    }
    if (!(score >= -SCORE_SLACK && score <= 1 + SCORE_SLACK)) {
      this.warnings.add(
        'scores out of range',
        said`${where}: score`,
        'a score in [0, 1]',
        said`${show(score)}, dropped`,
        file,
      );
      return;
    }
    const [width, height] = isShare === true ? this.#sizeOf(row) : [1, 1];
    if (width === 0 || height === 0) {
      const received = 'none: its boxes are shares of it and were dropped';
      this.warnings.add('boxes without an image size', where, 'an image whose size can be read', received, file);
      return;
    }
    const [x1, y1, x2, y2] = [box[0] * width, box[1] * height, box[2] * width, box[3] * height];
    if (!(x2 > x1 && y2 > y1 && Number.isFinite(x2 - x1) && Number.isFinite(y2 - y1))) {
      const received = said`[${box.join(', ')}], dropped`;
      this.warnings.add('degenerate boxes', where, 'a box with width and height above 0', received, file);
      return;
    }
    this.#push(row, [x1, y1, x2, y2], Math.min(Math.max(score, 0), 1), this.#placeOf(label));
  }

  /** The table, and what a person should know of images that do not match. */
  finish(): { readonly table: DetectionTable; readonly notes: readonly string[] } {
    const { numImages } = this.dataset.images;
    const start = this.#starts();
    const next = start.slice();
    const { box, score, label } = allocate(this.numRows);
    const from = this.columns;
    for (let row = 0; row < this.numRows; row++) {
      const to = next[from.image[row]]++;
      box.set(from.box.subarray(row * 4, row * 4 + 4), to * 4);
      score[to] = from.score[row];
      label[to] = from.label[row];
    }
    const numEmpty = start.subarray(1).reduce((count, end, i) => count + Number(end === start[i]), 0);
    const notes = [
      ...(numEmpty === 0 ? [] : [`${numEmpty} of ${numImages} images have no detection`]),
      ...(this.numStrange === 0 ? [] : [this.#strangersText()]),
    ];
    return { table: { start, box, score, label, labels: [...this.labelOf.keys()] }, notes };
  }

  #strangersText(): string {
    const [first] = this.strangers;
    const left = `${this.numStrange} detections of ${this.strangers.size} images`;
    return `${left} that the data set does not have were left out, such as ${show(first, 40)}`;
  }

  #sizeOf(row: number): readonly [number, number] {
    const { width, height } = this.dataset.images;
    return [width[row], height[row]];
  }

  #placeOf(label: string | number): number {
    const place = this.labelOf.get(label) ?? this.labelOf.size;
    this.labelOf.set(label, place);
    return place;
  }

  #push(image: number, corners: readonly [number, number, number, number], score: number, label: number): void {
    const row = this.numRows++;
    if (row === this.columns.image.length) this.columns = grow(this.columns);
    this.columns.box.set(corners, row * 4);
    this.columns.score[row] = score;
    this.columns.label[row] = label;
    this.columns.image[row] = image;
  }

  #starts(): Int32Array {
    const { numImages } = this.dataset.images;
    const start = new Int32Array(numImages + 1);
    for (let row = 0; row < this.numRows; row++) start[this.columns.image[row] + 1]++;
    for (let image = 0; image < numImages; image++) start[image + 1] += start[image];
    return start;
  }
}

function allocate(capacity: number): Columns {
  return {
    box: new Float32Array(capacity * 4),
    score: new Float32Array(capacity),
    label: new Int32Array(capacity),
    image: new Int32Array(capacity),
  };
}

function grow(columns: Columns): Columns {
  const grown = allocate(columns.image.length * 2);
  grown.box.set(columns.box);
  grown.score.set(columns.score);
  grown.label.set(columns.label);
  grown.image.set(columns.image);
  return grown;
}
