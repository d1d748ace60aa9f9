import { sigmoid } from '../../core/losses/class-scores.js';
import { logSumExp } from '../../core/losses/cls-loss.js';
import { NONE, NUM_TOP } from '../../core/tables.js';
import type { RoiTable } from '../../core/tables.js';
import { binaryEntropyOf, el2nOf, entropyOf } from '../../core/losses/uncertainty.js';
import type { DumpHeader, DumpImage } from './dump.js';
import { hasLabelColumns, internalLabel } from './dump-labels.js';

/**
 * Fills `score`, `predClass`, the top lists, entropy and EL2N from what a dump says: `score` and `pred_label` as given,
 * else, and the rest always, from its logits; NaN and NONE where it says neither.
 */
export function writeDumpScores(header: DumpHeader, image: DumpImage, rois: RoiTable): void {
  rois.score.fill(Number.NaN);
  if (image.logits !== null && header.activation !== null) writeFromLogits(header, image, image.logits, rois);
  if (image.score !== null) rois.score.set(image.score);
  if (image.predLabel === null) return;
  for (let row = 0; row < image.numRois; row++) {
    const label = internalLabel(header, image.predLabel[row]);
    rois.predClass[row] = label === header.classes.length ? NONE : label;
  }
}

/** Of each row of logits: probabilities, highest first, equal ones by lower column; entropy and EL2N. */
function writeFromLogits(header: DumpHeader, image: DumpImage, logits: Float64Array, rois: RoiTable): void {
  const { numColumns, numRois } = image;
  const isSoftmax = header.activation === 'softmax';
  const byLabel = hasLabelColumns(header, numColumns);
  const classOf = Int32Array.from({ length: numColumns }, (_, column) =>
    byLabel ? internalLabel(header, column) : column,
  );
  const p = new Float64Array(numColumns);
  const top = new Int32Array(NUM_TOP);
  for (let row = 0; row < numRois; row++) {
    const start = row * numColumns;
    const norm = isSoftmax ? logSumExp(logits, start, numColumns) : Number.NaN;
    for (let c = 0; c < numColumns; c++)
      p[c] = isSoftmax ? Math.exp(logits[start + c] - norm) : sigmoid(logits[start + c]);
    if (hasNaN(p)) continue;
    writeTop(p, top, classOf, rois, row);
    rois.entropy[row] = isSoftmax ? entropyOf(p) : binaryEntropyOf(p);
    if (image.label[row] >= 0) rois.el2n[row] = el2nOf(p, classOf.indexOf(rois.gtClass[row]));
  }
}

function writeTop(p: Float64Array, top: Int32Array, classOf: Int32Array, rois: RoiTable, row: number): void {
  const numTop = readTop(p, top);
  for (let place = 0; place < numTop; place++) {
    rois.topClass[row * NUM_TOP + place] = classOf[top[place]];
    rois.topScore[row * NUM_TOP + place] = p[top[place]];
  }
  let best = NONE;
  for (let c = 0; c < p.length; c++) if (classOf[c] < rois.numClasses && (best === NONE || p[c] > p[best])) best = c;
  if (best === NONE) return;
  rois.predClass[row] = classOf[best];
  rois.score[row] = p[best];
}

/** The columns of the NUM_TOP highest, highest first, equal ones by lower column. @returns how many there are. */
function readTop(p: Float64Array, top: Int32Array): number {
  let count = 0;
  for (let c = 0; c < p.length; c++) {
    if (count === NUM_TOP && p[c] <= p[top[NUM_TOP - 1]]) continue;
    if (count < NUM_TOP) count++;
    let place = count - 1;
    for (; place > 0 && p[top[place - 1]] < p[c]; place--) top[place] = top[place - 1];
    top[place] = c;
  }
  return count;
}

function hasNaN(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}
