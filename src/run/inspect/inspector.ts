/** What a checkpoint is taken for, how well that meets the ground truth, and what fits better. */
import type { Detector, ModelFiles } from '../../checkpoint/detector.js';
import { locateContract } from '../../checkpoint/files/locate.js';
import { contradicted, writeContract } from '../../checkpoint/files/write-contract.js';
import { openModel } from '../../checkpoint/open-model.js';
import { MiningError, show } from '../../core/mining-error.js';
import { boxFit, topBoxes, type TopBox } from '../../core/reports/box-fit.js';
import type { RgbImage } from '../../core/graph.js';
import type { DatasetOptions } from '../../dataset/dataset.js';
import { openDataset } from '../../dataset/registry.js';
import type { Engine } from '../../engine/engine.js';
import { startEngine } from '../../engine/registry.js';
import type { SavedReading } from '../../protocol/inspect-messages.js';
import { KeptGraphs } from './kept-graphs.js';
import { changed, repairsOf, says, type Change, type Contract, type Repair } from './readings.js';
import { samplesOf, type Sample } from './samples.js';

export interface InspectOptions {
  readonly checkpoint: string;
  /** Annotated images to measure by; null: none. */
  readonly data: string | null;
  readonly dataset?: DatasetOptions;
  readonly backend: string | null;
}

/** A way to read a checkpoint. */
export interface Reading {
  /** `as it is`, else what differs. */
  readonly name: string;
  readonly contract: Contract;
  readonly detector: Detector;
  /** Mean best IoU of the objects with as many of the best boxes, [0, 1]; 0 without annotated images. */
  readonly fit: number;
  /** These boxes, for each sample. */
  readonly boxes: readonly (readonly TopBox[])[];
}

/** Fewer objects prove little. */
const FEW_OBJECTS = 10;
/** No reading that fits less is right. */
const LEAST_FIT = 0.3;
/** Another reading is taken where it is better by this. */
const LEAST_GAIN = 0.05;

/** Told after each reading: how many were tried, and how many there are at most. */
type Told = (numDone: number, numTotal: number) => void;

/** A checkpoint with all the readings of it that were measured; the chosen one is what a contract would say. */
export class Inspector {
  #readings: Reading[] = [];
  #chosen: Reading;

  private constructor(
    private readonly files: ModelFiles<Detector>,
    private readonly engine: Engine,
    private readonly graphs: KeptGraphs,
    readonly samples: readonly Sample[],
    asItIs: Reading,
  ) {
    this.#chosen = asItIs;
    this.#readings.push(asItIs);
  }

  /**
   * Opens a detector and, with annotated images, tries every reading that its family's contract can say.
   * @throws MiningError of whichever part does not fit.
   * Cost: 1 + 25 readings x 6 forwards at most.
   */
  static async open(options: InspectOptions, told: Told = () => undefined): Promise<Inspector> {
    const files = await openModel(options.checkpoint, 'detection');
    const { engine } = await startEngine(files.format, options.backend);
    const graphs = new KeptGraphs((...graph) => engine.loadGraph(...graph));
    try {
      const detector = await files.open(graphs.load);
      const dataset = options.data === null ? null : await openDataset(options.data, options.dataset ?? {});
      const samples = dataset === null ? [] : await samplesOf(dataset, detector);
      const contract = { ...(await locateContract(files.path))?.contract, family: detector.family };
      const asItIs = await measured(AS_IT_IS, contract, detector, samples);
      const inspector = new Inspector(files, engine, graphs, samples, asItIs);
      if (samples.length > 0) await inspector.#tryAll(told);
      return inspector;
    } catch (error) {
      graphs.dispose();
      await engine.dispose();
      throw error;
    }
  }

  /** Best first; of equals the one that was tried first. */
  get readings(): readonly Reading[] {
    return this.#readings;
  }

  /** The best at first. */
  get chosen(): Reading {
    return this.#chosen;
  }

  get inputs(): readonly string[] {
    return this.graphs.describeInputs();
  }

  /** Of the file itself. */
  get outputs(): readonly string[] {
    return this.graphs.describeOutputs();
  }

  get numObjects(): number {
    return this.samples.reduce((sum, { gts }) => sum + gts.numGts, 0);
  }

  /** How sure the chosen reading is, and why. */
  get evidence(): { readonly text: string; readonly isWeak: boolean } {
    const { fit } = this.#chosen;
    const numObjects = this.numObjects;
    if (this.samples.length === 0)
      return { text: 'not measured: annotated images would show whether boxes meet objects', isWeak: true };
    const text = `boxes meet ${numObjects} objects with a mean IoU of ${fit.toFixed(2)}`;
    if (numObjects < FEW_OBJECTS) return { text: `weak, few objects: ${text}`, isWeak: true };
    if (fit < LEAST_FIT) return { text: `weak, no reading fits: ${text}`, isWeak: true };
    const other = this.#readings.find((reading) => reading !== this.#chosen);
    const gap = fit - (other?.fit ?? 0);
    if (gap <= -LEAST_GAIN) return { text: `weak, ${other?.name} fits better: ${text}`, isWeak: true };
    return gap < LEAST_GAIN
      ? { text: `${text}; ${other?.name} fits as well`, isWeak: false }
      : { text: `sure: ${text}`, isWeak: false };
  }

  /** What the chosen reading's contract may say otherwise, and what it says. */
  get repairs(): readonly (Repair & { readonly chosen: number | null })[] {
    const { contract, detector } = this.#chosen;
    const inEffect = { ...contract, preprocess: detector.preprocess };
    return repairsOf(contract).map((repair) => {
      const at = repair.changes.findIndex((change) => says(inEffect, change));
      return { ...repair, chosen: at < 0 ? null : at };
    });
  }

  /** @throws MiningError 'options' */
  take(index: number): void {
    const reading = this.#readings[index];
    if (reading === undefined)
      throw new MiningError('options', 'reading', `below ${this.#readings.length}`, show(index));
    this.#chosen = reading;
  }

  /**
   * Measures the chosen reading with one thing changed, and takes that.
   * @throws MiningError 'options' for what is no repair; 'checkpoint' where the outputs contradict it.
   */
  async repair(id: string, choice: number): Promise<void> {
    const change = this.repairs.find((repair) => repair.id === id)?.changes[choice];
    if (change === undefined)
      throw new MiningError('options', 'repair', this.repairs.map((repair) => repair.id).join(', '), show(id));
    const contract = changed(this.#chosen.contract, change);
    const known = this.#readings.find((reading) => sameJson(reading.contract, contract));
    this.#chosen = known ?? (await this.#measure(nameOf(this.#chosen, id, change), contract));
    if (known === undefined) this.#readings = ranked([...this.#readings, this.#chosen]);
  }

  /** The `count` best boxes of the chosen reading on another image. */
  async boxesOn(image: RgbImage, count: number): Promise<TopBox[]> {
    return topBoxes(await this.#chosen.detector.detect(image), count);
  }

  /**
   * Writes the chosen reading into the checkpoint's contract.
   * @param replace what the contract on the disk says otherwise, too; else nothing is written where it does.
   * @throws MiningError 'options' where it cannot be written.
   */
  async save(replace: boolean): Promise<SavedReading> {
    const { path } = this.files;
    const { contract } = this.#chosen;
    const said = replace ? null : await contradicted(path, contract);
    return said ?? { path: await writeContract(path, contract), contradicted: [] };
  }

  async dispose(): Promise<void> {
    this.graphs.dispose();
    await this.engine.dispose();
  }

  /** Of each repair the best choice goes on to the next, where it gains enough. */
  async #tryAll(told: Told): Promise<void> {
    const asItIs = this.#chosen;
    const tried: Reading[] = [asItIs];
    let best = asItIs;
    const repairs = repairsOf(asItIs.contract);
    const numTotal = repairs.reduce((sum, { changes }) => sum + changes.length, 0);
    let numDone = 0;
    for (const { id, changes } of repairs) {
      const base = best;
      for (const change of changes) {
        told(numDone++, numTotal);
        const reading = await this.#tryOne(nameOf(base, id, change), changed(base.contract, change));
        // What changes nothing is what it is already.
        if (reading === null || reading.fit === base.fit) continue;
        tried.push(reading);
        if (reading.fit > Math.max(best.fit, base.fit + LEAST_GAIN)) best = reading;
      }
    }
    this.#chosen = best;
    this.#readings = ranked(tried);
  }

  /** null where the outputs contradict the contract. */
  async #tryOne(name: string, contract: Contract): Promise<Reading | null> {
    try {
      return await this.#measure(name, contract);
    } catch (error) {
      if (error instanceof MiningError && error.code === 'checkpoint') return null;
      throw error;
    }
  }

  async #measure(name: string, contract: Contract): Promise<Reading> {
    return measured(name, contract, await this.files.open(this.graphs.load, contract), this.samples);
  }
}

const AS_IT_IS = 'as it is';

/** `channels bgr` after `as it is`; else behind what differs already. */
function nameOf(base: Reading, id: string, { choice }: Change): string {
  return base.name === AS_IT_IS ? `${id} ${choice}` : `${base.name}, ${id} ${choice}`;
}

async function measured(
  name: string,
  contract: Contract,
  detector: Detector,
  samples: readonly Sample[],
): Promise<Reading> {
  const fits = [];
  for (const { image, gts, byClass } of samples) fits.push(boxFit(await detector.detect(image), gts, byClass));
  const sum = fits.reduce((total, fit) => total + fit.sum, 0);
  const count = fits.reduce((total, { numObjects }) => total + numObjects, 0);
  return { name, contract, detector, fit: count === 0 ? 0 : sum / count, boxes: fits.map(({ boxes }) => boxes) };
}

function ranked(readings: readonly Reading[]): Reading[] {
  return readings.toSorted((a, b) => b.fit - a.fit);
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
