/** The rows of a minibatch that the trainable head gets, chosen by any sampler of the core or by bootstrap's rounds. */
import { isForeground, Status, type RoiTable, type Selection } from '../core/tables.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { samplerOf } from '../core/mining/samplers/index.js';
import { emptyNegativeCache, updateNegativeCache, type NegativeCache } from '../core/mining/samplers/bootstrap.js';
import { sampleWithoutReplacement, seededRandom } from '../core/seeded-random.js';
import { selectHardestRows, selectHardExamples } from '../core/mining/select.js';

export interface RoiChooser {
  /** Rows are chosen by what they cost, so the read-only head has to look at all of them first. */
  readonly looks: boolean;
  /**
   * @param rois the minibatch; `imageIndex` counts its images. Losses mean nothing where the chooser does not look.
   * @param imageIndex place of each image of the minibatch in the data set.
   * @param seed another one each step.
   */
  choose(rois: RoiTable, imageIndex: readonly number[], seed: number): Int32Array;
}

/**
 * A sampler of the core; its own seed and the step's make each draw another.
 * @param foregroundQuota share of the selected RoIs that may be foreground; null: no bound.
 */
export function samplerChooser(mining: MiningConfig, foregroundQuota: number | null): RoiChooser {
  const seeded = (seed: number) => ({ ...mining, seed: (seed ^ mining.seed) >>> 0 });
  return {
    // Fast R-CNN's step is not charged for a pass that it does not make.
    looks: samplerOf(mining.preset).looks === 'at losses',
    choose: (rois, _, seed) =>
      foregroundQuota === null
        ? selectHardestRows(rois, seeded(seed))
        : withinQuota(rois, selectHardExamples(rois, seeded(seed)), foregroundQuota),
  };
}

/** In each image the easiest foreground above its quota makes room for the hardest background that was left out. */
function withinQuota(rois: RoiTable, { status, order }: Selection, quota: number): Int32Array {
  const selected = new Map<number, number[]>();
  const below = new Map<number, number[]>();
  for (const row of order) {
    const isSelected = status[row] === Status.selected;
    const isSpare = status[row] === Status.belowBudget && !isForeground(rois, row);
    if (!isSelected && !isSpare) continue;
    const image = rois.imageIndex[row];
    const rows = isSelected ? selected : below;
    (rows.get(image) ?? rows.set(image, []).get(image))?.push(row);
  }
  return Int32Array.from(
    [...selected].flatMap(([image, rows]) => {
      const foreground = rows.filter((row) => isForeground(rois, row));
      const dropped = new Set(foreground.slice(Math.floor(quota * rows.length)));
      const kept = rows.filter((row) => !dropped.has(row));
      return [...kept, ...(below.get(image) ?? []).slice(0, dropped.size)];
    }),
  );
}

/**
 * R-CNN's rounds: mine all images, add hard negatives to the cache, train on positives and cache, mine again, and let
 * go of what has become easy. Before the first round negatives are drawn from all background, to have a first detector.
 * Needs RoIs that are the same each time an image is seen.
 * Source: Girshick et al., CVPR 2014, section 2.3. Deviation: a softmax head and minibatches of `batchSize` RoIs, a
 * share `posFraction` of them foreground, stand for the SVMs trained on the whole cache.
 */
export class BootstrapRounds implements RoiChooser {
  readonly looks = false;
  #cache: NegativeCache = emptyNegativeCache();
  #numRounds = 0;

  constructor(
    readonly mining: MiningConfig,
    readonly evictThreshold: number,
  ) {}

  get cache(): NegativeCache {
    return this.#cache;
  }

  get numRounds(): number {
    return this.#numRounds;
  }

  /** Goes on where another training stopped. */
  restore(cache: NegativeCache, numRounds: number): void {
    this.#cache = cache;
    this.#numRounds = numRounds;
  }

  /** One round over the data set. @param tables one an image, `imageIndex` counting within the data set. */
  async mine(tables: AsyncIterable<RoiTable>): Promise<void> {
    const { negOverlap, scoreThreshold } = this.mining;
    for await (const table of tables) {
      this.#cache = updateNegativeCache(this.#cache, table, {
        negOverlap,
        scoreThreshold,
        evictThreshold: this.evictThreshold,
      });
    }
    this.#numRounds++;
  }

  choose(rois: RoiTable, imageIndex: readonly number[], seed: number): Int32Array {
    const random = seededRandom(seed ^ this.mining.seed);
    const budget = Math.floor(this.mining.batchSize / imageIndex.length);
    const chosen: number[] = [];
    imageIndex.forEach((image, n) => {
      const rows = Int32Array.from(rois.imageIndex.keys()).filter((row) => rois.imageIndex[row] === n);
      const foreground = rows.filter((row) => isForeground(rois, row));
      const positives = sampleWithoutReplacement(foreground, Math.floor(budget * this.mining.posFraction), random);
      const negatives = sampleWithoutReplacement(this.#negatives(rois, rows, image), budget - positives.length, random);
      chosen.push(...positives, ...negatives);
    });
    return Int32Array.from(chosen);
  }

  #negatives(rois: RoiTable, rows: Int32Array, image: number): Int32Array {
    const background = rows.filter((row) => rois.gtClass[row] === rois.numClasses);
    if (this.#numRounds === 0) return background;
    const cached = new Set(this.#cache.roi.filter((_, i) => this.#cache.imageIndex[i] === image));
    return background.filter((row) => cached.has(row - rows[0]));
  }
}
