/** What a head says of each RoI, as the table shows it: score, class, the NUM_TOP highest class scores. */
import { logSumExp } from './cls-loss.js';
import type { DetectorOutput } from './detector-output.js';
import { float32Bits } from './float32-bits.js';
import { NUM_TOP } from '../tables.js';
import type { RoiTable } from '../tables.js';

/** Rounding that a probability may show beyond [0, 1]; anything further is not a probability. */
const PROBABILITY_SLACK = 1e-4;

/** What `writeClassScores` reads of an output. */
export type ScoreColumns = Pick<DetectorOutput, 'numRois' | 'numClasses' | 'scores' | 'objectness' | 'scoreForm'>;

/** Columns of a row of scores: K, and the background of a softmax. */
export function numScoreColumns(output: Pick<DetectorOutput, 'numClasses' | 'scoreForm'>): number {
  return output.numClasses + (output.scoreForm.activation === 'softmax' ? 1 : 0);
}

/** 1 / (1 + e^-x), without overflow. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

/**
 * Logarithm of each row's softmax denominator (R), from which losses and probabilities follow; null for other heads.
 * Cost: R * C.
 */
export function softmaxNorms(output: DetectorOutput): Float64Array | null {
  const { scoreForm, scores, numRois } = output;
  if (scoreForm.activation !== 'softmax' || scoreForm.given !== 'logits') return null;
  const columns = numScoreColumns(output);
  const norms = new Float64Array(numRois);
  for (let row = 0; row < numRois; row++) norms[row] = logSumExp(scores, row * columns, columns);
  return norms;
}

/**
 * Fills `score`, `predClass`, `topClass` and `topScore` of every row.
 *
 * Class scores are probabilities, times objectness where there is one. The top list of a softmax head counts its
 * background as class K; `score` and `predClass` are of the best foreground class. Equal scores: lower class first.
 * A row that holds a NaN, a logit of +Infinity, or given probabilities outside [0, 1] gets score NaN and class NONE.
 * @param norms of `softmaxNorms`.
 * @param columns C; K for a softmax without a background column.
 * Cost: R * C.
 */
export function writeClassScores(
  output: ScoreColumns,
  norms: Float64Array | null,
  rois: RoiTable,
  columns = numScoreColumns(output),
): void {
  const { numRois, numClasses, scores, objectness } = output;
  const { score, predClass, topClass, topScore } = rois;
  const given = output.scoreForm.given === 'probabilities';
  const top: TopScores = { values: new Float64Array(NUM_TOP), classes: FIRST_CLASSES.slice() };
  const all: ScoreBits = { values: scores, bits: float32Bits(scores) };
  for (let row = 0; row < numRois; row++) {
    const object = objectness === null ? 1 : objectOf(objectness[row], given);
    const count = readTop(all, row * columns, columns, given, top);
    const norm = norms === null ? NaN : norms[row];
    if (count === 0 || Number.isNaN(object) || (norms !== null && Number.isNaN(norm))) {
      score[row] = NaN;
      continue;
    }
    for (let place = count - 1; place >= 0; place--) {
      const p = object * probabilityOf(top.values[place], given, norm);
      topClass[row * NUM_TOP + place] = top.classes[place];
      topScore[row * NUM_TOP + place] = p;
      if (top.classes[place] === numClasses) continue;
      score[row] = p;
      predClass[row] = top.classes[place];
    }
  }
}

/** Scores, and their bits in the same memory. */
interface ScoreBits {
  readonly values: Float32Array;
  readonly bits: Uint32Array;
}

interface TopScores {
  readonly values: Float64Array;
  readonly classes: Int32Array;
}

const FIRST_CLASSES = Int32Array.from({ length: NUM_TOP }, (_, k) => k);

/** Bits of +Infinity as a float32. */
const INFINITY_BITS = 0x7f80_0000;

/** Number of top scores of a row, at most NUM_TOP, descending, lower class first; 0 where the row is not usable. */
function readTop({ values, bits }: ScoreBits, start: number, columns: number, given: boolean, top: TopScores): number {
  const least = given ? -PROBABILITY_SLACK : -Infinity;
  const most = given ? 1 + PROBABILITY_SLACK : Number.MAX_VALUE;
  let bar = given && columns >= NUM_TOP ? leastBits(bits, start, top.classes) : 0;
  let count = 0;
  for (let k = 0; k < columns; k++) {
    // Bits of probabilities are ordered as they are; those of a NaN and of a negative number are above them.
    if (bits[start + k] < bar) continue;
    const value = values[start + k];
    if (!(value >= least && value <= most)) {
      top.classes.set(FIRST_CLASSES);
      return 0;
    }
    if (count === NUM_TOP && value <= top.values[NUM_TOP - 1]) continue;
    if (count < NUM_TOP) count++;
    insert(value, k, count - 1, top);
    if (given && count === NUM_TOP) bar = Math.max(bits[start + top.classes[NUM_TOP - 1]] | 0, 0);
  }
  return count;
}

/** Puts a score in its place among the `last` before it. */
function insert(value: number, k: number, last: number, { values, classes }: TopScores): void {
  let place = last;
  for (; place > 0 && values[place - 1] < value; place--) {
    values[place] = values[place - 1];
    classes[place] = classes[place - 1];
  }
  values[place] = value;
  classes[place] = k;
}

/**
 * A bar that at least NUM_TOP scores of a row reach: the least of those of `classes`, which differ. The classes of the
 * row before are likely those of its neighbour too, so that few others reach it.
 */
function leastBits(bits: Uint32Array, start: number, classes: Int32Array): number {
  let least = INFINITY_BITS;
  for (let place = 0; place < NUM_TOP; place++) least = Math.min(least, bits[start + classes[place]] | 0);
  // Negative numbers are below all others, as their bits are not.
  return Math.max(least, 0);
}

/** Objectness in [0, 1]; NaN where it is no probability. */
export function objectOf(value: number, given: boolean): number {
  if (!given) return sigmoid(value);
  return value >= -PROBABILITY_SLACK && value <= 1 + PROBABILITY_SLACK ? Math.min(Math.max(value, 0), 1) : NaN;
}

/**
 * Probability of a score; a given one is held in [0, 1].
 * @param norm of the row's softmax; NaN for a sigmoid.
 */
export function probabilityOf(value: number, given: boolean, norm: number): number {
  if (given) return Math.min(Math.max(value, 0), 1);
  return Number.isNaN(norm) ? sigmoid(value) : Math.exp(value - norm);
}

/**
 * Probabilities of the K foreground classes of one row, times objectness, into `out[0..K)`.
 * NaN where the row holds one.
 * @param norms of `softmaxNorms`.
 */
export function readProbabilities(
  output: DetectorOutput,
  norms: Float64Array | null,
  row: number,
  out: Float64Array,
): void {
  const { numClasses, scores, objectness } = output;
  const start = row * numScoreColumns(output);
  const given = output.scoreForm.given === 'probabilities';
  const object = objectness === null ? 1 : objectOf(objectness[row], given);
  const norm = norms === null ? NaN : norms[row];
  for (let k = 0; k < numClasses; k++) out[k] = object * probabilityOf(scores[start + k], given, norm);
}

/** Probability of foreground class `label` of one row, times objectness: one value of `readProbabilities`. */
export function readClassProbability(
  output: DetectorOutput,
  norms: Float64Array | null,
  row: number,
  label: number,
): number {
  const { scores, objectness } = output;
  const given = output.scoreForm.given === 'probabilities';
  const object = objectness === null ? 1 : objectOf(objectness[row], given);
  const norm = norms === null ? NaN : norms[row];
  return object * probabilityOf(scores[row * numScoreColumns(output) + label], given, norm);
}
