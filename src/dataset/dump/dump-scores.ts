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
  for (let row = 0; row < numRois; row++) {
    const start = row * numColumns;
    const norm = isSoftmax ? logSumExp(logits, start, numColumns) : Number.NaN;
    for (let c = 0; c < numColumns; c++)
      p[c] = isSoftmax ? Math.exp(logits[start + c] - norm) : sigmoid(logits[start + c]);
    if (p.some(Number.isNaN)) continue;
    writeTop(p, classOf, rois, row);
    rois.entropy[row] = isSoftmax ? entropyOf(p) : binaryEntropyOf(p);
    if (image.label[row] >= 0) rois.el2n[row] = el2nOf(p, classOf.indexOf(rois.gtClass[row]));
  }
}

function writeTop(p: Float64Array, classOf: Int32Array, rois: RoiTable, row: number): void {
  const order = Array.from(p, (_, c) => c).sort((a, b) => p[b] - p[a] || a - b);
  for (let place = 0; place < Math.min(NUM_TOP, order.length); place++) {
    rois.topClass[row * NUM_TOP + place] = classOf[order[place]];
    rois.topScore[row * NUM_TOP + place] = p[order[place]];
  }
  const best = order.find((column) => classOf[column] < rois.numClasses);
  if (best === undefined) return;
  rois.predClass[row] = classOf[best];
  rois.score[row] = p[best];
}
