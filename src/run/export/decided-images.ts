/** What people decided on a run, as its exports take it. */
import { resolve } from 'node:path';
import type { RunImage } from '../../arrow/encode-run.js';
import { MiningError } from '../../core/mining-error.js';
import { rowOfDecision, type Decision, type Verdict } from '../../core/triage/decisions.js';
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
    const byImage = new Map<string, Decision[]>();
    for (const each of decisions) byImage.set(each.image, [...(byImage.get(each.image) ?? []), each]);
    return new DecidedImages(byImage, manifest.classes, faults);
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

  /** What is to be left out of training of an image. */
  ignoredOf({
    summary: { id },
    gts,
  }: Pick<RunImage, 'summary' | 'gts'>): Pick<ExportImage, 'isIgnored' | 'ignoredGts'> {
    const ignored = this.decisions.get(id)?.filter(({ verdict }) => verdict === 'ignore') ?? [];
    const labels = ignored.length === 0 ? [] : Array.from(gts.gtClass, (each) => this.classes[each] ?? '');
    const ignoredGts = ignored.flatMap(({ object }) =>
      object === undefined ? [] : [rowOfDecision(object, gts, labels, gts.annotation)],
    );
    const isIgnored = ignored.some(({ object, roi }) => object === undefined && roi === undefined);
    return { isIgnored, ignoredGts: new Set(ignoredGts) };
  }
}
