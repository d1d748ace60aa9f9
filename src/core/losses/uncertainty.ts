/**
 * How undecided a head is and how far it is from the label: entropy and EL2N of each RoI. Formulas: docs/measures.md.
 *
 * Both are of the class scores that the table shows: of a softmax all its columns, background too; of a sigmoid head K
 * independent answers, times objectness where there is one. Hence a cell that objectness silences has an entropy near
 * 0, whatever its untrained class branch says (docs/adr/0009).
 */
import { binaryEntropy, hasTableEntropy, tableEntropy } from './binary-entropy.js';
import { numScoreColumns, objectOf, probabilityOf, sigmoid } from './class-scores.js';
import type { DetectorOutput } from './detector-output.js';
import { float32Bits } from './float32-bits.js';
import { IGNORE, isForeground, type RealColumn, type RoiTable } from '../tables.js';

/**
 * Entropy of one categorical distribution: -Σ p ln p, nats, [0, ln C]; a p of 0 adds 0.
 * @param p C probabilities. NaN gives NaN.
 */
export function entropyOf(p: Float64Array): number {
  let entropy = 0;
  for (let k = 0; k < p.length; k++) if (p[k] !== 0) entropy -= p[k] * Math.log(p[k]);
  return entropy + 0;
}

/**
 * Joint entropy of K independent yes-or-no answers: Σ -p ln p - (1 - p) ln(1 - p), nats, [0, K ln 2].
 * @param p K probabilities. NaN gives NaN.
 */
export function binaryEntropyOf(p: Float64Array): number {
  let entropy = 0;
  for (let k = 0; k < p.length; k++) entropy += binaryEntropy(p[k]);
  return entropy;
}

/**
 * EL2N, the error's L2 norm: ‖p - y‖₂ with y one-hot, [0, √C].
 * @param p C probabilities. NaN gives NaN.
 * @param label column that should be 1; outside [0, C): none should (background of a sigmoid head).
 * Source: Paul, Ganguli, Dziugaite 2021 (arXiv 2107.07075), definition of the EL2N score; of one network, not a mean.
 */
export function el2nOf(p: Float64Array, label: number): number {
  let squares = 0;
  for (let k = 0; k < p.length; k++) squares += (k === label ? 1 - p[k] : p[k]) ** 2;
  return Math.sqrt(squares);
}

/**
 * Fills `entropy` and `el2n`. Rows without a usable score (`score` NaN) get NaN twice, ignored rows a NaN `el2n`.
 * @param norms of `softmaxNorms`.
 * @param rois with labels and scores written.
 * Cost: R * C.
 */
export function writeUncertainty(output: DetectorOutput, norms: Float64Array | null, rois: RoiTable): void {
  if (output.scoreForm.activation === 'softmax') writeSoftmax(output, norms, rois);
  else writeSigmoid(output, rois);
  for (let row = 0; row < rois.numRois; row++) {
    if (Number.isNaN(rois.score[row])) rois.entropy[row] = Number.NaN;
    if (Number.isNaN(rois.score[row]) || rois.gtClass[row] === IGNORE) rois.el2n[row] = Number.NaN;
  }
}

function writeSoftmax(output: DetectorOutput, norms: Float64Array | null, rois: RoiTable): void {
  const { scores } = output;
  const given = output.scoreForm.given === 'probabilities';
  const columns = numScoreColumns(output);
  const p = new Float64Array(columns);
  for (let row = 0; row < rois.numRois; row++) {
    const norm = norms === null ? Number.NaN : norms[row];
    for (let k = 0; k < columns; k++) p[k] = probabilityOf(scores[row * columns + k], given, norm);
    rois.entropy[row] = entropyOf(p);
    rois.el2n[row] = el2nOf(p, rois.gtClass[row]);
  }
}

function writeSigmoid({ scores, objectness, scoreForm, numClasses }: DetectorOutput, rois: RoiTable): void {
  const given = scoreForm.given === 'probabilities';
  // Probabilities without objectness are read where they stand.
  const inPlace = given && objectness === null;
  const p = inPlace ? scores : new Float64Array(numClasses);
  const rounded = inPlace ? scores : new Float32Array(numClasses);
  const bits = float32Bits(rounded);
  for (let row = 0; row < rois.numRois; row++) {
    const start = row * numClasses;
    if (!inPlace) {
      const object = objectness === null ? 1 : objectOf(objectness[row], given);
      for (let k = 0; k < numClasses; k++) {
        const x = given ? Math.min(scores[start + k], 1) : sigmoid(scores[start + k]);
        rounded[k] = p[k] = object * x;
      }
    }
    writeSigmoidRow(p, bits, inPlace ? start : 0, rois, row);
  }
}

/**
 * Kernel: the K probabilities of a row from `start` on. 8,400 x 80 of them take 2 ms (Node 20, one core).
 * @param bits of the probabilities as float32. Near 1, where the entropy is steep, p itself is read.
 */
function writeSigmoidRow(p: RealColumn, bits: Uint32Array, start: number, rois: RoiTable, row: number): void {
  let entropy = 0;
  let squares = 0;
  for (let i = start; i < start + rois.numClasses; i++) {
    const x = p[i];
    if (hasTableEntropy(bits[i])) {
      squares += x * x;
      entropy += tableEntropy(bits[i]);
      continue;
    }
    const q = Math.min(Math.max(x, 0), 1);
    squares += q * q;
    entropy += binaryEntropy(q);
  }
  // Σ q² with the label's q² replaced by (1 - q)².
  const label = isForeground(rois, row) ? p[start + rois.gtClass[row]] : null;
  const missed = label === null ? 0 : 1 - 2 * Math.min(Math.max(label, 0), 1);
  rois.entropy[row] = entropy;
  rois.el2n[row] = Math.sqrt(Math.max(0, squares + missed));
}
