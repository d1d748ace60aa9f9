/** What a head says of each RoI, as the table shows it: score, class, the NUM_TOP highest class scores. */
import { logSumExp } from './cls-loss.js';
import type { DetectorOutput } from './detector-output.js';
import { NONE, NUM_TOP } from './tables.js';
import type { RoiTable } from './tables.js';

/** Rounding that a probability may show beyond [0, 1]; anything further is not a probability. */
const PROBABILITY_SLACK = 1e-4;

/** Columns of a row of scores: K, and the background of a softmax. */
export function numScoreColumns(output: DetectorOutput): number {
  return output.numClasses + (output.scoreForm.activation === 'softmax' ? 1 : 0);
}

/** 1 / (1 + e^-x), without overflow. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

/**
 * Fills `score`, `predClass`, `topClass` and `topScore` of every row.
 *
 * Class scores are probabilities, times objectness where there is one. The top list of a softmax head counts its
 * background as class K; `score` and `predClass` are of the best foreground class. Equal scores: lower class first.
 * A row that holds a NaN, an infinite maximum, or given probabilities outside [0, 1] gets score NaN and class NONE.
 * Cost: R * C.
 */
export function writeClassScores(output: DetectorOutput, rois: RoiTable): void {
  const { numRois, numClasses, scores, objectness, scoreForm } = output;
  const columns = numScoreColumns(output);
  const given = scoreForm.given === 'probabilities';
  const least = given ? -PROBABILITY_SLACK : -Infinity;
  const most = given ? 1 + PROBABILITY_SLACK : Number.MAX_VALUE;
  const top = new Float64Array(NUM_TOP);
  const topClass = new Int32Array(NUM_TOP);
  for (let row = 0; row < numRois; row++) {
    const start = row * columns;
    let low = Infinity;
    let high = -Infinity;
    let count = 0;
    let bar = -Infinity;
    for (let k = 0; k < columns; k++) {
      const value = scores[start + k];
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (!(value > bar) && count === NUM_TOP) continue;
      let place = count < NUM_TOP ? count++ : NUM_TOP - 1;
      for (; place > 0 && top[place - 1] < value; place--) {
        top[place] = top[place - 1];
        topClass[place] = topClass[place - 1];
      }
      top[place] = value;
      topClass[place] = k;
      if (count === NUM_TOP) bar = top[NUM_TOP - 1];
    }
    const object = objectness === null ? 1 : objectOf(objectness[row], given);
    if (!(low >= least && high >= least && high <= most && object >= 0)) {
      rois.score[row] = NaN;
      continue;
    }
    const logNorm = given || columns === numClasses ? 0 : logSumExp(scores, start, columns);
    let foreground = -1;
    for (let place = 0; place < count; place++) {
      const p = object * probabilityOf(top[place], logNorm, output);
      rois.topClass[row * NUM_TOP + place] = topClass[place];
      rois.topScore[row * NUM_TOP + place] = p;
      if (foreground < 0 && topClass[place] < numClasses) foreground = place;
    }
    rois.predClass[row] = foreground < 0 ? NONE : topClass[foreground];
    rois.score[row] = foreground < 0 ? 0 : rois.topScore[row * NUM_TOP + foreground];
  }
}

/** Objectness in [0, 1]; -1 where it is NaN or no probability. */
function objectOf(value: number, given: boolean): number {
  if (!given) return value === value ? sigmoid(value) : -1;
  return value >= -PROBABILITY_SLACK && value <= 1 + PROBABILITY_SLACK ? Math.min(Math.max(value, 0), 1) : -1;
}

function probabilityOf(value: number, logNorm: number, output: DetectorOutput): number {
  if (output.scoreForm.given === 'probabilities') return Math.min(Math.max(value, 0), 1);
  return output.scoreForm.activation === 'softmax' ? Math.exp(value - logNorm) : sigmoid(value);
}

/**
 * Probabilities of the K foreground classes of one row, times objectness, into `out[0..K)`.
 * NaN where the row holds one.
 */
export function readProbabilities(output: DetectorOutput, row: number, out: Float64Array): void {
  const { numClasses, scores, objectness, scoreForm } = output;
  const columns = numScoreColumns(output);
  const start = row * columns;
  const given = scoreForm.given === 'probabilities';
  const object = objectness === null ? 1 : given ? objectness[row] : sigmoid(objectness[row]);
  const logNorm = given || columns === numClasses ? 0 : logSumExp(scores, start, columns);
  for (let k = 0; k < numClasses; k++) out[k] = object * probabilityOf(scores[start + k], logNorm, output);
}
