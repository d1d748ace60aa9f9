/**
 * Images per second of a whole run beside the bare forward and a Python pipeline, on the same images and cores. Rounds
 * alternate between them and the best of each counts: another process can only slow them down.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { resolveConfig } from '../../src/core/mining/select.js';
import { onnxruntimeNode } from '../../src/engine/onnx/onnxruntime-node.js';
import { mineRun } from '../../src/run/mine/mine-run.js';
import { round } from './measure-time.js';

const ROUNDS = 2;
/** The images are repeated, so that start and warm-up weigh as little as in a real run. */
const REPEATS = 3;
const NUM_FORWARDS = 120;

type Rate = Readonly<Record<'imagesPerSecond' | 'cpuMsPerImage', number>>;

type Figures = Record<string, Record<string, number | string>>;

/** What is mined. */
export interface Subject {
  /** Begins the names of its figures. */
  readonly name: string;
  readonly checkpointPath: string;
  /** The graph in it. */
  readonly model: string;
}

/** YOLOX-nano beside the bare forward and a Python pipeline. @param self as `mineBesideForwards` takes it. */
export async function benchPipeline(checkpointPath: string, datasetPath: string, self: URL): Promise<Figures> {
  const model = join(checkpointPath, 'yolox_nano.onnx');
  const name = 'yolox-nano';
  const python: Awaited<ReturnType<typeof runPython>>[] = [];
  const { figures, mined, lossSums } = await mineBesideForwards(
    { name, checkpointPath, model },
    datasetPath,
    self,
    async (data) => void python.push(await runPython(model, join(checkpointPath, 'classes.txt'), data)),
  );
  const made = python.flatMap((each) => ('skipped' in each ? [] : [each]));
  if (made.length === 0)
    return { ...figures, [`${name}: Python`]: { skipped: 'skipped' in python[0] ? python[0].skipped : '' } };
  const oneByOne = best(made.map(({ sequential }) => sequential));
  const aCore = best(made.map(({ threads }) => threads));
  return {
    ...figures,
    [`${name}: Python, an image after the other`]: oneByOne,
    [`${name}: Python, an image a core`]: aCore,
    [`${name}: compared`]: {
      ...figures[`${name}: compared`],
      timesPython: round(mined.imagesPerSecond / Math.max(oneByOne.imagesPerSecond, aCore.imagesPerSecond)),
      medianLossSumDifferencePercent: round(100 * medianDifference(lossSums, made[0].lossSums)),
    },
  };
}

/**
 * A whole run beside bare forwards of its model, in turns.
 * @param self the module that a worker thread of this benchmark starts with.
 * @param alsoRun what else takes its turn, on the same images.
 */
export async function mineBesideForwards(
  { name, checkpointPath, model }: Subject,
  datasetPath: string,
  self: URL,
  alsoRun: (data: string) => Promise<void> = async () => {},
): Promise<{ readonly figures: Figures; readonly mined: Rate; readonly lossSums: readonly number[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-bench-'));
  const data = join(folder, 'data');
  await repeatDataset(datasetPath, data);
  const lossSums: number[] = [];
  const rates = { mine: [] as Rate[], lone: [] as Rate[], all: [] as Rate[], each: [] as Rate[] };
  for (let i = 0; i < ROUNDS; i++) {
    rates.mine.push(await mine(checkpointPath, data, join(folder, 'threads.ohem'), self, lossSums));
    await alsoRun(data);
    rates.all.push(await timed(NUM_FORWARDS, () => forwards(model, availableParallelism(), NUM_FORWARDS)));
    rates.each.push(await timed(NUM_FORWARDS, () => forwardsInThreads(model, self)));
    rates.lone.push(await mine(checkpointPath, data, join(folder, 'lone.ohem'), null, []));
  }
  await rm(folder, { recursive: true });
  const [mined, all, each] = [best(rates.mine), best(rates.all), best(rates.each)];
  const figures: Figures = {
    [`${name}: ohem mine`]: mined,
    [`${name}: ohem mine, one thread`]: best(rates.lone),
    [`${name}: bare forward, all cores on an image`]: all,
    [`${name}: bare forward, an image a core`]: each,
    [`${name}: compared`]: {
      shareOfBareForward: round(mined.imagesPerSecond / Math.max(all.imagesPerSecond, each.imagesPerSecond)),
      // Of processor time, which others on the machine take less from.
      shareOfBareForwardCpu: round(Math.min(all.cpuMsPerImage, each.cpuMsPerImage) / mined.cpuMsPerImage),
    },
  };
  return { figures, mined, lossSums };
}

function best(given: readonly Rate[]): Rate {
  return {
    imagesPerSecond: round(Math.max(...given.map((rate) => rate.imagesPerSecond))),
    cpuMsPerImage: round(Math.min(...given.map((rate) => rate.cpuMsPerImage))),
  };
}

/** One image a thread: called in the worker threads of this benchmark; false elsewhere. */
export async function serveForwards(): Promise<boolean> {
  const given = workerData as { readonly forwards?: string } | null;
  if (isMainThread || given?.forwards === undefined) return false;
  await forwards(given.forwards, 1, NUM_FORWARDS / availableParallelism());
  return true;
}

async function mine(
  checkpointPath: string,
  datasetPath: string,
  outPath: string,
  threadEntry: URL | null,
  lossSums: number[],
): Promise<Rate> {
  const stamps: { at: number; cpuMs: number }[] = [];
  lossSums.length = 0;
  const options = {
    checkpointPath,
    datasetPath,
    dataset: {},
    outPath,
    mining: resolveConfig('paper'),
    // As python_pipeline.py measures.
    measure: { clsTarget: 'one', locLoss: 'giou', locLossWeight: 1 } as const,
    backend: null,
    limit: null,
    resume: false,
    force: true,
  };
  await mineRun(
    options,
    (event) => {
      if (event.event !== 'image') return;
      stamps.push({ at: performance.now(), cpuMs: cpuMs() });
      lossSums.push(event.summary.lossSum);
    },
    undefined,
    threadEntry,
  );
  // From the first repetition's end on: what comes before carries the start and the warm-up.
  const first = stamps[Math.floor(stamps.length / REPEATS)];
  const last = stamps[stamps.length - 1];
  const numImages = stamps.length - 1 - Math.floor(stamps.length / REPEATS);
  return {
    imagesPerSecond: (1000 * numImages) / (last.at - first.at),
    cpuMsPerImage: (last.cpuMs - first.cpuMs) / numImages,
  };
}

async function timed(numImages: number, work: () => Promise<void>): Promise<Rate> {
  const [start, startCpu] = [performance.now(), cpuMs()];
  await work();
  return {
    imagesPerSecond: (1000 * numImages) / (performance.now() - start),
    cpuMsPerImage: (cpuMs() - startCpu) / numImages,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Loading counts too, but is a few ms; the first forwards are slower by as little. */
async function forwards(model: string, numThreads: number, count: number): Promise<void> {
  const engine = await onnxruntimeNode.start(numThreads);
  const graph = await engine.loadGraph(model, 'onnx');
  const [{ name, shape }] = graph.inputs;
  const size = (shape ?? []).reduce((all, side) => all * side, 1);
  const feeds = { [name]: { shape: shape ?? [], data: new Float32Array(size).fill(114) } };
  for (let i = 0; i < count; i++) await graph.run(feeds);
  graph.dispose();
  await engine.dispose();
}

async function forwardsInThreads(model: string, self: URL): Promise<void> {
  const thread = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(self, { workerData: { forwards: model } });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  await Promise.all(Array.from({ length: availableParallelism() }, thread));
}

/** The same images under other names, REPEATS times. */
async function repeatDataset(from: string, to: string): Promise<void> {
  interface Coco {
    readonly images: readonly { readonly id: number; readonly file_name: string }[];
    readonly annotations: readonly { readonly id: number; readonly image_id: number }[];
  }
  const coco = JSON.parse(await readFile(join(from, 'instances.json'), 'utf8')) as Coco;
  await mkdir(join(to, 'images'), { recursive: true });
  const times = Array.from({ length: REPEATS }, (_, i) => i);
  const idOf = (id: number, time: number) => id * REPEATS + time;
  const images = times.flatMap((time) =>
    coco.images.map((image) => ({ ...image, id: idOf(image.id, time), file_name: `${time}-${image.file_name}` })),
  );
  const annotations = times.flatMap((time) =>
    coco.annotations.map((a) => ({ ...a, id: idOf(a.id, time), image_id: idOf(a.image_id, time) })),
  );
  for (const time of times) {
    for (const image of coco.images)
      await symlink(join(from, 'images', image.file_name), join(to, 'images', `${time}-${image.file_name}`));
  }
  await writeFile(join(to, 'instances.json'), JSON.stringify({ ...coco, images, annotations }));
}

type PythonFigures =
  | { readonly sequential: Rate; readonly threads: Rate; readonly lossSums: readonly number[] }
  | { readonly skipped: string };

/** `OHEM_BENCH_PYTHON` names an interpreter with onnxruntime, numpy and Pillow; else `python3` is tried. */
async function runPython(model: string, classes: string, data: string): Promise<PythonFigures> {
  const python = process.env['OHEM_BENCH_PYTHON'] ?? 'python3';
  const script = join(process.cwd(), 'test', 'bench', 'python_pipeline.py');
  const args = [script, model, classes, data, '--cores', String(availableParallelism()), '--rounds', '1'];
  try {
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 24 });
    return JSON.parse(stdout) as PythonFigures;
  } catch (error) {
    return { skipped: `${python}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` };
  }
}

/** How far the two pipelines' sums of selected losses are apart: they resize by other libraries. */
function medianDifference(ours: readonly number[], theirs: readonly number[]): number {
  const differences = ours.map((sum, i) => Math.abs(sum - theirs[i]) / Math.max(sum, 1e-9)).sort((a, b) => a - b);
  return differences[Math.floor(differences.length / 2)];
}
