/**
 * How a classifier wants its pixels scaled, learnt from labelled images: each usual scale is tried and the one with the
 * lowest smoothed cross-entropy wins. Smoothed, because a few dozen images may hold no mistake, and then plain
 * cross-entropy favours any scale that drives the network into saturation (digits of MNIST, 32 images: 0..255
 * costs the tfjs CNN 0.000 nats and the right 0..1 0.001; with 1 % on the wrong classes 0.276 and 0.223).
 */
import { logSumExp } from '../../core/losses/cls-loss.js';
import { softmaxLossFromProbabilities } from '../../core/losses/class/cross-entropy.js';
import type { ScoreForm } from '../../core/losses/detector-output.js';
import type { RgbImage } from '../../core/graph.js';
import type { Triple } from '../pixels/preprocess.js';

/** input = (pixel - mean) / std, pixels 0..255, in the input's channel order. */
export interface Scaling {
  /** As a note names it; '' where a contract gives it. */
  readonly name: string;
  readonly mean: Triple;
  readonly std: Triple;
  /** The network takes BGR; absent: RGB. */
  readonly isBgr?: boolean;
  /** Part of the shorter side that is kept in the middle, as a square, (0, 1]; absent: the whole image is stretched. */
  readonly crop?: number;
}

const grey = (name: string, mean: number, std: number): Scaling => ({
  name,
  mean: [mean, mean, mean],
  std: [std, std, std],
});

const UNIT_SCALE = grey('0..1', 0, 255);
export const BYTE_SCALE = grey('0..255', 0, 1);
const SIGNED_SCALE = grey('-1..1', 127.5, 127.5);

/** Best-known first: it wins a tie. */
export const GREY_SCALINGS: readonly Scaling[] = [
  UNIT_SCALE,
  BYTE_SCALE,
  SIGNED_SCALE,
  // Source: pytorch/examples mnist/main.py.
  grey('mean .1307, std .3081 (MNIST)', 0.1307 * 255, 0.3081 * 255),
];
export const COLOUR_SCALINGS: readonly Scaling[] = [
  UNIT_SCALE,
  BYTE_SCALE,
  SIGNED_SCALE,
  // Source: torchvision's classification models, which documents them with its weights.
  { name: 'ImageNet mean and std', mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] },
  // Source: Caffe's reference models; keras/applications/imagenet_utils.py, mode 'caffe'.
  { name: 'BGR minus mean (Caffe)', mean: [103.939, 116.779, 123.68], std: [1, 1, 1], isBgr: true },
];

/** The scale on the middle of the image. Source: torchvision's and Caffe's evaluation, 224 of a shorter side of 256. */
export function cropped(scaling: Scaling): Scaling {
  return { ...scaling, name: `${scaling.name}, centre crop`, crop: 224 / 256 };
}

export interface ScalingChoice {
  /** At least one. */
  readonly candidates: readonly Scaling[];
  /** What the network is documented with: taken whatever the trial says, which is noted; null: nothing. */
  readonly documented: Scaling | null;
}

/** Labelled images to try scales on. */
export interface Trial {
  readonly images: readonly RgbImage[];
  /** [0, K); others are left out. */
  readonly labels: Int32Array;
  readonly numClasses: number;
  /** What the contract says of the output; null: its values tell. */
  readonly scores: ScoreForm['given'] | null;
}

export interface ChosenScaling {
  readonly scaling: Scaling;
  readonly given: ScoreForm['given'];
  /** Were there labelled images enough to compare? */
  readonly isTried: boolean;
  /** The choice and the figures of all candidates. */
  readonly figures: readonly string[];
  /** How far to trust it; logits or a softmax. */
  readonly notes: readonly string[];
}

/** Fewer labelled images than this are no evidence: four of the hardest digits mislead the trial. */
const FEWEST_IMAGES = 16;
/** Weight of the wrong classes together. */
const SMOOTHING = 0.01;
/** A softmax's row sums to 1 within this. */
const SUM_TOLERANCE = 1e-3;

/** Scores of images under a scale. */
type RunScaling = (scaling: Scaling) => (images: readonly RgbImage[]) => Promise<Float32Array>;

/**
 * Chooses a scale and tells a softmax from logits: a softmax where every row of every trial is nowhere negative and
 * sums to 1. With fewer than 16 labelled images the documented scale or the first candidate; without any, logits.
 */
export async function chooseScaling(
  { candidates, documented }: ScalingChoice,
  trial: Trial,
  run: RunScaling,
): Promise<ChosenScaling> {
  const scores: Float32Array[] = [];
  for (const scaling of candidates) scores.push(await run(scaling)(trial.images));
  const given = trial.scores ?? (isSoftmax(scores, trial) ? 'probabilities' : 'logits');
  const losses = scores.map((rows) => smoothedLoss(rows, trial, given));
  // NaN: outputs that are none.
  const best = losses.reduce(
    (least, loss, i) => (loss < losses[least] || (Number.isNaN(losses[least]) && !Number.isNaN(loss)) ? i : least),
    0,
  );
  const place = documented === null ? best : candidates.indexOf(documented);
  const notes = [...weaknessNotes(losses, place, trial.numClasses), ...formNotes(scores[place], trial, given)];
  const isTried = losses.some((loss) => !Number.isNaN(loss));
  return { scaling: candidates[place], given, isTried, figures: scalingNotes(candidates, losses, place, best), notes };
}

/** Mean over the labelled images of cross-entropy against (1 - s) on the label and s on the others; NaN for too few. */
function smoothedLoss(rows: Float32Array, { labels, numClasses }: Trial, given: ScoreForm['given']): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label < 0 || label >= numClasses) continue;
    const own = lossAt(rows, i * numClasses, numClasses, label, given);
    let others = 0;
    for (let k = 0; k < numClasses; k++) if (k !== label) others += lossAt(rows, i * numClasses, numClasses, k, given);
    sum += (1 - SMOOTHING) * own + (SMOOTHING * others) / (numClasses - 1);
    count++;
  }
  return count < FEWEST_IMAGES ? Number.NaN : sum / count;
}

function lossAt(rows: Float32Array, start: number, numClasses: number, k: number, given: ScoreForm['given']): number {
  if (given === 'probabilities') return softmaxLossFromProbabilities(rows, start, numClasses, k);
  return logSumExp(rows, start, numClasses) - rows[start + k];
}

function isSoftmax(trials: readonly Float32Array[], { numClasses, images }: Trial): boolean {
  return (
    images.length > 0 &&
    trials.every((rows) =>
      everyRow(rows, numClasses, (row) => row.every((value) => value >= 0) && Math.abs(sumOf(row) - 1) < SUM_TOLERANCE),
    )
  );
}

function everyRow(rows: Float32Array, numClasses: number, holds: (row: Float32Array) => boolean): boolean {
  for (let start = 0; start < rows.length; start += numClasses)
    if (!holds(rows.subarray(start, start + numClasses))) return false;
  return true;
}

function sumOf(row: Float32Array): number {
  return row.reduce((sum, value) => sum + value, 0);
}

function scalingNotes(
  candidates: readonly Scaling[],
  losses: readonly number[],
  place: number,
  best: number,
): string[] {
  const { name } = candidates[place];
  if (name === '') return [];
  const chosen = `pixels are scaled to ${name}`;
  if (candidates.length === 1) return [chosen];
  if (losses.every(Number.isNaN)) return [`${chosen}: too few labelled images to try other scales`];
  const figure = (i: number) => `${candidates[i].name} ${losses[i].toFixed(3)}`;
  const others = candidates
    .map((_, i) => i)
    .filter((i) => i !== place)
    .map(figure)
    .join(', ');
  const trial = `smoothed cross-entropy on images of the data set ${losses[place].toFixed(3)}; ${others}`;
  if (place === best) return [`${chosen}: ${trial}`];
  return [
    `${chosen}, as the network is documented, though ${candidates[best].name} fits the labels better: ` +
      `${trial}. A contract can say otherwise`,
  ];
}

/** Share by which another loss has to be higher to prove anything. */
const LEAST_GAP = 0.1;

/** A choice that hardly beats the next one, or chance, is a guess. */
function weaknessNotes(losses: readonly number[], place: number, numClasses: number): string[] {
  const own = losses[place];
  const next = Math.min(...losses.filter((loss, i) => i !== place && !Number.isNaN(loss)));
  if (Number.isNaN(own) || next === Infinity) return [];
  const why = own >= Math.log(numClasses) ? 'no better than chance' : 'another scale fits nearly as well';
  const isWeak = own >= Math.log(numClasses) || next < own * (1 + LEAST_GAP);
  return isWeak ? [`weak evidence for the scale of the pixels, ${why}: a contract can say it`] : [];
}

/** Outputs in [0, 1] that are no distribution are likely those of independent sigmoids. */
function formNotes(rows: Float32Array, { scores, numClasses, images }: Trial, given: ScoreForm['given']): string[] {
  if (given === 'probabilities') return ['from probabilities: the output went through a softmax'];
  const looksSigmoid =
    scores === null &&
    images.length > 0 &&
    everyRow(rows, numClasses, (row) => row.every((value) => value >= 0 && value <= 1));
  if (looksSigmoid)
    return ['all outputs lie in [0, 1], but rows do not sum to 1: read as logits; a contract can say otherwise'];
  return ['from logits'];
}
