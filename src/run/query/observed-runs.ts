/**
 * What several runs of the same data say of each annotated object, read side by side: after every few images there is
 * something to compare. One run that a training wrote gives its passes.
 */
import type { RunImage } from '../../arrow/encode-run.js';
import { dataDifference, dataFacts } from '../../core/facts/run-manifest.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { observeObjects, type ObjectObservations } from '../../core/reports/training-dynamics.js';
import { IGNORE } from '../../core/tables.js';
import { tryReadImage } from '../file/read-run.js';
import { openRun, type RunReader } from '../file/run-store.js';

/** E examples as T runs, or passes of one, see them: images of a classification, annotated objects of a detection. */
export interface Looks {
  readonly classes: readonly string[];
  readonly isDetection: boolean;
  /** E: id of the image. */
  readonly image: readonly string[];
  /** E: which of the image's objects. */
  readonly gtIndex: Int32Array;
  /** E: [0, K). */
  readonly label: Int32Array;
  /** T, in the order of the runs: what each says of the E examples. */
  readonly observations: readonly LookObservations[];
  /** Images that not every run has measured, or whose labels have changed; they are left out. */
  readonly numLeftOut: number;
  /** T: runs, or passes of the one run. */
  readonly numLooks: number;
}

export interface LookObservations extends ObjectObservations {
  /** E: place of the image in the run file. */
  readonly imageIndex: Int32Array;
}

/** Images. */
export interface ReadProgress {
  readonly numDone: number;
  readonly numTotal: number;
}

/** Who hears how it goes. */
export interface ReadWatch {
  tell(progress: ReadProgress): void;
  readonly signal?: AbortSignal;
}
/** Nobody waits for news. */
export const NOBODY: ReadWatch = { tell: () => undefined };

/** Images that are read of one run before the next has its turn. */
const BLOCK = 64;

interface ObservedImage extends ObjectObservations {
  readonly imageIndex: number;
  /** Label of each object that counts, and which object it is. */
  readonly label: Int32Array;
  readonly gtIndex: Int32Array;
}
/** By id, in file order. */
type ObservedImages = Map<string, ObservedImage>;

/** Opens runs and closes them, whatever happens. @throws MiningError as `ObservedRuns.open`. */
export async function withObservedRuns<T>(
  paths: readonly string[],
  use: (observed: ObservedRuns) => Promise<T>,
): Promise<T> {
  const observed = await ObservedRuns.open(paths);
  try {
    return await use(observed);
  } finally {
    await observed.close();
  }
}

export class ObservedRuns {
  readonly #images: readonly ObservedImages[];
  #numRead = 0;

  private constructor(readonly runs: readonly RunReader[]) {
    this.#images = runs.map(() => new Map());
  }

  /**
   * @param paths at least one.
   * @throws MiningError 'options' for none; 'run-file' when runs are of different tasks, data or classes.
   */
  static async open(paths: readonly string[]): Promise<ObservedRuns> {
    const runs: RunReader[] = [];
    try {
      for (const path of paths) {
        const next = await openRun(path);
        runs.push(next);
        if (runs[0] !== undefined) checkSameData(runs[0], next);
      }
      if (runs.length === 0) throw new MiningError('options', 'runs', TWO_LOOKS, '0');
      return new ObservedRuns(runs);
    } catch (error) {
      await Promise.all(runs.map((run) => run.close()));
      throw error;
    }
  }

  /**
   * Reads what has not been read, some images of each run in turn.
   * @throws the signal's reason where it is aborted: what was read is kept, and the next call goes on.
   * Cost: reads every RoI once.
   */
  async read({ tell, signal }: ReadWatch): Promise<void> {
    while (this.progress.numDone < this.progress.numTotal) {
      signal?.throwIfAborted();
      const end = this.#numRead + BLOCK;
      for (const [r, run] of this.runs.entries()) await observe(run, this.#images[r], this.#numRead, end);
      this.#numRead = end;
      tell(this.progress);
    }
  }

  /** Images that are read, of all runs together. */
  get progress(): ReadProgress {
    const read = this.runs.map(({ images }) => Math.min(this.#numRead, images.length));
    const all = this.runs.map(({ images }) => images.length);
    return { numDone: sum(read), numTotal: sum(all) };
  }

  /**
   * What has been read in every run.
   * @throws MiningError 'options' where one run alone has fewer than two passes.
   * Cost: linear in the examples.
   */
  looks(): Looks {
    const { task, classes } = this.runs[0].manifest;
    const images = this.runs.length === 1 ? passesOf(this.#images[0]) : this.#images;
    if (images.length < 2) throw new MiningError('options', 'runs', TWO_LOOKS, String(this.runs.length));
    const [first] = images;
    const ids = [...first].flatMap(([id, { label }]) =>
      images.every((look) => hasLabels(look.get(id), label)) ? [id] : [],
    );
    const all = new Set(images.flatMap((look) => [...look.keys()]));
    const kept = images.map((look) => ids.flatMap((id) => look.get(id) ?? []));
    return {
      classes,
      isDetection: task === 'detection',
      image: ids.flatMap((id, i) => new Array<string>(kept[0][i].label.length).fill(id)),
      gtIndex: Int32Array.from(joined(kept[0].map(({ gtIndex }) => gtIndex))),
      label: Int32Array.from(joined(kept[0].map(({ label }) => label))),
      observations: kept.map(gather),
      numLeftOut: all.size - ids.length,
      numLooks: images.length,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.runs.map((run) => run.close()));
  }
}

const TWO_LOOKS = 'at least two, in the order of training, or one whose images come again';

/** Epochs of a training may have been written with other labels: their margins are of other things. */
function hasLabels(image: ObservedImage | undefined, label: Int32Array): boolean {
  return image?.label.length === label.length && image.label.every((each, e) => each === label[e]);
}

/** Images [start, end) of a run. */
async function observe(run: RunReader, into: ObservedImages, start: number, end: number): Promise<void> {
  const isSigmoid = run.manifest.measure?.scoreForm.activation === 'sigmoid';
  for (const [i, { id, error }] of run.images.slice(start, end).entries()) {
    const image = error === '' ? await tryReadImage(run, start + i) : null;
    if (image !== null) into.set(id, observeImage(image, start + i, isSigmoid));
  }
}

function observeImage({ rois, gts }: RunImage, imageIndex: number, isSigmoid: boolean): ObservedImage {
  const { margin, learned, row, loss } = observeObjects(rois, gts, isSigmoid);
  const counts = (_: number, g: number) => gts.gtClass[g] !== IGNORE && gts.isCrowd[g] === 0;
  return {
    imageIndex,
    gtIndex: Int32Array.from({ length: gts.numGts }, (_, g) => g).filter(counts),
    label: gts.gtClass.filter(counts),
    margin: margin.filter(counts),
    learned: learned.filter(counts),
    row: row.filter(counts),
    loss: loss.filter(counts),
  };
}

/** `a.jpg (3)`: the third look at `a.jpg`, as an import calls it. */
const AGAIN = /^(.+) \((\d+)\)$/s;

/** The whole passes over a run's images; images that came less often are not in the last ones. */
function passesOf(images: ObservedImages): ObservedImages[] {
  const passes: ObservedImages[] = [];
  const names = new Set<string>();
  for (const [id, image] of images) {
    const [, base = '', count = ''] = AGAIN.exec(id) ?? [];
    const [name, look] = images.has(base) ? [base, Number(count) - 1] : [id, 0];
    names.add(name);
    (passes[look] ??= new Map()).set(name, image);
  }
  return passes.slice(0, Math.floor(images.size / names.size));
}

/** Checkpoints differ from run to run; what they looked at must not. */
function checkSameData(first: RunReader, next: RunReader): void {
  const key = dataDifference(first.manifest, next.manifest);
  if (key === null) return;
  const [expected, received] = [dataFacts(first.manifest)[key], dataFacts(next.manifest)[key]];
  throw new MiningError(
    'run-file',
    said`dynamics: ${key}`,
    said`${show(expected)} as in ${first.path}`,
    show(received),
    {
      file: next.path,
    },
  );
}

function gather(images: readonly ObservedImage[]): LookObservations {
  return {
    margin: Float64Array.from(joined(images.map(({ margin }) => margin))),
    learned: Uint8Array.from(joined(images.map(({ learned }) => learned))),
    row: Int32Array.from(joined(images.map(({ row }) => row))),
    loss: Float64Array.from(joined(images.map(({ loss }) => loss))),
    imageIndex: Int32Array.from(
      joined(images.map(({ imageIndex, label }) => new Int32Array(label.length).fill(imageIndex))),
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The values of one array after the other. */
function joined(arrays: readonly ArrayLike<number>[]): number[] {
  const values: number[] = [];
  for (const array of arrays) for (let i = 0; i < array.length; i++) values.push(array[i]);
  return values;
}
