/**
 * Many short trainings of a head alone, one after another: proposals and body are the same for all, so what the head
 * sees of every RoI is computed once for them together. A finished training is a line; what is there is not repeated.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { AdviceTally } from '../../../src/core/advice/advice-facts.js';
import { adviceOf } from '../../../src/core/advice/advise.js';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { IGNORE, isForeground, type Boxes } from '../../../src/core/tables.js';
import { imageAt } from '../../../src/core/tables.js';
import { checkTrainConfig, type TrainConfig } from '../../../src/run/train/train-config.js';
import { imageSource, openTrainingSet, type PlacedImageSource } from '../../../src/run/train/train-images.js';
import { optionsOf } from '../../../src/run/train/train-options.js';
import { startOf } from '../../../src/run/train/train-start.js';
import type { BodySight } from '../../../src/train/body.js';
import { evaluateHead } from '../../../src/train/evaluate/evaluate.js';
import type { TrainingImage } from '../../../src/train/minibatch.js';
import type { NetworkSpec } from '../../../src/train/network/network-spec.js';
import { startTensorFlow } from '../../../src/train/network/tensorflow.js';
import { pooledBody } from '../../../src/train/pooled-body.js';
import { proposalSource } from '../../../src/train/proposal-source.js';
import { Training, type ChosenRois, type ImageSource, type StepReport } from '../../../src/train/trainer.js';
import { ARMS } from './arms.js';
import { mostIou, writeProposals } from './make-proposals.js';

/** One training of the plan. */
export interface Plan {
  readonly arm: string;
  readonly seed: number;
  readonly learningRate: number;
  /** Share of the training objects whose annotation is deleted. */
  readonly missing: number;
  /** Absent: those of the configuration. */
  readonly epochs?: number;
}

/** Images of the validation set whose place is even choose the rates, the others measure. */
type Half = 'choose' | 'measure';

const NUM_PROPOSALS = 2000;
const LOG_EVERY = 20;
const ADVISED_STEPS = 10;
const CACHE_BYTES = 2 ** 31;

/** What all trainings share. */
export interface Shared {
  readonly raw: object;
  readonly file: string;
  readonly training: PlacedImageSource;
  readonly validation: PlacedImageSource;
  readonly validationSight: BodySight;
  /** By share of missing labels. */
  readonly sights: Map<number, BodySight>;
}

/**
 * Trains what the plan names and is not yet in `results`; `half`: which images measure it.
 */
export async function compareHeads(
  shared: Shared,
  { results, half }: { readonly results: string; readonly half: Half },
  plans: readonly Plan[],
): Promise<void> {
  for (const plan of plans) {
    if (isDone(results, plan)) continue;
    const line = await trainOnce(shared, plan, half);
    appendFileSync(results, `${JSON.stringify(line)}\n`);
    const { arm, seed, learningRate, missing } = plan;
    console.log(`${arm} ${seed} ${learningRate} ${missing}: COCO ${line.coco}, ${line.cpuSeconds} s`);
  }
}

function isDone(results: string, { arm, seed, learningRate, missing, epochs }: Plan): boolean {
  const lines = existsSync(results) ? readFileSync(results, 'utf8').split('\n') : [];
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Plan)
    .some(
      (one) =>
        one.arm === arm &&
        one.seed === seed &&
        one.learningRate === learningRate &&
        one.missing === missing &&
        one.epochs === epochs,
    );
}

function configOf({ raw, file }: Pick<Shared, 'raw' | 'file'>, plan: Plan): TrainConfig {
  const { schedule } = raw as { schedule: object };
  const longer = plan.epochs === undefined ? {} : scheduleOf(plan.epochs);
  const { arm, seed, learningRate } = plan;
  return checkTrainConfig(
    { ...raw, ...ARMS[arm], seed, schedule: { ...schedule, ...longer, learningRate }, out: 'unused' },
    file,
  );
}

/** Drops at 3/8 and 6/8, as in the paper's section 4.1 (30k and 60k of 80k). */
const scheduleOf = (epochs: number) => ({ epochs, drops: [(3 / 8) * epochs, (6 / 8) * epochs] });

/**
 * Opens what all trainings share; proposals that are missing are made.
 * @param file the shared configuration, with `raw` what stands in it.
 */
export async function share(file: string, raw: object): Promise<Shared> {
  await startTensorFlow(process.env['TFJS_NODE_PATH']);
  const config = configOf({ raw, file }, { arm: 'paper', seed: 0, learningRate: 0.02, missing: 0 });
  const [trainSet, validationSet] = [config.data, config.validation];
  if (validationSet === undefined) throw new Error(`${file}: validation is missing`);
  const start = await startOf(config, (await openTrainingSet(trainSet)).classes);
  if (start.network === null) throw new Error(`${file}: init is missing`);
  const open = async (set: TrainConfig['data'], isTraining: boolean) => {
    const dataset = await openTrainingSet(set);
    const { proposals, ...bare } = set;
    if (proposals !== undefined && !existsSync(proposals) && start.network !== null) {
      const images = await imageSource(dataset, bare, start.classes, start.spec, console.error);
      const ids = Array.from({ length: images.numImages }, (_, i) => imageAt(dataset.images, i).id);
      await writeProposals(proposals, images, ids, start.network, start.spec, NUM_PROPOSALS, isTraining);
      console.log(`${basename(proposals)} written`);
    }
    return imageSource(dataset, set, start.classes, start.spec, console.error);
  };
  const training = await open(trainSet, true);
  await checkForeground(training, config);
  const validation = await open(validationSet, false);
  const { body } = start.network;
  const validationSight = pooledBody(body, start.spec, proposalSource({ from: 'file' }, start.spec), CACHE_BYTES);
  return { raw, file, training, validation, validationSight, sights: new Map() };
}

/** @throws Error where a mean step has as much foreground as `foregroundBelow` forbids. */
async function checkForeground(images: ImageSource, { foregroundBelow = 1, mining }: TrainConfig): Promise<void> {
  let count = 0;
  for (let index = 0; index < images.numImages; index++) {
    const { gts, proposals = NOTHING } = await images.load(index);
    count += gts.numGts;
    for (let row = 0; row < proposals.x1.length; row++) {
      const { x1, y1, x2, y2 } = proposals;
      if (mostIou([x1[row], y1[row], x2[row], y2[row]], gts) >= 0.5) count++;
    }
  }
  const ofStep = (count / images.numImages) * mining.imagesPerBatch;
  console.log(`${ofStep.toFixed(1)} foreground RoIs a step, B = ${mining.batchSize}`);
  if (ofStep >= foregroundBelow * mining.batchSize) throw new Error(`too many for foregroundBelow ${foregroundBelow}`);
}

async function trainOnce(shared: Shared, plan: Plan, half: Half) {
  const config = configOf(shared, plan);
  const started = process.cpuUsage();
  const images = withMissing(shared.training, plan.missing);
  const start = await startOf(config, (await openTrainingSet(config.data)).classes);
  if (start.network === null) throw new Error('init is missing');
  let sight = shared.sights.get(plan.missing);
  if (sight === undefined) {
    const { body } = (await startOf(config, start.classes)).network ?? start.network;
    sight = pooledBody(body, start.spec, proposalSource({ from: 'file' }, start.spec), CACHE_BYTES);
    shared.sights.set(plan.missing, sight);
  }
  const training = new Training(start.spec, optionsOf(config, images.numImages), images, start.network, sight);
  const tally = new AdviceTally(config.mining, start.spec.numClasses);
  const watch = watchChosen(tally, images);
  training.onChosen = watch.chosen;
  const numSteps = config.schedule.epochs * training.stepsPerEpoch;
  const reports: StepReport[] = [];
  while (training.step < numSteps) reports.push(await training.runStep((training.step + 1) % LOG_EVERY === 0));
  const precision = await evaluate(training, start.spec, shared, half);
  training.heads.readOnly.dispose();
  training.network.head.dispose();
  training.sgd.dispose();
  const { user, system } = process.cpuUsage(started);
  return {
    ...plan,
    half,
    numSteps,
    ...Object.fromEntries(Object.entries(precision).map(([key, value]) => [key, rounded(value)])),
    coco: rounded(precision.coco) as number,
    ...means('first', reports.slice(0, training.stepsPerEpoch)),
    ...means('last', reports.slice(-training.stepsPerEpoch)),
    curve: curveOf(reports, training.stepsPerEpoch),
    foregroundOfStep: rounded(watch.foregroundOfStep()),
    missingShare: rounded(watch.missingShare()),
    advice: adviceOf(tally.facts()).verdict,
    cpuSeconds: Math.round((user + system) / 1e6),
  };
}

/** Chosen RoIs: those of the first steps for the advice, all of them for what of them are deleted objects. */
function watchChosen(tally: AdviceTally, images: MissingSource) {
  const sums = { numSteps: 0, numForeground: 0, numBackground: 0, numDeleted: 0 };
  return {
    chosen({ step, batch, rois, rows }: ChosenRois) {
      if (step < ADVISED_STEPS) tally.add(rois, batch.images.length);
      if (sums.numSteps++ % LOG_EVERY !== 0) return;
      for (let row = 0; row < rois.numRois; row++) if (isForeground(rois, row)) sums.numForeground++;
      for (const row of rows) {
        if (isForeground(rois, row) || rois.gtClass[row] === IGNORE) continue;
        sums.numBackground++;
        const deleted = images.deletedOf(batch.imageIndex[rois.imageIndex[row]]);
        if (mostIou([rois.x1[row], rois.y1[row], rois.x2[row], rois.y2[row]], deleted) >= 0.5) sums.numDeleted++;
      }
    },
    foregroundOfStep: () => sums.numForeground / Math.ceil(sums.numSteps / LOG_EVERY),
    missingShare: () => sums.numDeleted / sums.numBackground,
  };
}

interface MissingSource extends ImageSource {
  /** Boxes of an image whose annotation was deleted. */
  deletedOf(index: number): Boxes;
}

/** The images without a share of their objects, drawn object by object from the image's place. */
function withMissing(images: ImageSource, missing: number): MissingSource {
  const deleted = new Map<number, Boxes>();
  const load = async (index: number): Promise<TrainingImage> => {
    const image = await images.load(index);
    const random = seededRandom(1000 + index);
    const kept = Array.from({ length: image.gts.numGts }, () => random.next() >= missing);
    deleted.set(
      index,
      boxesWhere(image.gts, (row) => !kept[row]),
    );
    if (kept.every(Boolean)) return image;
    const take = <T extends { filter(keep: (value: number, row: number) => boolean): T }>(column: T) =>
      column.filter((_, row) => kept[row]);
    const { x1, y1, x2, y2, imageIndex, gtClass, isCrowd, isDifficult, annotation } = image.gts;
    const gts = {
      numGts: kept.filter(Boolean).length,
      x1: take(x1 as Float64Array),
      y1: take(y1 as Float64Array),
      x2: take(x2 as Float64Array),
      y2: take(y2 as Float64Array),
      imageIndex: take(imageIndex),
      gtClass: take(gtClass),
      isCrowd: take(isCrowd),
      isDifficult: take(isDifficult),
      annotation: take(annotation),
    };
    return { ...image, gts };
  };
  return {
    numImages: images.numImages,
    load,
    deletedOf: (index) => deleted.get(index) ?? boxesWhere(NOTHING, () => false),
  };
}

const NOTHING: Boxes = {
  x1: new Float32Array(0),
  y1: new Float32Array(0),
  x2: new Float32Array(0),
  y2: new Float32Array(0),
};

function boxesWhere({ x1, y1, x2, y2 }: Boxes, keep: (row: number) => boolean): Boxes {
  const rows = Array.from(x1.keys()).filter(keep);
  const take = (column: ArrayLike<number>) => Float32Array.from(rows, (row) => column[row]);
  return { x1: take(x1), y1: take(y1), x2: take(x2), y2: take(y2) };
}

/** On one half of the validation images, without their ground truth among the RoIs. */
async function evaluate({ network }: Training, spec: NetworkSpec, { validation, validationSight }: Shared, half: Half) {
  const rows = Array.from({ length: validation.numImages }, (_, i) => i).filter(
    (i) => (i % 2 === 0) === (half === 'choose'),
  );
  const images = { numImages: rows.length, load: (index: number) => validation.load(rows[index]) };
  const { precision } = await evaluateHead(network.head, spec, images, (image, index) => {
    const blind = { ...image, gts: { ...image.gts, numGts: 0, ...NOTHING, gtClass: new Int32Array(0) } };
    const batch = { images: [blind], imageIndex: [rows[index]], isFlipped: [false], seed: 0 };
    const { pool, boxes } = validationSight.see(batch);
    return { pool, boxes: boxes[0], dispose: () => undefined };
  });
  return precision;
}

function means(name: string, reports: readonly StepReport[]) {
  const sum = (value: (report: StepReport) => number) => reports.reduce((total, report) => total + value(report), 0);
  return {
    [`${name}Selected`]: rounded(sum(({ numSelected }) => numSelected) / reports.length),
    [`${name}Foreground`]: rounded(sum(({ numForeground }) => numForeground) / sum(({ numSelected }) => numSelected)),
    [`${name}Loss`]: rounded(sum(({ losses }) => losses.cls + losses.box) / reports.length),
  };
}

/** Each half epoch: [epoch, mean loss of all RoIs, foreground share of the selected]. */
function curveOf(reports: readonly StepReport[], stepsPerEpoch: number) {
  const size = Math.ceil(stepsPerEpoch / 2);
  return Array.from({ length: Math.ceil(reports.length / size) }, (_, i) => {
    const part = reports.slice(i * size, (i + 1) * size);
    const looked = part.map(({ allRoiLoss }) => allRoiLoss).filter((loss) => !Number.isNaN(loss));
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    const share = total(part.map((one) => one.numForeground)) / total(part.map((one) => one.numSelected));
    return [(i + 1) / 2, rounded(total(looked) / looked.length), rounded(share)];
  });
}

function rounded(value: number | readonly number[]): number | number[] {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value.map((one) => Number(one.toPrecision(4)));
}
