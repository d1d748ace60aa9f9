import { sigmoid } from '../core/class-scores.js';
import { logSumExp } from '../core/cls-loss.js';
import { NONE, NUM_TOP } from '../core/tables.js';
import type { RoiTable } from '../core/tables.js';
import type { DumpHeader, DumpImage } from './dump.js';
import { hasLabelColumns, internalLabel } from './dump-labels.js';

/**
 * Fills `score`, `predClass` and the top lists from what a dump says: `score` and `pred_label` as given, else from its
 * logits; NaN and NONE where it says neither.
 */
export function writeDumpScores(header: DumpHeader, image: DumpImage, rois: RoiTable): void {
  rois.score.fill(Number.NaN);
  if (image.logits !== null && header.activation !== null) writeTopScores(header, image, image.logits, rois);
  if (image.score !== null) rois.score.set(image.score);
  if (image.predLabel === null) return;
  for (let row = 0; row < image.numRois; row++) {
    const label = internalLabel(header, image.predLabel[row]);
    rois.predClass[row] = label === header.classes.length ? NONE : label;
  }
}

/** Probabilities of each row's labels, highest first; equal ones by lower column. */
function writeTopScores(header: DumpHeader, { numColumns, numRois }: DumpImage, logits: Float64Array, rois: RoiTable): void {
  const K = header.classes.length;
  const byLabel = hasLabelColumns(header, numColumns);
  const classOf = (column: number) => (byLabel ? internalLabel(header, column) : column);
  for (let row = 0; row < numRois; row++) {
    const start = row * numColumns;
    const norm = header.activation === 'softmax' ? logSumExp(logits, start, numColumns) : Number.NaN;
    const probabilities = Array.from({ length: numColumns }, (_, c) => (header.activation === 'softmax' ? Math.exp(logits[start + c] - norm) : sigmoid(logits[start + c])));
    if (probabilities.some(Number.isNaN)) continue;
    const order = probabilities.map((_, c) => c).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
    order.slice(0, NUM_TOP).forEach((column, place) => {
      rois.topClass[row * NUM_TOP + place] = classOf(column);
      rois.topScore[row * NUM_TOP + place] = probabilities[column];
    });
    const best = order.find((column) => classOf(column) < K);
    if (best === undefined) continue;
    rois.predClass[row] = classOf(best);
    rois.score[row] = probabilities[best];
  }
}
