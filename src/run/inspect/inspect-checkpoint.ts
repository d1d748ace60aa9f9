/** What a checkpoint is taken for, how well that meets the ground truth, and what fits better. */
import type { Detector, LoadGraph, ModelFiles } from '../../checkpoint/detector.js';
import { describeOutput, type Outputs } from '../../checkpoint/families/family.js';
import { locateContract } from '../../checkpoint/files/locate.js';
import { openModel } from '../../checkpoint/open-model.js';
import type { Graph, RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { boxFit, topBoxes, type TopBox } from '../../core/reports/box-fit.js';
import { gtsOfImage, imageAt, type GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { decodeImage } from '../../dataset/pixels/decode-image.js';
import { openDataset } from '../../dataset/registry.js';
import { mapClasses, relabel } from '../../dataset/rows/class-mapping.js';
import { startEngine } from '../../engine/registry.js';
import { changed, CHANGES, type Contract } from './readings.js';

export interface InspectOptions {
  readonly checkpoint: string;
  /** Annotated images to measure by; null: none. */
  readonly data: string | null;
  /** Image to draw; null: the first that is measured. */
  readonly image: string | null;
  readonly backend: string | null;
}

/** A way to read a checkpoint. */
export interface Reading {
  /** `as it is`, else what differs. */
  readonly name: string;
  readonly contract: Contract;
  /** Mean best IoU of the objects with as many of the best boxes, [0, 1]. */
  readonly fit: number;
}

export interface Inspection {
  /** As the best reading has it. */
  readonly detector: Omit<Detector, 'detect' | 'dispose'>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Best first; empty without annotated images. */
  readonly readings: readonly Reading[];
  readonly numObjects: number;
  readonly numImages: number;
  /** What goes into a contract. */
  readonly best: Contract;
  /** How sure that is, and why. */
  readonly evidence: string;
  readonly drawn: Drawn | null;
}

export interface Drawn {
  readonly image: RgbImage;
  readonly boxes: readonly TopBox[];
  /** null: not known. */
  readonly gts: GtTable | null;
  /** Images and annotations that were read, absolute. */
  readonly files: readonly string[];
}

/** Images to measure on, taken evenly over the data set. */
const NUM_IMAGES = 6;
/** Fewer objects prove little. */
const FEW_OBJECTS = 10;
/** Another reading is taken where it is better by this. */
const LEAST_GAIN = 0.05;
/** Boxes drawn where there is no ground truth to count. */
const DRAWN = 20;

/**
 * Opens a detector and, with annotated images, tries every reading that its family's contract can say.
 * @throws MiningError of whichever part does not fit.
 * Cost: 1 + 20 readings x 6 forwards at most.
 */
export async function inspectCheckpoint(options: InspectOptions): Promise<Inspection> {
  const files = await openModel(options.checkpoint, 'detection');
  const { engine } = await startEngine(files.format, options.backend);
  const graphs = new KeptGraphs((...graph) => engine.loadGraph(...graph));
  try {
    return await inspect(files, graphs, options);
  } finally {
    graphs.dispose();
    await engine.dispose();
  }
}

async function inspect(files: ModelFiles<Detector>, graphs: KeptGraphs, options: InspectOptions): Promise<Inspection> {
  const detector = await files.open(graphs.load);
  const inputs = graphs.describeInputs();
  const outputs = graphs.describeOutputs();
  const samples = options.data === null ? null : await samplesOf(await openDataset(options.data, {}), detector);
  const contract = { ...(await locateContract(files.path))?.contract, family: detector.family };
  const asItIs = { name: 'as it is', contract, fit: samples === null ? 0 : await fitOf(detector, samples) };
  const readings = samples === null ? [] : await tryReadings(files, graphs, asItIs, samples);
  const best = readings[0] ?? asItIs;
  const meant = best === asItIs ? detector : await files.open(graphs.load, best.contract);
  const numObjects = samples?.reduce((sum, { numObjects: count }) => sum + count, 0) ?? 0;
  const image = options.image === null ? (samples?.[0]?.image ?? null) : await decodeImage(options.image);
  const gts = options.image === null ? (samples?.[0]?.gts ?? null) : null;
  const boxes = image === null ? [] : topBoxes(await meant.detect(image), gts?.numGts ?? DRAWN);
  return {
    detector: meant,
    inputs,
    outputs,
    readings,
    numObjects,
    numImages: samples?.length ?? 0,
    best: best.contract,
    evidence: evidenceOf(readings, numObjects),
    drawn: image === null ? null : { image, boxes, gts, files: samples?.flatMap((sample) => sample.files) ?? [] },
  };
}

interface Sample {
  readonly image: RgbImage;
  readonly gts: GtTable;
  readonly byClass: boolean;
  readonly numObjects: number;
  /** Its own, and the one that annotates it. */
  readonly files: readonly string[];
}

async function samplesOf({ images, gts, classes, path }: Dataset, detector: Detector): Promise<Sample[]> {
  const map = classMapOf(classes, detector);
  const labelled = map === null ? gts : relabel(gts, map);
  const annotated = Array.from({ length: images.numImages }, (_, i) => i).filter(
    (i) => gtsOfImage(images, labelled, i).numGts > 0,
  );
  const samples: Sample[] = [];
  const step = Math.max(1, Math.floor(annotated.length / NUM_IMAGES));
  for (const index of annotated.filter((_, i) => i % step === 0).slice(0, NUM_IMAGES)) {
    const own = gtsOfImage(images, labelled, index);
    const { path: file, annotationPath } = imageAt(images, index);
    const image = await decodeImage(file).catch(() => null);
    const facts = { gts: own, byClass: map !== null, numObjects: own.numGts, files: [file, annotationPath] };
    if (image !== null) samples.push({ image, ...facts });
  }
  if (samples.length > 0) return samples;
  throw new MiningError('dataset', 'images', 'one with objects that can be read', 'none', { file: path });
}

/** null: the classes do not meet; then boxes alone tell. */
function classMapOf(classes: readonly string[], detector: Detector): Int32Array | null {
  try {
    return mapClasses(classes, detector, detector.classMap).map;
  } catch (error) {
    if (error instanceof MiningError) return null;
    throw error;
  }
}

async function fitOf(detector: Detector, samples: readonly Sample[]): Promise<number> {
  let [sum, count] = [0, 0];
  for (const { image, gts, byClass } of samples) {
    const fit = boxFit(await detector.detect(image), gts, byClass);
    sum += fit.sum;
    count += fit.numObjects;
  }
  return count === 0 ? 0 : sum / count;
}

/** Best first. Of each list of changes the best one goes on to the next, where it gains enough. */
async function tryReadings(
  files: ModelFiles<Detector>,
  graphs: KeptGraphs,
  asItIs: Reading,
  samples: readonly Sample[],
): Promise<Reading[]> {
  const tried: Reading[] = [];
  let best = asItIs;
  for (const changes of CHANGES) {
    const base = best;
    for (const change of changes) {
      const contract = changed(base.contract, change);
      const detector = await openAs(files, graphs, contract);
      if (detector === null) continue;
      const name = base === asItIs ? change.name : `${base.name}, ${change.name}`;
      const reading = { name, contract, fit: await fitOf(detector, samples) };
      // What changes nothing is what it is already.
      if (reading.fit === base.fit) continue;
      tried.push(reading);
      if (reading.fit > Math.max(best.fit, base.fit + LEAST_GAIN)) best = reading;
    }
  }
  const others = [asItIs, ...tried].filter((reading) => reading !== best).sort((a, b) => b.fit - a.fit);
  return [best, ...others];
}

/** null where the family has no such key, or its outputs contradict it. */
async function openAs(files: ModelFiles<Detector>, graphs: KeptGraphs, contract: Contract): Promise<Detector | null> {
  try {
    return await files.open(graphs.load, contract);
  } catch (error) {
    if (error instanceof MiningError && error.code === 'checkpoint') return null;
    throw error;
  }
}

function evidenceOf([best, second]: readonly Reading[], numObjects: number): string {
  if (best === undefined) return 'not measured: annotated images (--data) would show whether boxes meet objects';
  const fit = `boxes meet ${numObjects} objects with a mean IoU of ${best.fit.toFixed(2)}`;
  if (numObjects < FEW_OBJECTS) return `weak, few objects: ${fit}`;
  if (best.fit < 0.3) return `weak, no reading fits: ${fit}`;
  const gap = best.fit - (second?.fit ?? 0);
  return gap < LEAST_GAIN ? `${fit}; nearly as well with ${second?.name ?? 'nothing else'}` : `sure: ${fit}`;
}

/** Graphs stay loaded while readings come and go. */
class KeptGraphs {
  readonly #graphs = new Map<string, Graph>();
  #outputs: Outputs | null = null;

  constructor(private readonly loadOnce: LoadGraph) {}

  readonly load: LoadGraph = async (path, format, inner = []) => {
    const key = [path, ...inner].join('\n');
    const graph = this.#graphs.get(key) ?? (await this.loadOnce(path, format, inner));
    this.#graphs.set(key, graph);
    const { inputs, outputs, metadata, nodes, notes } = graph;
    const told = { ...(nodes === undefined ? {} : { nodes }), ...(notes === undefined ? {} : { notes }) };
    const run: Graph['run'] = async (feeds) => {
      const given = await graph.run(feeds);
      this.#outputs ??= given;
      return given;
    };
    return { inputs, outputs, metadata, ...told, run, dispose: () => undefined };
  };

  describeInputs(): string[] {
    // Opened again for inner tensors, a graph has the same inputs.
    const [graph] = this.#graphs.values();
    return (graph?.inputs ?? []).map(({ name, type, shape }) => `${name} ${type} [${shape?.join(',') ?? '…'}]`);
  }

  /** Of the first forward: the file's own. */
  describeOutputs(): string[] {
    return Object.entries(this.#outputs ?? {}).map(([name, tensor]) => `${name} ${describeOutput(tensor)}`);
  }

  dispose(): void {
    for (const graph of this.#graphs.values()) graph.dispose();
  }
}
