/** "Check the label": where a run's predictions and labels contradict each other, most suspicious first. */
import type { RunImage } from '../../arrow/encode-run.js';
import { mistakenness } from '../../core/reports/dataset-measures.js';
import { numGiven } from '../../core/facts/image-list.js';
import { NONE } from '../../core/tables.js';
import type { DetectOptions } from '../../core/triage/detections.js';
import { labelQuality, leastSimilarity, type SureScores } from '../../core/triage/label-quality.js';
import { labelSuspects, suspectQueue, type Suspect, type Suspicion } from '../../core/triage/label-suspects.js';
import { scoreQuantile } from '../../core/triage/score-quantile.js';
import { extentOf, shortfallOf, tryReadImage, withRun, type RunExtent, type Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { detectImages, type DetectedImage, type OnRead } from './detected-images.js';

/** Which predictions are sure. */
export interface SureChoice extends SureScores {
  /** `low` and `high` are quantiles of the scores of all detections. */
  readonly asQuantiles: boolean;
}

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/** One suspect, for people and scripts. What belongs to a label or to a prediction is null where there is none. */
export interface SuspectRecord {
  readonly image: string;
  /** Row of the run file. */
  readonly image_index: number;
  readonly kind: Suspicion;
  /** Low: suspicious; comparable within a kind. */
  readonly score: number;
  readonly label: string | null;
  /** Row of the image's ground truth. */
  readonly gt_index: number | null;
  readonly gt_box: Box | null;
  /** Where the label stands in its file. */
  readonly annotation: number | null;
  readonly annotation_path: string;
  readonly predicted: string | null;
  readonly predicted_score: number | null;
  readonly pred_box: Box | null;
  /** RoI of the image. */
  readonly row: number | null;
  /** The label that this one doubles. */
  readonly other_gt_index: number | null;
}

export interface RunSuspects {
  /** "Check the label", first the one to look at first. */
  readonly suspects: readonly SuspectRecord[];
  /** Detection: label quality of images by ObjectLab, lowest first. */
  readonly images: readonly { readonly image: string; readonly image_index: number; readonly quality: number }[];
  /** Detection: the scores above which predictions were asked; null in classification. */
  readonly sure: SureScores | null;
  /** Images that could not be measured, whose labels are not checked. */
  readonly numFailed: number;
  /** They look like images of the training. */
  readonly ofTraining: boolean;
  /** What a person should know of the figures, in words. */
  readonly notes: readonly string[];
  readonly extent: RunExtent;
  readonly shortfall: Shortfall;
}

/**
 * Suspects of a run. A classifier's images are suspects where the prediction is another class than the label.
 * @throws MiningError as `detectImages`.
 * Cost: reads every RoI once; the detections of all images are in memory.
 */
export function runSuspects(path: string, detecting: DetectOptions, choice: SureChoice): Promise<RunSuspects> {
  return withRun(path, (run) => suspectsOf(run, detecting, choice));
}

/** The same of a run that is open. @param onRead as `detectImages` takes it. */
export async function suspectsOf(
  run: RunReader,
  detecting: DetectOptions,
  choice: SureChoice,
  onRead: OnRead = () => undefined,
): Promise<RunSuspects> {
  const ofDetector = run.manifest.task === 'detection';
  const found = ofDetector ? await inDetections(run, detecting, choice, onRead) : await inExamples(run, onRead);
  const { split, path: data } = run.manifest.dataset;
  const numFailed = numGiven(run.images, 'error');
  const ofTraining = run.manifest.lossSource === 'training' || /train/i.test(split ?? data.split(/[\\/]/).at(-1) ?? '');
  const extent = extentOf(run);
  const facts = { ...found, numFailed, ofTraining, extent };
  return { ...facts, notes: notesOf(facts), shortfall: shortfallOf(run) };
}

type Found = Pick<RunSuspects, 'suspects' | 'images' | 'sure'>;

async function inDetections(
  run: RunReader,
  detecting: DetectOptions,
  choice: SureChoice,
  onRead: OnRead,
): Promise<Found> {
  const images = await detectImages(run, detecting, onRead);
  const sure = sureScores(images, choice);
  const least = images.reduce((all, { found, gts }) => Math.min(all, leastSimilarity(found, gts)), 1);
  const judged = images.map((image) => ({ image, quality: labelQuality(image.found, image.gts, least, sure) }));
  const all = judged.flatMap(({ image, quality }) =>
    labelSuspects(image.found, image.gts, quality, sure.high).map((suspect) => ({ ...suspect, image })),
  );
  const queue = suspectQueue(all, ({ image, gt, detection }) =>
    gt === NONE ? `${image.imageIndex} detection ${detection}` : `${image.imageIndex} label ${gt}`,
  );
  return {
    suspects: queue.map((suspect) => recordOf(run, suspect)),
    images: judged
      .map(({ image: { id, imageIndex }, quality }) => ({ image: id, image_index: imageIndex, quality: quality.image }))
      .sort((a, b) => a.quality - b.quality),
    sure,
  };
}

function sureScores(images: readonly DetectedImage[], { low, high, asQuantiles }: SureChoice): SureScores {
  if (!asQuantiles) return { low, high };
  const scores = Float64Array.from(images.flatMap(({ found }) => [...found.score]));
  return { low: scoreQuantile(scores, low), high: scoreQuantile(scores, high) };
}

function recordOf(
  { manifest: { classes }, images }: RunReader,
  { kind, score, gt, detection, otherGt, image }: Suspect & { readonly image: DetectedImage },
): SuspectRecord {
  const { found, gts, id, imageIndex } = image;
  const hasGt = gt !== NONE;
  const hasDetection = detection !== NONE;
  return {
    image: id,
    image_index: imageIndex,
    kind,
    score,
    label: hasGt ? classes[gts.gtClass[gt]] : null,
    gt_index: hasGt ? gt : null,
    gt_box: hasGt ? [gts.x1[gt], gts.y1[gt], gts.x2[gt], gts.y2[gt]] : null,
    annotation: hasGt && gts.annotation[gt] !== NONE ? gts.annotation[gt] : null,
    annotation_path: images.at(imageIndex)?.annotationPath ?? '',
    predicted: hasDetection ? classes[found.predClass[detection]] : null,
    predicted_score: hasDetection ? found.score[detection] : null,
    pred_box: hasDetection
      ? [found.x1[detection], found.y1[detection], found.x2[detection], found.y2[detection]]
      : null,
    row: hasDetection ? found.row[detection] : null,
    other_gt_index: otherGt === NONE ? null : otherGt,
  };
}

async function inExamples(run: RunReader, onRead: OnRead): Promise<Found> {
  const suspects: SuspectRecord[] = [];
  for (const [i, { error }] of run.images.entries()) {
    const image = error === '' ? await tryReadImage(run, i) : null;
    if (image !== null) suspects.push(...examplesOf(run, image, i));
    onRead(i + 1);
  }
  return { suspects: suspects.sort((a, b) => a.score - b.score), images: [], sure: null };
}

/** An image of a classifier is one RoI. */
function examplesOf(
  { manifest: { classes } }: RunReader,
  { summary, rois, gts }: RunImage,
  i: number,
): SuspectRecord[] {
  const isSuspect = (row: number) =>
    rois.gtClass[row] >= 0 && rois.predClass[row] !== NONE && rois.predClass[row] !== rois.gtClass[row];
  return Array.from(rois.gtClass.keys())
    .filter(isSuspect)
    .map((row) => ({
      image: summary.id,
      image_index: i,
      kind: 'disagreement',
      score: 1 - mistakenness(rois.score[row], false),
      label: classes[rois.gtClass[row]],
      gt_index: null,
      gt_box: null,
      annotation: gts.numGts > 0 && gts.annotation[0] !== NONE ? gts.annotation[0] : null,
      annotation_path: summary.annotationPath,
      predicted: classes[rois.predClass[row]],
      predicted_score: rois.score[row],
      pred_box: null,
      row,
      other_gt_index: null,
    }));
}

function notesOf({
  sure,
  numFailed,
  ofTraining,
  extent: { complete, num_images, num_in_dataset },
}: Pick<RunSuspects, 'sure' | 'numFailed' | 'ofTraining' | 'extent'>): string[] {
  const notes: string[] = [];
  if (numFailed > 0) notes.push(`${numFailed} images could not be measured: their labels are not checked`);
  if (!complete && sure !== null)
    notes.push(`provisional: the least similarity and quantiles are of ${num_images} of ${num_in_dataset} images`);
  if (ofTraining)
    notes.push(
      'these look like images of the training: a network that has learnt a wrong label does not contradict it',
    );
  return notes;
}

export const SUSPECT_FIELDS = [
  'image',
  'image_index',
  'kind',
  'score',
  'label',
  'gt_index',
  'gt_box',
  'annotation',
  'annotation_path',
  'predicted',
  'predicted_score',
  'pred_box',
  'row',
  'other_gt_index',
] as const satisfies readonly (keyof SuspectRecord)[];
