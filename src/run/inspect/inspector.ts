/** What a checkpoint is taken for, how well that meets the ground truth, and what fits better. */
import { contradicted, writeContract } from '../../checkpoint/files/write-contract.js';
import { openModel } from '../../checkpoint/open-model.js';
import type { RgbImage } from '../../core/graph.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { topBoxes, type TopBox } from '../../core/reports/box-fit.js';
import type { DatasetOptions } from '../../dataset/dataset.js';
import { openDataset } from '../../dataset/registry.js';
import type { Engine } from '../../engine/engine.js';
import { startEngine } from '../../engine/registry.js';
import type { SavedReading } from '../../protocol/inspect-messages.js';
import { evidenceOf, LEAST_GAIN, type Evidence } from './evidence.js';
import { KeptGraphs } from './kept-graphs.js';
import { AS_IT_IS, firstReading, measure, tryReading, type Inspected, type Reading } from './reading.js';
import { changed, differences, repairsOf, says, type Contract, type Repair } from './readings.js';
import { samplesOf, type Sample } from './samples.js';

export interface InspectOptions {
  readonly checkpoint: string;
  /** Annotated images to measure by; null: none. */
  readonly data: string | null;
  readonly dataset?: DatasetOptions;
  readonly backend: string | null;
}

/** While boxes are read wrong, pixels cannot be judged, and the other way round: all is asked again. */
const PASSES = 2;

/** Told after each reading: how many were tried, and how many there are at most. */
type Told = (numDone: number, numTotal: number) => void;

/** A checkpoint with all the readings of it that were measured; the chosen one is what a contract would say. */
export class Inspector {
  #readings: Reading[] = [];
  #chosen: Reading;

  private constructor(
    private readonly engine: Engine,
    private readonly asked: Inspected,
    /** As the checkpoint is, or the first guess. */
    private readonly first: Reading,
  ) {
    this.#chosen = first;
    this.#readings.push(first);
  }

  /**
   * Opens a detector and, with annotated images, tries every reading that its family's contract can say.
   * @throws MiningError of whichever part does not fit.
   * Cost: 1 + 27 readings x 6 forwards at most, twice as many where one of them was better, and those of the guesses
   * where nobody tells what the outputs mean.
   */
  static async open(options: InspectOptions, told: Told = () => undefined): Promise<Inspector> {
    const files = await openModel(options.checkpoint, 'detection');
    const samples =
      options.data === null ? [] : await samplesOf(await openDataset(options.data, options.dataset ?? {}));
    const { engine } = await startEngine(files.format, options.backend);
    const graphs = new KeptGraphs((...graph) => engine.loadGraph(...graph));
    const asked = { files, graphs, samples };
    try {
      const inspector = new Inspector(engine, asked, await firstReading(asked));
      if (samples.length > 0) await inspector.#tryAll(told);
      return inspector;
    } catch (error) {
      graphs.dispose();
      await engine.dispose();
      throw error;
    }
  }

  /** Images that were measured; none without a data set. */
  get samples(): readonly Sample[] {
    return this.asked.samples;
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
    return this.asked.graphs.describeInputs();
  }

  /** Of the file itself. */
  get outputs(): readonly string[] {
    return this.asked.graphs.describeOutputs();
  }

  /** Why the checkpoint is not read as its contract says; undefined: it is, or there is none. */
  get problem(): Phrase | undefined {
    return this.first.problem;
  }

  get numObjects(): number {
    return this.samples.reduce((sum, { gts }) => sum + gts.numGts, 0);
  }

  /** How sure the chosen reading is, and why. */
  get evidence(): Evidence {
    const other = this.#readings.find((reading) => reading !== this.#chosen);
    return evidenceOf(this.#chosen, other, this.samples.length === 0 ? null : this.numObjects);
  }

  /** What the chosen reading's contract may say otherwise, and what it says. */
  get repairs(): readonly (Repair & { readonly chosen: number | null })[] {
    const said = inEffect(this.#chosen);
    return repairsOf(this.#chosen.contract).map((repair) => {
      const at = repair.changes.findIndex((change) => says(said, change));
      return { ...repair, chosen: at < 0 ? null : at };
    });
  }

  /** @throws MiningError 'options' */
  take(index: number): void {
    const reading = this.#readings[index];
    if (reading === undefined)
      throw new MiningError('options', 'reading', said`below ${this.#readings.length}`, show(index));
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
    const name = this.#nameOf(contract);
    const known = this.#readings.find((reading) => reading.name === name);
    this.#chosen = known ?? (await measure(this.asked, name, contract));
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
    const { path } = this.asked.files;
    const { contract } = this.#chosen;
    const said = replace ? null : await contradicted(path, contract);
    return said ?? { path: await writeContract(path, contract), contradicted: [] };
  }

  async dispose(): Promise<void> {
    this.asked.graphs.dispose();
    await this.engine.dispose();
  }

  /** Of each repair the best choice goes on to the next, where it gains enough. */
  async #tryAll(told: Told): Promise<void> {
    const tried = new Map<string, Reading>([[this.first.name, this.first]]);
    const repairs = repairsOf(this.first.contract);
    const numTotal = repairs.reduce((sum, { changes }) => sum + changes.length, 0);
    for (let pass = 1, before = null; pass <= PASSES && before !== this.#chosen; pass++) {
      before = this.#chosen;
      let numDone = numTotal * (pass - 1);
      for (const { changes } of repairs) {
        const base = this.#chosen;
        for (const change of changes) {
          told(numDone++, numTotal * pass);
          const contract = changed(base.contract, change);
          const name = this.#nameOf(contract);
          const reading = tried.has(name) ? null : await tryReading(this.asked, name, contract);
          // What changes nothing is what it is already.
          if (reading === null || reading.fit === base.fit) continue;
          tried.set(name, reading);
          if (reading.fit > Math.max(this.#chosen.fit, base.fit + LEAST_GAIN)) this.#chosen = reading;
        }
      }
    }
    this.#readings = ranked([...tried.values()]);
  }

  /** `as it is`, `channels bgr`; of a guess what was guessed, and then what differs. */
  #nameOf(contract: Contract): string {
    const { name } = this.first;
    const differing = differences(contract, inEffect(this.first));
    if (differing.length === 0) return name;
    return [...(name === AS_IT_IS ? [] : [name]), ...differing].join(', ');
  }
}

/** What a reading's contract and family say together. */
function inEffect({ contract, detector: { preprocess } }: Reading): Readonly<Record<string, unknown>> {
  return { ...contract, ...(preprocess === undefined ? {} : { preprocess }) };
}

function ranked(readings: readonly Reading[]): Reading[] {
  return readings.toSorted((a, b) => b.fit - a.fit);
}
