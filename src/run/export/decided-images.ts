/** What people decided on a run, as its exports take it. */
import { resolve } from 'node:path';
import type { RunImage } from '../../arrow/encode-run.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { NONE } from '../../core/tables.js';
import { groupByImage, type Decided, type Decision, type Verdict } from '../../core/triage/decisions.js';
import { decisionOnRoi, placeDecisions, type ImageDecisions } from '../../core/triage/placed-decisions.js';
import { readDecisions } from '../decisions/decisions.js';
import type { RunBatch } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import type { ExportImage } from './export-format.js';

export class DecidedImages {
  private constructor(
    private readonly decisions: ReadonlyMap<string, readonly Decision[]>,
    private readonly manifest: RunManifest,
    /** Lines and files of decisions that could not be read. */
    readonly faults: readonly string[],
  ) {}

  static async of({ path, manifest }: RunReader): Promise<DecidedImages> {
    const { decisions, faults } = await readDecisions(resolve(path));
    return new DecidedImages(groupByImage(decisions), manifest, faults);
  }

  /**
   * Was one of these decided on the image, or on something in it?
   * @throws MiningError 'options' where decisions cannot be read: one of those that are missing might be.
   */
  has(id: string, verdicts: readonly Verdict[]): boolean {
    this.#needAll();
    return this.decisions.get(id)?.some(({ verdict }) => verdicts.includes(verdict)) ?? false;
  }

  /**
   * What was decided on a row of a minibatch, as a panel tells it: on the RoI, else on its object; of a classification
   * on the image. What it returns throws as `has`.
   */
  onRows({ rois, rowStart, images }: RunBatch): (row: number) => Decided {
    const placed = new Map<number, ImageDecisions>();
    return (row) => {
      this.#needAll();
      const place = rois.imageIndex[row] ?? NONE;
      const image = images[place];
      if (image === undefined) return 'undecided';
      const here = placed.get(place) ?? this.#placed(image);
      placed.set(place, here);
      const onRoi = decisionOnRoi(here, row - (rowStart[place] ?? 0), rois.gtIndex[row] ?? NONE);
      return (this.manifest.task === 'classification' ? here.image : onRoi)?.verdict ?? 'undecided';
    };
  }

  /** What is to be left out of training of an image: by the latest decision on the row, as it is shown. */
  ignoredOf(of: RunImage): Pick<ExportImage, 'isIgnored' | 'ignoredGts'> {
    const { image, object } = this.#placed(of);
    const ignored = [...object].filter(([, { verdict }]) => verdict === 'ignore');
    return { isIgnored: image?.verdict === 'ignore', ignoredGts: new Set(ignored.map(([gt]) => gt)) };
  }

  #placed({ summary: { id }, ...tables }: RunImage): ImageDecisions {
    return placeDecisions(this.decisions.get(id) ?? [], tables, this.manifest.classes);
  }

  #needAll(): void {
    const [fault] = this.faults;
    if (fault !== undefined) throw new MiningError('options', 'decisions', 'lines that are decisions', fault);
  }
}
