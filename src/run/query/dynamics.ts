/**
 * How each example was learnt: over several runs of the same data, one a checkpoint, or over the passes of one run that
 * a training wrote, whose images come again and again.
 */
import { dataDifference, dataFacts } from '../../core/facts/run-manifest.js';
import type { RunImage } from '../../arrow/encode-run.js';
import { MiningError, show } from '../../core/mining-error.js';
import { IGNORE } from '../../core/tables.js';
import { observeObjects, trainingDynamics } from '../../core/reports/training-dynamics.js';
import type { Dynamics, Observations } from '../../core/reports/training-dynamics.js';
import { extentOf, shortfallOf, tryReadImage, withRun } from '../file/read-run.js';
import type { RunExtent, Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** E examples: images of a classification, annotated objects of a detection. */
export interface RunDynamics extends Dynamics {
  readonly classes: readonly string[];
  readonly isDetection: boolean;
  /** E: id of the image. */
  readonly image: readonly string[];
  /** E: which of the image's objects. */
  readonly gtIndex: Int32Array;
  /** E: [0, K). */
  readonly label: Int32Array;
  /** One a run, in their order: what it says of the E examples. */
  readonly observations: readonly Observations[];
  /** Images that not every run has measured, or whose labels have changed; they are left out. */
  readonly numLeftOut: number;
  /** Runs, or passes of the one run. */
  readonly numLooks: number;
  /** One a run. */
  readonly extents: readonly RunExtent[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * Dynamics over runs in the order of training. Crowds and objects without a class are left out.
 * @param paths at least two, or one whose images come at least twice on average: pass k is each image's k-th look.
 * @throws MiningError 'options' for fewer; 'run-file' when runs are of different tasks, data or classes.
 * Cost: reads every RoI once; one image and two numbers an example and run are in memory.
 */
export async function runDynamics(paths: readonly string[]): Promise<RunDynamics> {
  const runs: ObservedRun[] = [];
  for (const path of paths) {
    const next = await withRun(path, observeRun);
    if (runs[0] !== undefined) checkSameData(runs[0], next);
    runs.push(next);
  }
  const observed = runs.length === 1 ? runs.flatMap(passesOf) : runs;
  const [first] = observed;
  if (first === undefined || observed.length < 2) {
    const expected = 'at least two, in the order of training, or one whose images come again';
    throw new MiningError('options', 'runs', expected, String(paths.length));
  }
  const ids = [...first.images].flatMap(([id, { label }]) =>
    observed.every(({ images }) => hasLabels(images.get(id), label)) ? [id] : [],
  );
  const all = new Set(observed.flatMap(({ images }) => [...images.keys()]));
  const observations = observed.map((run) => gather(run, ids));
  return {
    ...trainingDynamics(observations),
    observations,
    ...examplesOf(first, ids),
    classes: first.run.manifest.classes,
    isDetection: first.run.manifest.task === 'detection',
    numLeftOut: all.size - ids.length,
    numLooks: observed.length,
    extents: runs.map(({ run }) => extentOf(run)),
    shortfalls: runs.map(({ run }) => shortfallOf(run)),
  };
}

interface ObservedImage extends Observations {
  readonly numGts: number;
  /** Label of each object that counts, and which object it is. */
  readonly label: Int32Array;
  readonly gtIndex: Int32Array;
}

/** Epochs of a training may have been written with other labels: their margins are of other things. */
function hasLabels(image: ObservedImage | undefined, label: Int32Array): boolean {
  return image?.label.length === label.length && image.label.every((each, e) => each === label[e]);
}

interface ObservedRun {
  readonly run: RunReader;
  readonly images: ReadonlyMap<string, ObservedImage>;
}

async function observeRun(run: RunReader): Promise<ObservedRun> {
  const isSigmoid = run.manifest.measure?.scoreForm.activation === 'sigmoid';
  const images = new Map<string, ObservedImage>();
  for (const [i, { id, error }] of run.images.entries()) {
    const image = error === '' ? await tryReadImage(run, i) : null;
    if (image !== null) images.set(id, observeImage(image, isSigmoid));
  }
  return { run, images };
}

function observeImage({ rois, gts }: RunImage, isSigmoid: boolean): ObservedImage {
  const { margin, learned } = observeObjects(rois, gts, isSigmoid);
  const counts = (_: number, g: number) => gts.gtClass[g] !== IGNORE && gts.isCrowd[g] === 0;
  const gtIndex = Int32Array.from({ length: gts.numGts }, (_, g) => g).filter(counts);
  return {
    numGts: gtIndex.length,
    gtIndex,
    label: gts.gtClass.filter(counts),
    margin: margin.filter(counts),
    learned: learned.filter(counts),
  };
}

/** `a.jpg (3)`: the third look at `a.jpg`, as an import calls it. */
const AGAIN = /^(.+) \((\d+)\)$/s;

/** A run for each whole pass over its images; images that came less often are not in the last ones. */
function passesOf({ run, images }: ObservedRun): ObservedRun[] {
  const passes: Map<string, ObservedImage>[] = [];
  const names = new Set<string>();
  for (const [id, image] of images) {
    const [, base = '', count = ''] = AGAIN.exec(id) ?? [];
    const [name, look] = images.has(base) ? [base, Number(count) - 1] : [id, 0];
    names.add(name);
    (passes[look] ??= new Map()).set(name, image);
  }
  const numPasses = Math.floor(images.size / names.size);
  return passes.slice(0, numPasses).map((pass) => ({ run, images: pass }));
}

/** Checkpoints differ from run to run; what they looked at must not. */
function checkSameData(first: ObservedRun, next: ObservedRun): void {
  const key = dataDifference(first.run.manifest, next.run.manifest);
  if (key === null) return;
  const [expected, received] = [dataFacts(first.run.manifest)[key], dataFacts(next.run.manifest)[key]];
  throw new MiningError('run-file', `dynamics: ${key}`, `${show(expected)} as in ${first.run.path}`, show(received), {
    file: next.run.path,
  });
}

function gather({ images }: ObservedRun, ids: readonly string[]): Observations {
  const kept = ids.flatMap((id) => images.get(id) ?? []);
  return {
    margin: Float64Array.from(kept.flatMap(({ margin }) => [...margin])),
    learned: Uint8Array.from(kept.flatMap(({ learned }) => [...learned])),
  };
}

function examplesOf({ images }: ObservedRun, ids: readonly string[]): Pick<RunDynamics, 'image' | 'gtIndex' | 'label'> {
  const kept = ids.flatMap((id) => images.get(id) ?? []);
  return {
    image: ids.flatMap((id) => new Array<string>(images.get(id)?.numGts ?? 0).fill(id)),
    gtIndex: Int32Array.from(kept.flatMap(({ gtIndex }) => [...gtIndex])),
    label: Int32Array.from(kept.flatMap(({ label }) => [...label])),
  };
}
