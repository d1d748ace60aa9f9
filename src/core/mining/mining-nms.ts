/**
 * Mining NMS: greedy suppression by loss over the RoIs of one group (an image, or an image's label).
 *
 * Two ways to the same answer. Few rows to keep: each row, in loss order, is compared with those kept so far. Many:
 * a grid, near linear. Undecided rows lie in a grid; each kept row, hardest first, looks only where a row could
 * overlap it by more than the threshold, strikes those that do, and drops decided rows from the cells it meets.
 * Because kept rows come in loss order, the first to strike a row is the hardest that suppresses it.
 *
 * IoU > t bounds where to look: t < width / width' < 1 / t (heights alike), and the left edges differ by less than
 * width - t * max(width, width'). Rows are therefore classed by the binary exponents of width and height, and hashed
 * within a class by their left top corner in cells of that size. Where a window has more cells than the class has
 * rows (small t, odd shapes), the class is scanned. So t = 0 and any coordinates are right, only slower.
 */
import { boxIou } from '../boxes/iou.js';
import { NONE, type Boxes } from '../tables.js';

export interface NmsRule {
  /** A row is suppressed by a harder one whose IoU with it is greater (strict), [0, 1]. */
  readonly threshold: number;
  /** Added to x2 and y2: 0 continuous boxes, 1 the "+ 1" of integer pixel boxes. */
  readonly pixelOffset: 0 | 1;
  /** Stop when this many rows are kept: the rest stays undecided. Infinity: decide every row. */
  readonly limit: number;
}

/** Boxes of the group's rows in loss order, float64; `area` 0 = degenerate or not finite: IoU 0 with everything. */
interface RankedBoxes {
  readonly x1: Float64Array;
  readonly y1: Float64Array;
  readonly x2: Float64Array;
  readonly y2: Float64Array;
  readonly area: Float64Array;
}

/**
 * Keeps the hardest rows of a group, suppressing those that overlap a harder kept one.
 * @param rows rows of `boxes` in loss order, hardest first. Zero rows keep none.
 * @param suppressedBy R: written for each suppressed row with the hardest kept row that suppresses it; others
 * untouched.
 * @returns the kept rows in loss order.
 * Source: Shrivastava et al., CVPR 2016 (arXiv 1604.03540), section 4.
 * Cost: rows times the rows near each; rows squared only where most boxes are in each other's reach and none
 * suppresses.
 */
export function suppressByLoss(boxes: Boxes, rows: Int32Array, rule: NmsRule, suppressedBy: Int32Array): Int32Array {
  const most = Math.max(0, Math.min(rule.limit, rows.length));
  // IoU is never above 1.
  if (rule.threshold >= 1) return rows.slice(0, most);
  if (most <= SCAN_LIMIT) return scanKept(boxes, rows, rule, most, suppressedBy);
  return strikeFromKept(boxes, rows, rule, most, suppressedBy);
}

/** Rows kept up to which comparing with all of them costs less than building the grid. */
const SCAN_LIMIT = 128;

function scanKept(boxes: Boxes, rows: Int32Array, rule: NmsRule, most: number, suppressedBy: Int32Array): Int32Array {
  const { threshold, pixelOffset } = rule;
  const kept = new Int32Array(most);
  const corners = new Float64Array(4 * most);
  let numKept = 0;
  for (let k = 0; k < rows.length && numKept < most; k += 1) {
    const row = rows[k];
    const x1 = boxes.x1[row];
    const y1 = boxes.y1[row];
    const x2 = boxes.x2[row] + pixelOffset;
    const y2 = boxes.y2[row] + pixelOffset;
    let i = 0;
    for (let at = 0; i < numKept; i += 1, at += 4) {
      const iou = boxIou(corners[at], corners[at + 1], corners[at + 2], corners[at + 3], x1, y1, x2, y2);
      if (iou > threshold) break;
    }
    if (i < numKept) {
      suppressedBy[row] = kept[i];
      continue;
    }
    corners.set([x1, y1, x2, y2], 4 * numKept);
    kept[numKept++] = row;
  }
  return kept.subarray(0, numKept);
}

function strikeFromKept(
  boxes: Boxes,
  rows: Int32Array,
  rule: NmsRule,
  most: number,
  suppressedBy: Int32Array,
): Int32Array {
  const ranked = gatherBoxes(boxes, rows, rule.pixelOffset);
  const grid = buildGrid(ranked);
  const suppressor = new Int32Array(rows.length).fill(NONE);
  const kept = new Int32Array(most);
  let numKept = 0;
  for (let k = 0; k < rows.length && numKept < most; k += 1) {
    if (suppressor[k] === NONE) {
      kept[numKept++] = rows[k];
      if (ranked.area[k] > 0) strikeOverlapping(k, ranked, grid, rule.threshold, suppressor);
    } else {
      suppressedBy[rows[k]] = rows[suppressor[k]];
    }
  }
  return kept.subarray(0, numKept);
}

function gatherBoxes(boxes: Boxes, rows: Int32Array, pixelOffset: 0 | 1): RankedBoxes {
  const column = () => new Float64Array(rows.length);
  const ranked = { x1: column(), y1: column(), x2: column(), y2: column(), area: column() };
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    const x1 = (ranked.x1[i] = boxes.x1[row]);
    const y1 = (ranked.y1[i] = boxes.y1[row]);
    const x2 = (ranked.x2[i] = boxes.x2[row] + pixelOffset);
    const y2 = (ranked.y2[i] = boxes.y2[row] + pixelOffset);
    const area = (x2 - x1) * (y2 - y1);
    ranked.area[i] = x2 > x1 && y2 > y1 && area < Infinity ? area : 0;
  }
  return ranked;
}

/** Exponents beyond these share the end class, whose sizes have no bound on that side. */
const LEAST_LEVEL = -40;
const GREATEST_LEVEL = 40;

interface BoxGrid {
  readonly widths: LevelRange;
  readonly heights: LevelRange;
  /** First bucket of each size class, and one more: class = width level * number of height levels + height level. */
  readonly classBucket: Int32Array;
  /** First member of each bucket, and one more. */
  readonly bucketStart: Int32Array;
  /** End of each bucket's undecided members; those between it and the next bucket are decided. */
  readonly bucketEnd: Int32Array;
  /** Places in the loss order. */
  readonly members: Int32Array;
}

interface LevelRange {
  readonly least: number;
  readonly count: number;
}

function buildGrid(boxes: RankedBoxes): BoxGrid {
  const numBoxes = boxes.area.length;
  const { level: widthLevel, range: widths } = levelsOf(boxes.x1, boxes.x2, boxes.area);
  const { level: heightLevel, range: heights } = levelsOf(boxes.y1, boxes.y2, boxes.area);
  const numClasses = widths.count * heights.count;
  const classSize = new Int32Array(numClasses);
  const bucketOf = new Int32Array(numBoxes);
  for (let i = 0; i < numBoxes; i += 1) {
    if (boxes.area[i] > 0) classSize[widthLevel[i] * heights.count + heightLevel[i]] += 1;
  }
  const classBucket = new Int32Array(numClasses + 1);
  for (let c = 0; c < numClasses; c += 1) classBucket[c + 1] = classBucket[c] + bucketsFor(classSize[c]);

  const bucketStart = new Int32Array(classBucket[numClasses] + 1);
  for (let i = 0; i < numBoxes; i += 1) {
    if (!(boxes.area[i] > 0)) continue;
    const c = widthLevel[i] * heights.count + heightLevel[i];
    const cellX = Math.floor(boxes.x1[i] / sizeAt(widths, widthLevel[i]));
    const cellY = Math.floor(boxes.y1[i] / sizeAt(heights, heightLevel[i]));
    bucketOf[i] = classBucket[c] + (hashCell(cellX, cellY) & (classBucket[c + 1] - classBucket[c] - 1));
    bucketStart[bucketOf[i] + 1] += 1;
  }
  for (let b = 1; b < bucketStart.length; b += 1) bucketStart[b] += bucketStart[b - 1];
  const bucketEnd = bucketStart.slice(0, -1);
  const members = new Int32Array(bucketStart[bucketStart.length - 1]);
  for (let i = 0; i < numBoxes; i += 1) {
    if (boxes.area[i] > 0) members[bucketEnd[bucketOf[i]]++] = i;
  }
  return { widths, heights, classBucket, bucketStart, bucketEnd, members };
}

/** Level of each box's extent, counted from the least level that occurs; degenerate boxes have none. */
function levelsOf(from: Float64Array, to: Float64Array, area: Float64Array): { level: Uint8Array; range: LevelRange } {
  const level = new Uint8Array(area.length);
  let least = GREATEST_LEVEL;
  let greatest = LEAST_LEVEL;
  for (let i = 0; i < area.length; i += 1) {
    if (!(area[i] > 0)) continue;
    const value = levelOf(to[i] - from[i]);
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    level[i] = value - LEAST_LEVEL;
  }
  if (least > greatest) return { level, range: { least: 0, count: 0 } };
  for (let i = 0; i < level.length; i += 1) level[i] -= least - LEAST_LEVEL;
  return { level, range: { least, count: greatest - least + 1 } };
}

const realBits = new Float64Array(1);
const wordBits = new Uint32Array(realBits.buffer);

/** floor(log2(size)) for a size >= 0, exactly, from the exponent's bits (little-endian); clipped to the levels. */
function levelOf(size: number): number {
  realBits[0] = size;
  const exponent = (wordBits[1] >>> 20) - 1023;
  return exponent < LEAST_LEVEL ? LEAST_LEVEL : exponent > GREATEST_LEVEL ? GREATEST_LEVEL : exponent;
}

const SIZES = Float64Array.from({ length: GREATEST_LEVEL - LEAST_LEVEL + 1 }, (_, i) => 2 ** (i + LEAST_LEVEL));

/** Cell size, and least extent, of a level counted from the range's least. */
function sizeAt(range: LevelRange, level: number): number {
  return SIZES[range.least + level - LEAST_LEVEL];
}

/** A power of two, at least the number of rows: about one row a bucket. */
function bucketsFor(numRows: number): number {
  return numRows === 0 ? 0 : 1 << (32 - Math.clz32(numRows - 1));
}

/** Cells that share a bucket only cost a comparison: overlap is always measured. */
function hashCell(cellX: number, cellY: number): number {
  const mixed = Math.imul(cellX | 0, 0x9e3779b1) ^ Math.imul(cellY | 0, 0x85ebca77);
  return mixed ^ (mixed >>> 15);
}

/** Bounds are widened by this share, far above what rounding can take from them. */
const SLACK = 1e-9;

/** Marks the undecided rows after place k of the loss order whose IoU with row k is above the threshold. */
function strikeOverlapping(
  k: number,
  boxes: RankedBoxes,
  grid: BoxGrid,
  threshold: number,
  suppressor: Int32Array,
): void {
  const { widths, heights, classBucket } = grid;
  const width = boxes.x2[k] - boxes.x1[k];
  const height = boxes.y2[k] - boxes.y1[k];
  const lastW = lastLevel(widths, width, threshold);
  const lastH = lastLevel(heights, height, threshold);
  for (let w = firstLevel(widths, width, threshold); w <= lastW; w += 1) {
    const left = firstCell(widths, w, boxes.x1[k], width, threshold);
    const numX = lastCell(widths, w, boxes.x1[k], width, threshold) - left + 1;
    for (let h = firstLevel(heights, height, threshold); h <= lastH; h += 1) {
      const firstBucket = classBucket[w * heights.count + h];
      const numBuckets = classBucket[w * heights.count + h + 1] - firstBucket;
      if (numBuckets === 0) continue;
      const top = firstCell(heights, h, boxes.y1[k], height, threshold);
      const numY = lastCell(heights, h, boxes.y1[k], height, threshold) - top + 1;
      if (numX * numY < numBuckets) {
        for (let i = 0; i < numX; i += 1) {
          for (let j = 0; j < numY; j += 1) {
            const bucket = firstBucket + (hashCell(left + i, top + j) & (numBuckets - 1));
            strikeBucket(k, boxes, grid, bucket, threshold, suppressor);
          }
        }
      } else {
        // Also where a window is unbounded or not a number.
        for (let i = 0; i < numBuckets; i += 1) strikeBucket(k, boxes, grid, firstBucket + i, threshold, suppressor);
      }
    }
  }
}

function firstLevel(range: LevelRange, size: number, threshold: number): number {
  return Math.max(0, levelOf(size * threshold * (1 - SLACK)) - range.least);
}

function lastLevel(range: LevelRange, size: number, threshold: number): number {
  return Math.min(range.count - 1, levelOf((size / threshold) * (1 + SLACK)) - range.least);
}

/** First cell, along one axis, in which a box of the level can start and still overlap enough the box at `corner`. */
function firstCell(range: LevelRange, level: number, corner: number, size: number, threshold: number): number {
  const cell = sizeAt(range, level);
  const greatest = range.least + level === GREATEST_LEVEL ? Infinity : 2 * cell;
  const reach = greatest > size ? greatest * (1 - threshold) : greatest - threshold * size;
  return Math.floor((corner - reach - SLACK * (Math.abs(corner) + size + cell)) / cell);
}

/** Last such cell. */
function lastCell(range: LevelRange, level: number, corner: number, size: number, threshold: number): number {
  const cell = sizeAt(range, level);
  const least = range.least + level === LEAST_LEVEL ? 0 : cell;
  const reach = size - threshold * (least > size ? least : size);
  return Math.floor((corner + reach + SLACK * (Math.abs(corner) + size + cell)) / cell);
}

/** Strikes within one bucket and drops its decided rows. */
function strikeBucket(
  k: number,
  boxes: RankedBoxes,
  grid: BoxGrid,
  bucket: number,
  threshold: number,
  suppressor: Int32Array,
): void {
  const { bucketEnd, members } = grid;
  const { x1, y1, x2, y2, area } = boxes;
  for (let p = grid.bucketStart[bucket]; p < bucketEnd[bucket];) {
    const m = members[p];
    if (m <= k || suppressor[m] !== NONE) {
      bucketEnd[bucket] -= 1;
      members[p] = members[bucketEnd[bucket]];
      continue;
    }
    p += 1;
    const width = (x2[k] < x2[m] ? x2[k] : x2[m]) - (x1[k] > x1[m] ? x1[k] : x1[m]);
    if (!(width > 0)) continue;
    const height = (y2[k] < y2[m] ? y2[k] : y2[m]) - (y1[k] > y1[m] ? y1[k] : y1[m]);
    if (!(height > 0)) continue;
    const intersection = width * height;
    if (intersection / (area[k] + area[m] - intersection) > threshold) suppressor[m] = k;
  }
}
