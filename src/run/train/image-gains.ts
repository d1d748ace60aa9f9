/** What a training gained on each image that it was measured on: before its first step, and at the last evaluation. */
import { join } from 'node:path';
import * as v from 'valibot';
import { MAX_BYTES, readText } from '../../files/reading.js';
import { check } from '../../protocol/check.js';
import type { GainFacts, GainSight, ImageGain, TrainingGains } from '../../protocol/train-messages.js';
import { IMAGES_FILE } from '../../protocol/training-folder.js';

const numbers = v.pipe(v.array(v.number()), v.readonly());
const texts = v.pipe(v.array(v.string()), v.readonly());
const box = v.pipe(v.strictTuple([v.number(), v.number(), v.number(), v.number()]), v.readonly());
const boxColumns = {
  /** Place among the M images. */
  image: numbers,
  /** [0, K) */
  label: numbers,
  /** x1, y1, x2, y2 in px of the image's file. */
  box: v.pipe(v.array(box), v.readonly()),
};

/** One evaluation. M images, G objects, D detections. */
const line = v.strictObject({
  /** Steps done; 0 before any update. */
  step: v.number(),
  epoch: v.number(),
  /** K names. */
  classes: texts,
  /** M: the image's path relative to the data set's root, and its absolute path. */
  id: texts,
  path: texts,
  /** M: px. */
  width: numbers,
  height: numbers,
  /** M: mean class + box loss over the image's RoIs that are not ignored, nats; 0 without any. */
  loss: numbers,
  /** G: without crowds and difficult ones; `found`: 1 or 0, by `foundObjects`. */
  objects: v.strictObject({ ...boxColumns, found: numbers }),
  /** D: scores of at least .5, the highest of an image first. */
  detections: v.strictObject({ ...boxColumns, score: numbers }),
});
/** A line of `images.jsonl`. */
export type ImagesLine = v.InferOutput<typeof line>;

/**
 * Each image that was measured at step 0 and at the last evaluation, the highest gain first; equal ones by their ids.
 * @param out folder of the training.
 * @returns null where there are no two evaluations: the training measures no images, or has not come so far.
 * @throws MiningError 'options' for a file that no training has written.
 * Cost: reads the file, parses its first line and its last.
 */
export async function imageGains(out: string): Promise<TrainingGains | null> {
  const ends = await readEnds(out);
  if (ends === null) return null;
  const [before, after] = ends;
  const [countBefore, countAfter] = ends.map(countsOf);
  const images = pairs(before, after).map(([from, to]): ImageGain => ({
    id: after.id[to],
    lossBefore: before.loss[from],
    lossAfter: after.loss[to],
    numObjects: countAfter.objects[to],
    numFoundBefore: countBefore.found[from],
    numFoundAfter: countAfter.found[to],
  }));
  images.sort((a, b) => gainOf(b) - gainOf(a) || a.id.localeCompare(b.id));
  return { step: after.step, epoch: after.epoch, facts: factsOf(images), images };
}

/** Nats of the mean loss that the image has lost; below 0: it got worse. */
export function gainOf({ lossBefore, lossAfter }: ImageGain): number {
  return lossBefore - lossAfter;
}

/**
 * Objects and detections of one image at both ends, and where its pixels are; null where it was not measured at both.
 * @throws MiningError as `imageGains`.
 */
export async function gainOnImage(out: string, id: string): Promise<GainSight | null> {
  const ends = await readEnds(out);
  if (ends === null) return null;
  const [before, after] = ends;
  const [from, to] = [before.id.indexOf(id), after.id.indexOf(id)];
  if (from < 0 || to < 0) return null;
  const { path, width, height, classes } = after;
  const sights = { before: sightOf(before, from), after: sightOf(after, to) };
  return { id, path: path[to], width: width[to], height: height[to], classes, ...sights };
}

/** The first evaluation, if it is of step 0, and the last; a line that a kill cut short counts for nothing. */
async function readEnds(out: string): Promise<readonly [ImagesLine, ImagesLine] | null> {
  const file = join(out, IMAGES_FILE);
  // Everything before the last line's end is whole.
  const whole = (await readText(file, MAX_BYTES).catch(() => '')).split('\n').slice(0, -1);
  const [first, last] = [whole[0], whole.at(-1)];
  if (first === undefined || last === undefined || whole.length < 2) return null;
  const ends = [first, last].map((text) => check(line, parsed(text), 'images', file));
  return ends[0].step === 0 ? [ends[0], ends[1]] : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Rows of the images that both evaluations have. */
function pairs(before: ImagesLine, after: ImagesLine): [number, number][] {
  const rows = new Map(after.id.map((id, row) => [id, row]));
  return before.id.flatMap((id, row) => {
    const to = rows.get(id);
    return to === undefined ? [] : [[row, to] as [number, number]];
  });
}

function countsOf({ id, objects: { image, found } }: ImagesLine) {
  const counts = { objects: new Int32Array(id.length), found: new Int32Array(id.length) };
  image.forEach((row, g) => {
    counts.objects[row]++;
    counts.found[row] += found[g];
  });
  return counts;
}

function factsOf(images: readonly ImageGain[]): GainFacts {
  const sum = (value: (image: ImageGain) => number) => images.reduce((total, image) => total + value(image), 0);
  return {
    numBetter: images.filter((image) => gainOf(image) > 0).length,
    numWorse: images.filter((image) => gainOf(image) < 0).length,
    lossBefore: sum(({ lossBefore }) => lossBefore) / Math.max(images.length, 1),
    lossAfter: sum(({ lossAfter }) => lossAfter) / Math.max(images.length, 1),
    numObjects: sum(({ numObjects }) => numObjects),
    numFoundBefore: sum(({ numFoundBefore }) => numFoundBefore),
    numFoundAfter: sum(({ numFoundAfter }) => numFoundAfter),
  };
}

/** What is drawn: the objects, found or missed, then the detections. */
function sightOf({ objects, detections }: ImagesLine, row: number): GainSight['before'] {
  const own = ({ image }: { readonly image: readonly number[] }) => [...image.keys()].filter((i) => image[i] === row);
  return [
    ...own(objects).map((i) => ({
      kind: objects.found[i] === 1 ? ('found' as const) : ('missed' as const),
      label: objects.label[i],
      box: objects.box[i],
      score: null,
    })),
    ...own(detections).map((i) => ({
      kind: 'detection' as const,
      label: detections.label[i],
      box: detections.box[i],
      score: detections.score[i],
    })),
  ];
}
