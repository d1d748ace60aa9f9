/** The comparison of checkpoints that an engine process keeps: read bit by bit, and asked meanwhile. */
import { imagePlace } from '../../core/facts/image-place.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { NONE, NUM_TOP, type GtTable, type RoiTable } from '../../core/tables.js';
import type {
  Box,
  CheckpointAnswer,
  CheckpointPage,
  CheckpointQuery,
  CheckpointRow,
  ExampleKey,
  ExampleRoi,
  ExampleSide,
} from '../../protocol/checkpoint-messages.js';
import { extentOf, readImage } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { CheckpointTable } from './checkpoint-table.js';
import { notesOf } from './compare-runs.js';
import { NOBODY, ObservedRuns, type LookObservations, type ReadProgress, type ReadWatch } from './observed-runs.js';

/** The runs stay open, so that a file that is replaced meanwhile is still the one that was read. */
export class CheckpointShelf {
  #paths = '';
  #comparison: Promise<Comparison> | undefined;

  /**
   * Reads runs; those that are being compared go on where their reading was stopped.
   * @param again reads them anew, as they are now.
   * @throws MiningError as `ObservedRuns.open`; the signal's reason: what was read is kept.
   */
  async read(paths: readonly string[], again: boolean, watch: ReadWatch): Promise<void> {
    if (again) await this.close();
    await (await this.#open(paths)).read(watch);
  }

  /** Answers about what is read; where nothing has begun, reads first. @throws MiningError as `read` */
  async query(paths: readonly string[], query: CheckpointQuery): Promise<CheckpointAnswer> {
    return (await this.#begun(paths)).query(query);
  }

  async page(paths: readonly string[], { query, first, most }: CheckpointPage): Promise<readonly CheckpointRow[]> {
    return (await this.#begun(paths)).table().page(query, first, most);
  }

  /** An example as looks A and B see it. @throws MiningError 'options' where there is none; 'run-file' */
  async example(paths: readonly string[], key: ExampleKey): Promise<readonly [ExampleSide, ExampleSide]> {
    const comparison = await this.#begun(paths);
    return [await comparison.side(key, key.a), await comparison.side(key, key.b)];
  }

  async #begun(paths: readonly string[]): Promise<Comparison> {
    const comparison = await this.#open(paths);
    // The process has been started anew since, or one run alone is compared with itself: passes are known at its end.
    if (!comparison.hasBegun || comparison.isOneRun) await comparison.read(NOBODY);
    return comparison;
  }

  #open(paths: readonly string[]): Promise<Comparison> {
    const key = JSON.stringify(paths);
    if (this.#comparison !== undefined && this.#paths === key) return this.#comparison;
    const before = this.close();
    const opening = before.then(async () => new Comparison(await ObservedRuns.open(paths)));
    [this.#paths, this.#comparison] = [key, opening];
    opening.catch(() => {
      if (this.#comparison === opening) this.#comparison = undefined;
    });
    return opening;
  }

  /** Forgets the comparison and closes its runs. */
  async close(): Promise<void> {
    const last = this.#comparison;
    this.#comparison = undefined;
    await last?.then((comparison) => comparison.close()).catch(() => undefined);
  }
}

class Comparison {
  #reading: Promise<void> | undefined;
  #table: { readonly numDone: number; readonly table: CheckpointTable } | undefined;

  constructor(private readonly observed: ObservedRuns) {}

  get hasBegun(): boolean {
    return this.#reading !== undefined;
  }

  get isOneRun(): boolean {
    return this.observed.runs.length === 1;
  }

  /** Two at a time would read everything twice: who comes second waits, then reads what is left. */
  read(watch: ReadWatch): Promise<void> {
    const before = this.#reading?.catch(() => undefined) ?? Promise.resolve();
    this.#reading = before.then(() => this.observed.read(watch));
    return this.#reading;
  }

  close(): Promise<void> {
    return this.observed.close();
  }

  table(): CheckpointTable {
    const { numDone } = this.observed.progress;
    if (this.#table?.numDone !== numDone) this.#table = { numDone, table: new CheckpointTable(this.observed.looks()) };
    return this.#table.table;
  }

  query(query: CheckpointQuery): CheckpointAnswer {
    const { runs, progress } = this.observed;
    const table = this.table();
    const found = table.query(query);
    const { classes, isDetection, numLooks } = table.looks;
    const facts = { runs: runs.map(runFacts), classes, isDetection, numLooks, read: progress };
    return { ...facts, ...found, notes: notesOf(table.looks, runs, found, isRead(progress)) };
  }

  async side({ image, gt }: ExampleKey, look: number): Promise<ExampleSide> {
    const { looks } = this.table();
    const e = looks.image.findIndex((id, i) => id === image && (gt === null || looks.gtIndex[i] === gt));
    const seen = looks.observations[look];
    if (e < 0 || seen === undefined) {
      const received = gt === null ? image : said`${image}, object ${gt}`;
      throw new MiningError('options', 'example', 'one that is compared', received);
    }
    const place = this.isOneRun ? 0 : look;
    const run = this.observed.runs[place];
    const [imageIndex, row] = [seen.imageIndex[e], seen.row[e]];
    const { rois, gts, summary } = await readImage(run, imageIndex);
    const { width, height } = summary;
    const { dataset } = run.manifest;
    const [path, { imageRoot }] = [imagePlace(summary, dataset), dataset];
    return {
      ...{ look, run: place, imageIndex, path, imageRoot, width, height },
      gtBox: gt === null ? null : gtBox(gts, gt),
      roi: row === NONE ? null : roiFacts(rois, row, run, { hasBox: gt !== null, seen, e }),
    };
  }
}

function isRead({ numDone, numTotal }: ReadProgress): boolean {
  return numDone === numTotal;
}

function runFacts(run: RunReader) {
  const { checkpoint, dataset } = run.manifest;
  const { complete, num_images: numImages } = extentOf(run);
  return { path: run.path, source: checkpoint?.path ?? dataset.path, numImages, complete };
}

function gtBox({ x1, y1, x2, y2 }: GtTable, gt: number): Box {
  return [x1[gt], y1[gt], x2[gt], y2[gt]];
}

interface Seen {
  readonly hasBox: boolean;
  readonly seen: LookObservations;
  /** The example. */
  readonly e: number;
}

function roiFacts(
  rois: RoiTable,
  row: number,
  { manifest: { classes } }: RunReader,
  { hasBox, seen, e }: Seen,
): ExampleRoi {
  const top = Array.from({ length: NUM_TOP }, (_, i) => row * NUM_TOP + i).filter((i) => rois.topClass[i] !== NONE);
  const box: Box = [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]];
  return {
    row,
    box: hasBox ? box : null,
    known: seen.learned[e] === 1,
    scores: top.map((i) => [classes[rois.topClass[i]] ?? 'background', rois.topScore[i]] as const),
    ...numbers({ loss: seen.loss[e], lossCls: rois.lossCls[row], lossLoc: rois.lossLoc[row] }),
    ...numbers({ iou: rois.iou[row], margin: seen.margin[e] }),
  };
}

/** NaN and infinities are not JSON. */
function numbers<K extends string>(values: Readonly<Record<K, number>>): Record<K, number | null> {
  const known = Object.entries<number>(values).map(([key, value]) => [key, Number.isFinite(value) ? value : null]);
  return Object.fromEntries(known) as Record<K, number | null>;
}
