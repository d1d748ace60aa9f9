/** The decisions on a run by the places that they have in it now. */
import { groupByImage, type Decision } from '../../core/triage/decisions.js';
import { placeDecisions, type ImageDecisions } from '../../core/triage/placed-decisions.js';
import { readDecisions } from '../decisions/decisions.js';
import { tryReadImage, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** By place of the image in the run; images without a decision are absent. */
export type PlacedDecisions = ReadonlyMap<number, ImageDecisions>;

export interface Placed {
  /** The decisions as JSON. */
  readonly text: string;
  readonly decisions: ImageDecisions;
}

/** Reads them again where the files have changed, and looks only at images whose decisions are others then. */
export class RunDecisions {
  #text = '[]';
  #placed: ReadonlyMap<number, Placed> = new Map();
  #answer: PlacedDecisions = new Map();

  /**
   * The same object as long as nothing changes.
   * @param besideOf run beside which they lie: a run that grows has another name until it is done.
   * @throws MiningError 'run-file'
   * Cost: reads the files of decisions; where they have changed, the run's index and the images that they are about.
   */
  async read(runPath: string, besideOf: string): Promise<PlacedDecisions> {
    const { decisions } = await readDecisions(besideOf);
    const text = JSON.stringify(decisions);
    if (text === this.#text) return this.#answer;
    const place = (run: RunReader) => placeInRun(run, decisions, this.#placed);
    this.#placed = decisions.length === 0 ? new Map() : await withRun(runPath, place);
    this.#text = text;
    this.#answer = new Map([...this.#placed].map(([image, placed]) => [image, placed.decisions]));
    return this.#answer;
  }
}

/** @param known of an earlier time: images whose decisions are the same are not read again. */
export async function placeInRun(
  run: RunReader,
  decisions: readonly Decision[],
  known: ReadonlyMap<number, Placed> = new Map(),
): Promise<ReadonlyMap<number, Placed>> {
  const byImage = groupByImage(decisions);
  const placed = new Map<number, Placed>();
  let index = -1;
  for (const id of run.images.texts('id')) {
    index++;
    const ofImage = byImage.get(id);
    if (ofImage === undefined) continue;
    const text = JSON.stringify(ofImage);
    const before = known.get(index);
    const tables = before?.text === text ? null : await tryReadImage(run, index);
    if (before?.text === text) placed.set(index, before);
    else if (tables !== null)
      placed.set(index, { text, decisions: placeDecisions(ofImage, tables, run.manifest.classes) });
  }
  return placed;
}
