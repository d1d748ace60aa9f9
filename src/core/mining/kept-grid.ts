/**
 * The kept boxes of a mining NMS, found by where a box lies that one of them suppresses.
 *
 * Each box belongs to one cell: the binary exponents of its width and height, and its left top corner on a grid of the
 * greatest box of that size. A kept box is listed in every cell in which a box could overlap it by more than the
 * threshold t: t < width / width' < 1 / t (heights alike), and the left edges differ by less than
 * width - t * max(width, width'). So a box meets only the kept boxes listed in its own cell, hardest first, and the
 * first that overlaps it enough is its suppressor. A kept box of too many cells (small t) is listed for all boxes.
 */
import { NONE, type Boxes } from '../tables.js';

/** A box here is five numbers: x1, y1, x2, y2, and its area; 0 = degenerate or not finite: IoU 0 with everything. */
const BOX_WIDTH = 5;

/** Cells up to which listing a kept box in each costs less than every later box meeting it. */
const MOST_CELLS = 1024;

/** Bounds are widened by this share, far above what rounding can take from them. */
const SLACK = 1e-9;
/** The same of coordinates whose difference is taken. */
const SLACK_OF_DIFFERENCES = 2 ** -46;
/** Above what rounding takes from the smallest areas, and nothing beside any other. */
const TINY = 1e-300;

/** Cost: near linear in the boxes; with thresholds near 0 each box meets all that are kept. */
export class KeptGrid {
  /** B boxes, hardest first. */
  private readonly boxes: Float64Array;
  /** B: the cell of each box, as a list's number; cells share a list by hash. */
  private readonly cells: Int32Array;
  /** The kept boxes once more, next to each other: they fit a cache that all boxes do not. */
  private kept = new Float64Array(BOX_WIDTH * 2 ** 8);
  private endOfKept = 0;
  /** Which box each kept one is. */
  private readonly keptBoxes: Int32Array;
  /** Is there a box of the level? */
  private readonly widths = new Uint8Array(SIZES.length);
  private readonly heights = new Uint8Array(SIZES.length);
  /** First and last entry of each list, 0 none. */
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  /** The last list, which all boxes meet. */
  private readonly forAll: number;
  /** Two numbers an entry: where the kept box begins in `kept`, and the next entry of its list. */
  private entries = new Int32Array(2 ** 15);
  private endOfEntries = 2;
  /** Cells that a kept box reaches along one axis. */
  private readonly across = new Int32Array(MOST_CELLS);
  private readonly down = new Int32Array(MOST_CELLS);
  /** IoU > t is intersection > t / (1 + t) * (area + area'). */
  private readonly share: number;

  /**
   * @param boxes columns of R boxes.
   * @param rows B rows of `boxes`, hardest first.
   * @param pixelOffset added to x2 and y2.
   * @param threshold IoU above which a kept box suppresses another, [0, 1).
   */
  constructor(
    { x1, y1, x2, y2 }: Boxes,
    rows: Int32Array,
    pixelOffset: 0 | 1,
    private readonly threshold: number,
  ) {
    this.share = (threshold / (1 + threshold)) * (1 - SLACK);
    this.forAll = 2 ** Math.ceil(Math.log2(rows.length + 1));
    this.heads = new Int32Array(this.forAll + 1);
    this.tails = new Int32Array(this.forAll + 1);
    this.boxes = new Float64Array(BOX_WIDTH * rows.length);
    this.cells = new Int32Array(rows.length);
    this.keptBoxes = new Int32Array(rows.length);
    const { boxes, cells, widths, heights } = this;
    for (let box = 0, at = 0; box < rows.length; box += 1, at += BOX_WIDTH) {
      const row = rows[box];
      const left = (boxes[at] = x1[row]);
      const top = (boxes[at + 1] = y1[row]);
      const right = (boxes[at + 2] = x2[row] + pixelOffset);
      const bottom = (boxes[at + 3] = y2[row] + pixelOffset);
      const area = (right - left) * (bottom - top);
      if (!(right > left && bottom > top && area < Infinity)) continue;
      boxes[at + 4] = area;
      const width = levelOf(right - left);
      const height = levelOf(bottom - top);
      widths[width] = 1;
      heights[height] = 1;
      const across = cellAlong(width, Math.floor(left * INVERSE_SIZES[width]));
      const down = cellAlong(height, Math.floor(top * INVERSE_SIZES[height]));
      cells[box] = cellOf(across, down) & (this.forAll - 1);
    }
  }

  /** The hardest kept box whose IoU with a box is above the threshold; NONE: there is none. */
  suppressorOf(box: number): number {
    if (this.boxes[BOX_WIDTH * box + 4] === 0) return NONE;
    const near = this.firstOf(this.cells[box], box);
    const other = this.heads[this.forAll] === 0 ? NONE : this.firstOf(this.forAll, box);
    const hardest = near === NONE || (other !== NONE && other < near) ? other : near;
    return hardest === NONE ? NONE : this.keptBoxes[hardest / BOX_WIDTH];
  }

  /**
   * Most pairs fall at a bound on the intersection, without a branch a side:
   * min(b, d) - max(a, c) = (b - a + d - c - |a - c| - |b - d|) / 2. What passes is measured as `boxIou` does.
   * @returns where the kept box begins in `kept`.
   */
  private firstOf(list: number, box: number): number {
    let entry = this.heads[list];
    if (entry === 0) return NONE;
    const { boxes, kept, entries, share, threshold } = this;
    const own = BOX_WIDTH * box;
    const x1 = boxes[own];
    const y1 = boxes[own + 1];
    const x2 = boxes[own + 2];
    const y2 = boxes[own + 3];
    const area = boxes[own + 4];
    // No box that reaches farther out overlaps enough.
    const farthest = Math.abs(x1) + Math.abs(x2) + Math.abs(y1) + Math.abs(y2) + (x2 - x1 + y2 - y1) / threshold;
    const width = x2 - x1 + SLACK_OF_DIFFERENCES * farthest;
    const height = y2 - y1 + SLACK_OF_DIFFERENCES * farthest;
    const least = share * area - TINY;
    for (; entry !== 0; entry = entries[entry + 1]) {
      const at = entries[entry];
      const left = kept[at];
      const top = kept[at + 1];
      const right = kept[at + 2];
      const bottom = kept[at + 3];
      const keptArea = kept[at + 4];
      const twiceW = width + (right - left) - Math.abs(x1 - left) - Math.abs(x2 - right);
      const twiceH = height + (bottom - top) - Math.abs(y1 - top) - Math.abs(y2 - bottom);
      if (!(0.25 * twiceW * twiceH > share * keptArea + least)) continue;
      const w = (x2 < right ? x2 : right) - (x1 > left ? x1 : left);
      const h = (y2 < bottom ? y2 : bottom) - (y1 > top ? y1 : top);
      if (!(w > 0 && h > 0)) continue;
      const intersection = w * h;
      if (intersection / (keptArea + area - intersection) > threshold) return at;
    }
    return NONE;
  }

  /** Lists a kept box, which is easier than those listed before; one without an area suppresses none. */
  add(box: number): void {
    const { boxes, threshold, across, down } = this;
    const at = BOX_WIDTH * box;
    if (boxes[at + 4] === 0) return;
    const to = this.copy(box);
    const numAcross = reachedCells(boxes[at], boxes[at + 2] - boxes[at], threshold, this.widths, across);
    const numDown = reachedCells(boxes[at + 1], boxes[at + 3] - boxes[at + 1], threshold, this.heights, down);
    if (numAcross * numDown > MOST_CELLS) {
      this.append(this.forAll, to);
      return;
    }
    for (let j = 0; j < numDown; j += 1) {
      for (let i = 0; i < numAcross; i += 1) this.append(cellOf(across[i], down[j]) & (this.forAll - 1), to);
    }
  }

  /** @returns where the copy begins in `kept`. */
  private copy(box: number): number {
    const to = this.endOfKept;
    if (to === this.kept.length) {
      const larger = new Float64Array(2 * to);
      larger.set(this.kept);
      this.kept = larger;
    }
    const { boxes, kept } = this;
    const from = BOX_WIDTH * box;
    for (let i = 0; i < BOX_WIDTH; i += 1) kept[to + i] = boxes[from + i];
    this.keptBoxes[to / BOX_WIDTH] = box;
    this.endOfKept += BOX_WIDTH;
    return to;
  }

  private append(list: number, kept: number): void {
    const entry = this.endOfEntries;
    if (entry === this.entries.length) {
      const larger = new Int32Array(2 * entry);
      larger.set(this.entries);
      this.entries = larger;
    }
    this.endOfEntries += 2;
    this.entries[entry] = kept;
    if (this.heads[list] === 0) this.heads[list] = entry;
    else this.entries[this.tails[list] + 1] = entry;
    this.tails[list] = entry;
  }
}

/** By level, the binary exponent of a double: the size that is above all of it, and the width of its cells. */
const SIZES = Float64Array.from({ length: 2047 }, (_, exponent) => 2 ** (exponent - 1022));
const INVERSE_SIZES = SIZES.map((size) => 1 / size);

const realBits = new Float64Array(1);
const wordBits = new Uint32Array(realBits.buffer);

/** Of a size >= 0, from its bits (little-endian). */
function levelOf(size: number): number {
  realBits[0] = size;
  return wordBits[1] >>> 20;
}

/** A level's cell along one axis, as one number; two of one number only cost comparisons, here and below. */
function cellAlong(level: number, cell: number): number {
  return Math.imul(level, 0x85ebca77) + (cell | 0);
}

function cellOf(across: number, down: number): number {
  return across + Math.imul(down, 0x9e3779b1);
}

/**
 * Writes the cells along one axis in which a box lies that can overlap enough one of this size at `corner`.
 * @param levels whether there is a box of each level.
 * @returns their number; more than `MOST_CELLS` where they are too many or without end.
 */
function reachedCells(corner: number, size: number, threshold: number, levels: Uint8Array, cells: Int32Array): number {
  const smallest = size * threshold * (1 - SLACK);
  const greatest = (size / threshold) * (1 + SLACK);
  const lastLevel = Math.min(levelOf(greatest), SIZES.length - 1);
  let numCells = 0;
  for (let level = levelOf(smallest); level <= lastLevel; level += 1) {
    if (levels[level] === 0) continue;
    const from = Math.max(smallest, level === 0 ? 0 : SIZES[level] / 2);
    const to = Math.min(greatest, SIZES[level]);
    const before = to - threshold * Math.max(to, size);
    const after = size - threshold * Math.max(from, size);
    const slack = SLACK * (Math.abs(corner) + size + SIZES[level]);
    const first = Math.floor((corner - before - slack) * INVERSE_SIZES[level]);
    const last = Math.floor((corner + after + slack) * INVERSE_SIZES[level]);
    // Nor where a bound is not a number.
    if (!(numCells + last - first < MOST_CELLS)) return MOST_CELLS + 1;
    for (let i = 0; i <= last - first; i += 1) cells[numCells++] = cellAlong(level, first + i);
  }
  return numCells;
}
