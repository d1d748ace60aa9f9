/** What a run says about how OHEM would train on it: foreground against the budget, and where the loss lies. */
import { MiningError } from '../mining-error.js';
import type { MiningConfig } from '../mining/mining-options.js';
import { SAMPLERS, type PresetId } from '../mining/samplers/index.js';
import { budgetOption, resolveConfig, selectHardest } from '../mining/select.js';
import type { RoiRest } from '../roi-rest.js';
import { IGNORE, isForeground, Status, type RoiTable } from '../tables.js';

/** Background that overlaps every object by less touches none. Source: Fast R-CNN's bg_lo (arXiv 1504.08083). */
export const ALONE_IOU = 0.1;
/** A detector that gives background this score or more takes it for an object. */
export const SURE_SCORE = 0.5;
/** Shares of the RoIs, hardest first, whose loss is told. */
export const HARDEST_SHARES = [0.01, 0.03, 0.1] as const;

/** What one preset would train on. Means and shares of nothing are 0. */
export interface PresetFacts {
  readonly preset: PresetId;
  /** Mean RoIs of a minibatch that it selects. */
  readonly numSelected: number;
  /** Foreground among them, [0, 1]. */
  readonly foregroundShare: number;
  /** Share of all loss that lies on them, [0, 1]. */
  readonly lossCovered: number;
}

export interface AdviceFacts {
  readonly mining: MiningConfig;
  readonly numImages: number;
  /** Means of a minibatch of N images: RoIs that may be selected, and the foreground among them. */
  readonly numRois: number;
  readonly numForeground: number;
  /** What `mining` itself would train on. */
  readonly own: PresetFacts;
  /** The other presets at the same budget, in the order of the menu; without those that need RoIs not kept. */
  readonly others: readonly PresetFacts[];
  /** For each of HARDEST_SHARES the share of an image's loss that lies on so many of its RoIs, weighted by loss. */
  readonly lossShares: readonly number[];
  /** For each, whether it may be greater: it reaches into RoIs that are not kept. */
  readonly isLeastShare: readonly boolean[];
  /**
   * The background that `mining` selects: how many in all, what share of it touches no annotated object
   * (IoU < ALONE_IOU; null: overlaps are unknown), and what share does so although its score is SURE_SCORE or more;
   * null: scores, or overlaps, are unknown.
   */
  readonly background: {
    readonly numSelected: number;
    readonly aloneShare: number | null;
    readonly sureAloneShare: number | null;
  };
  /** Foreground that `mining` selects, by class (K), in all. */
  readonly byClass: readonly number[];
}

interface PresetSums {
  readonly mining: MiningConfig;
  numSelected: number;
  numForeground: number;
  loss: number;
}

/** Sums over the minibatches of a run. */
export class AdviceTally {
  #numImages = 0;
  #numRois = 0;
  #numForeground = 0;
  #loss = 0;
  #isScored = false;
  /** Foreground overlaps its object: where all of it has an IoU of 0, a dump told none. */
  #isPlaced = false;
  readonly #lossShares = HARDEST_SHARES.map(() => 0);
  readonly #isLeastShare = HARDEST_SHARES.map(() => false);
  readonly #background = { numSelected: 0, numAlone: 0, numSure: 0 };
  readonly #byClass: number[];
  readonly #own: PresetSums;
  #others: readonly PresetSums[];

  /**
   * @param mining by which RoIs would be chosen; the others get its budget and images a minibatch.
   * @param numClasses K.
   */
  constructor(
    readonly mining: MiningConfig,
    numClasses: number,
  ) {
    const sums = (config: MiningConfig) => ({ mining: config, numSelected: 0, numForeground: 0, loss: 0 });
    this.#own = sums(mining);
    this.#others = SAMPLERS.filter(({ id }) => id !== mining.preset).map(({ id }) => sums(atSameBudget(id, mining)));
    this.#byClass = Array.from({ length: numClasses }, () => 0);
  }

  /**
   * Adds a minibatch.
   * @param rois rows of its images, contiguous, losses of class and box each on its own.
   * @param numImages images of it, those without RoIs too. Background that is not kept counts with its sum.
   * @throws MiningError 'mining' where the configuration needs RoIs that are not kept.
   * Cost: every preset chooses once.
   */
  add(rois: RoiTable, numImages: number): void {
    const loss = lossesOf(rois);
    this.#numImages += numImages;
    for (let row = 0; row < rois.numRois; row++) {
      if (Number.isNaN(loss[row])) continue;
      this.#numRois++;
      this.#loss += loss[row];
      if (!isForeground(rois, row)) continue;
      this.#numForeground++;
      this.#isPlaced ||= rois.iou[row] > 0;
    }
    for (const { numBackground, sumLossCls } of rois.rests?.values() ?? []) {
      this.#numRois += numBackground;
      this.#loss += sumLossCls;
    }
    this.#addConcentration(rois, loss);
    this.#addOwn(rois, addChosen(this.#own, rois, loss));
    this.#others = this.#others.filter((other) => isTold(() => addChosen(other, rois, loss)));
  }

  /** What has been added so far. */
  facts(): AdviceFacts {
    const { imagesPerBatch } = this.mining;
    const perBatch = (count: number) => over(count * imagesPerBatch, this.#numImages);
    const presetFacts = ({ mining: { preset }, numSelected, numForeground, loss }: PresetSums): PresetFacts => ({
      preset,
      numSelected: perBatch(numSelected),
      foregroundShare: over(numForeground, numSelected),
      lossCovered: over(loss, this.#loss),
    });
    const { numSelected, numAlone, numSure } = this.#background;
    const knowsOverlaps = this.#isPlaced || this.#numForeground === 0;
    return {
      mining: this.mining,
      numImages: this.#numImages,
      numRois: perBatch(this.#numRois),
      numForeground: perBatch(this.#numForeground),
      own: presetFacts(this.#own),
      others: this.#others.map(presetFacts),
      lossShares: this.#lossShares.map((sum) => over(sum, this.#loss)),
      isLeastShare: [...this.#isLeastShare],
      background: {
        numSelected,
        aloneShare: knowsOverlaps ? over(numAlone, numSelected) : null,
        sureAloneShare: this.#isScored && knowsOverlaps ? over(numSure, numSelected) : null,
      },
      byClass: [...this.#byClass],
    };
  }

  #addOwn(rois: RoiTable, rows: readonly number[]): void {
    for (const row of rows) {
      if (isForeground(rois, row)) this.#byClass[rois.gtClass[row]]++;
      else {
        const isAlone = rois.iou[row] < ALONE_IOU;
        this.#isScored ||= !Number.isNaN(rois.score[row]);
        this.#background.numSelected++;
        if (isAlone) this.#background.numAlone++;
        if (isAlone && rois.score[row] >= SURE_SCORE) this.#background.numSure++;
      }
    }
  }

  #addConcentration(rois: RoiTable, loss: Float64Array): void {
    for (let start = 0; start < rois.numRois;) {
      let end = start;
      while (end < rois.numRois && rois.imageIndex[end] === rois.imageIndex[start]) end++;
      const sorted = loss
        .slice(start, end)
        .filter((value) => !Number.isNaN(value))
        .sort()
        .reverse();
      const rest = rois.rests?.get(rois.imageIndex[start]);
      HARDEST_SHARES.forEach((share, i) => {
        const { loss: ofHardest, isLeast } = lossOfHardest(sorted, rest, share);
        this.#lossShares[i] += ofHardest;
        this.#isLeastShare[i] ||= isLeast;
      });
      start = end;
    }
  }
}

/**
 * Loss of the hardest share of an image's RoIs, nats. Of more than are kept the others count with their mean, which is
 * the least that it can be.
 * @param sorted losses of the rows, greatest first.
 */
function lossOfHardest(
  sorted: Float64Array,
  rest: RoiRest | undefined,
  share: number,
): { readonly loss: number; readonly isLeast: boolean } {
  const numUnkept = rest?.numBackground ?? 0;
  const count = Math.round(share * (sorted.length + numUnkept));
  const ofRows = sorted.subarray(0, count).reduce((sum, value) => sum + value, 0);
  if (rest === undefined || numUnkept === 0 || count === 0) return { loss: ofRows, isLeast: false };
  const numMore = Math.max(0, count - sorted.length);
  const isLeast = numMore > 0 || sorted[count - 1] < rest.maxLossCls;
  return { loss: ofRows + (numMore * rest.sumLossCls) / numUnkept, isLeast };
}

/** Whether the kept RoIs are enough to choose. */
function isTold(choose: () => unknown): boolean {
  try {
    choose();
    return true;
  } catch (error) {
    if (error instanceof MiningError && error.code === 'mining') return false;
    throw error;
  }
}

/** A preset with the budget of another: B RoIs a minibatch, floor(B / N) an image, or its keep rate. */
function atSameBudget(preset: PresetId, mining: MiningConfig): MiningConfig {
  const { imagesPerBatch, batchSize } = mining;
  const key = budgetOption(mining);
  const perImage = key === 'num' || key === 'numHardExamples' ? mining[key] : Math.floor(batchSize / imagesPerBatch);
  return resolveConfig(preset, {
    imagesPerBatch,
    batchSize: perImage * imagesPerBatch,
    num: perImage,
    numHardExamples: perImage,
    ...(mining.keepRate === null ? {} : { keepRate: mining.keepRate }),
  });
}

/** Class and, for foreground, box loss of each row, nats; NaN where a row cannot be selected. */
function lossesOf(rois: RoiTable): Float64Array {
  const { gtClass, lossCls, lossLoc } = rois;
  return Float64Array.from(gtClass, (label, row) => {
    const loss = lossCls[row] + (isForeground(rois, row) ? lossLoc[row] : 0);
    return label === IGNORE || !Number.isFinite(loss) ? NaN : loss;
  });
}

/** @returns the rows that it selects, ascending, without ignored ones. */
function addChosen(sums: PresetSums, rois: RoiTable, loss: Float64Array): number[] {
  const { status } = selectHardest(rois, sums.mining);
  const rows: number[] = [];
  for (let row = 0; row < rois.numRois; row++) {
    if (status[row] !== Status.selected || Number.isNaN(loss[row])) continue;
    rows.push(row);
    if (isForeground(rois, row)) sums.numForeground++;
    sums.loss += loss[row];
  }
  sums.numSelected += rows.length;
  return rows;
}

function over(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count;
}
