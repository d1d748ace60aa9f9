/** A run before a training and one after it, over the same data: which hard examples became easy, stayed, are new. */
import { dataDifference, dataFacts } from '../../core/facts/run-manifest.js';
import type { RunImage } from '../../arrow/encode-run.js';
import { Fate, lossOfRow, matchHardExamples, type ExampleFates } from '../../core/reports/example-fates.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { keepsHardest } from '../../core/mining/select.js';
import { IGNORE, NONE, miningBoxes, type RoiTable } from '../../core/tables.js';
import { observeObjects } from '../../core/reports/training-dynamics.js';
import { type FateFacts, type FateOfImage, type FateRows } from '../../protocol/train-messages.js';
import { FATES } from '../../core/reports/example-fates.js';
import { minibatchSize } from '../../core/mining/minibatches.js';
import { decideBatch } from '../file/minibatch.js';
import { decideRun, readImage, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** Both sides of a comparison. */
export interface BeforeComparison {
  readonly total: FateFacts;
  /** Images that both runs have measured, in file order. */
  readonly images: readonly FateOfImage[];
  /** A run keeps the hardest RoIs only: of background the easier side of a pair may be another RoI, or none. */
  readonly isKept: boolean;
}

/**
 * Compares image by image. Both are decided by the configuration of the run before.
 * @throws MiningError 'run-file' where the runs are of different data, images or classes, or no detections.
 * Cost: reads every RoI once; one minibatch of each is in memory.
 */
export function compareBefore(before: string, after: string): Promise<BeforeComparison> {
  return withBoth(before, after, async (a, b) => {
    const { mining } = a.manifest;
    const images: FateOfImage[] = [];
    const all = noSums();
    const others = decidedImages(b, mining);
    for await (const first of decidedImages(a, mining)) {
      const next = await others.next();
      if (next.done === true) break;
      const second = next.value;
      checkSameImage(first, second, after);
      if (first.image.summary.error !== '' || second.image.summary.error !== '') continue;
      const sums = sumsOf(first, second, isSigmoid(a), isSigmoid(b));
      addSums(all, sums);
      images.push({ imageIndex: first.imageIndex, id: first.image.summary.id, ...factsOf(sums) });
    }
    const isKept = [a, b].some((run) => keepsHardest(run.manifest));
    return { total: factsOf(all), images, isKept };
  });
}

/**
 * The hard examples of one image under both runs. @throws as `compareBefore`; RangeError for an image that is not
 * there.
 */
export function fatesOnImage(before: string, after: string, imageIndex: number): Promise<FateRows> {
  return withBoth(before, after, async (a, b) => {
    const { mining } = a.manifest;
    const [first, second] = [await decideImage(a, mining, imageIndex), await decideImage(b, mining, imageIndex)];
    checkSameImage(first, second, after);
    return rowsOf(imageIndex, first.rois, second.rois, fatesOf(first, second));
  });
}

interface DecidedImage {
  readonly imageIndex: number;
  readonly image: RunImage;
  readonly rois: RoiTable;
  readonly status: Uint8Array;
}

function withBoth<T>(before: string, after: string, use: (a: RunReader, b: RunReader) => Promise<T>): Promise<T> {
  return withRun(before, (a) =>
    withRun(after, (b) => {
      checkSameData(a, b, after);
      return use(a, b);
    }),
  );
}

function checkSameData({ manifest: a }: RunReader, { manifest: b }: RunReader, file: string): void {
  const refuse = (key: string, expected: unknown, received: unknown) =>
    new MiningError('run-file', said`compare with before: ${key}`, show(expected), show(received), { file });
  if (b.task !== 'detection') throw refuse('task', 'detection', b.task);
  const key = dataDifference(a, b);
  if (key !== null) throw refuse(key, dataFacts(a)[key], dataFacts(b)[key]);
}

function checkSameImage(a: DecidedImage, b: DecidedImage, file: string): void {
  const [expected, received] = [a.image.summary.id, b.image.summary.id];
  if (expected !== received)
    throw new MiningError('run-file', said`image ${a.imageIndex}`, show(expected), show(received), { file });
}

function isSigmoid({ manifest }: RunReader): boolean {
  return manifest.measure?.scoreForm.activation === 'sigmoid';
}

async function* decidedImages(run: RunReader, mining: MiningConfig): AsyncGenerator<DecidedImage> {
  for await (const { images, firstImage, selection, rowStart } of decideRun(run, mining)) {
    for (const [i, image] of images.entries()) {
      yield {
        imageIndex: firstImage + i,
        image,
        rois: image.rois,
        status: selection.status.subarray(rowStart[i], rowStart[i + 1]),
      };
    }
  }
}

async function decideImage(run: RunReader, mining: MiningConfig, imageIndex: number): Promise<DecidedImage> {
  if (!(Number.isInteger(imageIndex) && imageIndex >= 0 && imageIndex < run.images.length))
    throw new RangeError(`image ${imageIndex} of ${run.images.length}`);
  const size = minibatchSize(mining);
  const firstImage = imageIndex - (imageIndex % size);
  const images: RunImage[] = [];
  for (let i = firstImage; i < Math.min(firstImage + size, run.images.length); i++)
    images.push(await readImage(run, i));
  const { selection, rowStart } = decideBatch(images, mining);
  const place = imageIndex - firstImage;
  return {
    imageIndex,
    image: images[place],
    rois: images[place].rois,
    status: selection.status.subarray(rowStart[place], rowStart[place + 1]),
  };
}

function fatesOf(first: DecidedImage, second: DecidedImage): ExampleFates {
  return matchHardExamples(first.rois, first.status, second.rois, second.status);
}

/** Sums of parts add up to sums of the whole. */
interface Sums {
  /** By `Fate`. */
  readonly count: number[];
  /** Examples with a RoI on both sides, and their losses. */
  readonly numPaired: number[];
  readonly before: number[];
  readonly after: number[];
  /** numObjects, known before, known after, known both times. */
  readonly objects: number[];
}

function noSums(): Sums {
  const zeros = () => FATES.map(() => 0);
  return { count: zeros(), numPaired: zeros(), before: zeros(), after: zeros(), objects: [0, 0, 0, 0] };
}

function addSums(all: Sums, part: Sums): void {
  for (const key of Object.keys(all) as (keyof Sums)[]) part[key].forEach((value, i) => (all[key][i] += value));
}

function sumsOf(first: DecidedImage, second: DecidedImage, sigmoidBefore: boolean, sigmoidAfter: boolean): Sums {
  const sums = noSums();
  const { fate, before, after } = fatesOf(first, second);
  fate.forEach((code, i) => {
    sums.count[code]++;
    const [lossBefore, lossAfter] = [lossOfRow(first.rois, before[i]), lossOfRow(second.rois, after[i])];
    if (!Number.isFinite(lossBefore + lossAfter)) return;
    sums.numPaired[code]++;
    sums.before[code] += lossBefore;
    sums.after[code] += lossAfter;
  });
  countObjects(sums.objects, first, second, sigmoidBefore, sigmoidAfter);
  return sums;
}

/** An object is recognised where its label is what its best RoI believes most; crowds are not asked for. */
function countObjects(
  objects: number[],
  first: DecidedImage,
  second: DecidedImage,
  sigmoidBefore: boolean,
  sigmoidAfter: boolean,
): void {
  const { gts } = first.image;
  const before = observeObjects(first.rois, gts, sigmoidBefore).learned;
  const after = observeObjects(second.rois, second.image.gts, sigmoidAfter).learned;
  for (let g = 0; g < gts.numGts; g++) {
    if (gts.gtClass[g] === IGNORE || gts.isCrowd[g] !== 0) continue;
    objects[0]++;
    objects[1] += before[g];
    objects[2] += after[g];
    objects[3] += before[g] & after[g];
  }
}

function factsOf({ count, numPaired, before, after, objects }: Sums): FateFacts {
  const means = (sum: readonly number[]) => {
    const mean = (code: number) => (numPaired[code] === 0 ? 0 : sum[code] / numPaired[code]);
    return { easy: mean(Fate.easy), stayed: mean(Fate.stayed), new: mean(Fate.new) };
  };
  const [numObjects, numKnownBefore, numKnownAfter, numKnownBoth] = objects;
  return {
    numEasy: count[Fate.easy],
    numStayed: count[Fate.stayed],
    numNew: count[Fate.new],
    lossBefore: means(before),
    lossAfter: means(after),
    numObjects,
    numKnownBefore,
    numKnownAfter,
    numKnownBoth,
  };
}

/** Rows as plain numbers for the wire; each fate's hardest first, by the loss where it was hard. */
function rowsOf(imageIndex: number, before: RoiTable, after: RoiTable, fates: ExampleFates): FateRows {
  const lossAt = (table: RoiTable, rows: Int32Array, i: number) => lossOfRow(table, rows[i]);
  const hardLoss = (i: number) =>
    fates.fate[i] === Fate.new ? lossAt(after, fates.after, i) : lossAt(before, fates.before, i);
  const order = [...fates.fate.keys()].sort((i, j) => fates.fate[i] - fates.fate[j] || hardLoss(j) - hardLoss(i));
  const whereHard = (i: number) =>
    fates.fate[i] === Fate.new ? { table: after, row: fates.after[i] } : { table: before, row: fates.before[i] };
  const box = (side: 'x1' | 'y1' | 'x2' | 'y2') =>
    order.map((i) => Math.round(10 * miningBoxes(whereHard(i).table)[side][whereHard(i).row]) / 10);
  const known = (loss: number) => (Number.isFinite(loss) ? loss : null);
  return {
    imageIndex,
    fate: order.map((i) => fates.fate[i]),
    x1: box('x1'),
    y1: box('y1'),
    x2: box('x2'),
    y2: box('y2'),
    gtClass: order.map((i) => whereHard(i).table.gtClass[whereHard(i).row]),
    lossBefore: order.map((i) => known(fates.before[i] === NONE ? Number.NaN : lossAt(before, fates.before, i))),
    lossAfter: order.map((i) => known(fates.after[i] === NONE ? Number.NaN : lossAt(after, fates.after, i))),
  };
}
