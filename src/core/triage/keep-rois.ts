/** The RoIs of an image that a run keeps, such that what mining and a person ask is answered as by all of them. */
import { takeRows } from '../concat-roi-tables.js';
import { rankRows } from '../rank.js';
import { bestBox } from './best-box.js';
import { reportGts } from '../reports/gt-report.js';
import { binOf, NUM_BINS, type RoiRest } from '../roi-rest.js';
import { sampleWithoutReplacement, seededRandom } from '../seeded-random.js';
import { IGNORE, isForeground, NONE, type GtTable, type RoiTable } from '../tables.js';

/**
 * About the `numKept` hardest RoIs of an image. Kept are: every RoI that is matched with an object; of each object the
 * RoI that covers it best, and the one that finds it; three quarters of `numKept` for the hardest background by class
 * loss (with foreground whole, that is the loss order of every preset); the highest scores from `leastScore` on, four
 * times `numKept` at most; an eighth for a sample of all RoIs, and an eighth for the first ones, which a ranking by box
 * loss takes where losses are 0. They overlap.
 * @param rois RoIs of one image. One that has a rest is returned as it is.
 * @param gts ground truth of that image.
 * @param leastScore of a detection, [0, 1].
 * @returns rows in their order, with what is left out as the rest of image 0.
 * Cost: R * G, and two sorts of R.
 */
export function keepRois(rois: RoiTable, gts: GtTable, numKept: number, leastScore: number): RoiTable {
  if (rois.rests !== undefined || rois.numRois <= numKept) return rois;
  const all = new Int32Array(rois.numRois).map((_, row) => row);
  const kept = new Uint8Array(rois.numRois);
  const keep = (rows: Iterable<number>) => {
    for (const row of rows) if (row !== NONE) kept[row] = 1;
  };
  const highest = (values: Float32Array | Float64Array, rows: Int32Array, count: number) =>
    keep(rankRows(new Float64Array(values), rows).subarray(0, count));
  const candidates = all.filter((row) => isCandidate(rois, row));
  const detections = all.filter((row) => rois.score[row] >= leastScore);
  const eighth = Math.ceil(numKept / 8);
  const sample = sampleWithoutReplacement(all, eighth, seededRandom(seedOf(rois)));
  keep(all.filter((row) => isForeground(rois, row) || rois.gtIndex[row] !== NONE || hasOddBoxLoss(rois, row)));
  keep(reportGts(rois, gts).bestRoi);
  keep(Array.from({ length: gts.numGts }, (_, gt) => bestBox(rois, gts, gt).row));
  highest(rois.lossCls, candidates, 6 * eighth);
  // All of a head on proposals: softmax over few classes gives most of them as much.
  highest(rois.score, detections, 4 * numKept);
  keep(all.subarray(0, eighth));
  keep(sample);
  // A probe stands for background: where none is left out, nothing that could be ranked is.
  if (candidates.every((row) => kept[row] === 1)) keep(all.filter((row) => rois.gtClass[row] === IGNORE));
  const left = all.filter((row) => kept[row] === 0);
  if (left.length === 0) return rois;
  const sampled = new Uint8Array(rois.numRois);
  for (const row of sample) sampled[row] = 1;
  const rows = all.filter((row) => kept[row] === 1);
  return { ...takeRows({ ...rois, sampled }, rows), rests: new Map([[0, restOf(rois, left)]]) };
}

/** Background that can be ranked. */
function isCandidate({ gtClass, numClasses, lossCls }: RoiTable, row: number): boolean {
  return gtClass[row] === numClasses && Number.isFinite(lossCls[row]);
}

/** Presets that count the box loss as given rank all others that are no foreground. */
function hasOddBoxLoss(rois: RoiTable, row: number): boolean {
  return !Number.isFinite(rois.lossLoc[row]) && (rois.gtClass[row] === IGNORE || isCandidate(rois, row));
}

/** The same sample whenever the image is measured alike (FNV-1a over its class losses). */
function seedOf({ lossCls }: RoiTable): number {
  let hash = 0x811c9dc5;
  for (const word of new Int32Array(new Float32Array(lossCls).buffer)) hash = Math.imul(hash ^ word, 0x01000193);
  return hash;
}

function restOf(rois: RoiTable, rows: Int32Array): RoiRest {
  const histogram = new Int32Array(NUM_BINS);
  let [numBackground, numIgnored, numInvalid, sumLossCls] = [0, 0, 0, 0];
  let [firstIndex, maxLossCls, maxLossLoc, maxScore]: number[] = [NONE, -Infinity, -Infinity, Number.NaN];
  for (const row of rows) {
    if (!(rois.score[row] <= maxScore) && !Number.isNaN(rois.score[row])) maxScore = rois.score[row];
    const isIgnored = rois.gtClass[row] === IGNORE;
    if (!isIgnored && !isCandidate(rois, row)) {
      numInvalid++;
      continue;
    }
    const loss = isIgnored ? 0 : rois.lossCls[row];
    if (firstIndex === NONE) firstIndex = rois.roiIndex[row];
    maxLossCls = Math.max(maxLossCls, loss);
    maxLossLoc = Math.max(maxLossLoc, rois.lossLoc[row]);
    if (isIgnored) {
      numIgnored++;
      continue;
    }
    numBackground++;
    sumLossCls += loss;
    histogram[binOf(loss)]++;
  }
  if (firstIndex === NONE) [maxLossCls, maxLossLoc] = [0, 0];
  return { numBackground, numIgnored, numInvalid, firstIndex, maxLossCls, maxLossLoc, maxScore, sumLossCls, histogram };
}
