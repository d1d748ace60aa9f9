/** What people decided on a run, as its exports take it. */
import { resolve } from 'node:path';
import type { RunImage } from '../../arrow/encode-run.js';
import { MiningError } from '../../core/mining-error.js';
import { groupByImage, type Decision, type Verdict } from '../../core/triage/decisions.js';
import { placeDecisions } from '../../core/triage/placed-decisions.js';
import { readDecisions } from '../decisions/decisions.js';
import type { RunReader } from '../file/run-store.js';
import type { ExportImage } from './export-format.js';

export class DecidedImages {
  private constructor(
    private readonly decisions: ReadonlyMap<string, readonly Decision[]>,
    /** Names of the run's classes. */
    private readonly classes: readonly string[],
    /** Lines and files of decisions that could not be read. */
    readonly faults: readonly string[],
  ) {}

  static async of({ path, manifest }: RunReader): Promise<DecidedImages> {
    const { decisions, faults } = await readDecisions(resolve(path));
    return new DecidedImages(groupByImage(decisions), manifest.classes, faults);
  }

  /**
   * Was one of these decided on the image, or on something in it?
   * @throws MiningError 'options' where decisions cannot be read: one of those that are missing might be.
   */
  has(id: string, verdicts: readonly Verdict[]): boolean {
    const [fault] = this.faults;
    if (fault !== undefined) throw new MiningError('options', 'decisions', 'lines that are decisions', fault);
    return this.decisions.get(id)?.some(({ verdict }) => verdicts.includes(verdict)) ?? false;
  }

  /** What is to be left out of training of an image: by the latest decision on the row, as it is shown. */
  ignoredOf({ summary: { id }, ...tables }: RunImage): Pick<ExportImage, 'isIgnored' | 'ignoredGts'> {
    const { image, object } = placeDecisions(this.decisions.get(id) ?? [], tables, this.classes);
    const ignored = [...object].filter(([, { verdict }]) => verdict === 'ignore');
    return { isIgnored: image?.verdict === 'ignore', ignoredGts: new Set(ignored.map(([gt]) => gt)) };
  }
}
