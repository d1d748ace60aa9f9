import { real } from '../../option-specs.js';
import { isForeground, NONE, NUM_TOP, type RoiTable, Status } from '../../tables.js';
import { judgeRows, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';
import type { OptionsOf } from './sampler.js';

type BootstrapOptions = Pick<OptionsOf<'scoreThreshold'>, 'scoreThreshold' | 'negOverlap'>;

/**
 * R-CNN's hard negative mining, the older family. There, for each class, a training set of the object's examples and a
 * cache of negatives grows image by image: RoIs that overlap the class by less than .3 and that the current detector
 * scores above a threshold enter; after each retraining those that have become easy leave.
 *
 * On one table there is one detector and no retraining, so what is shown is a single pass: the positives, and the
 * negatives that would enter some class's cache now. `updateNegativeCache` is the whole, over rounds.
 * Deviations: probabilities stand for SVM margins (there -1.0001 to enter, -1.2 to leave); the overlap is the one with
 * any class's ground truth, which is what the table holds; positives are all foreground RoIs, there ground truth only.
 * A row of unknown score is not above any threshold.
 */
export const bootstrap = sampler({
  id: 'bootstrap',
  title: 'Hard negatives by class score (R-CNN), one pass',
  source: 'Girshick et al., CVPR 2014, section 2.3 and appendix B; rbgirshick/rcnn rcnn_train.m',
  scope: 'image',
  rule: {
    ranks: 'class score',
    nms: 'none',
    keeps: 'positives, and negatives (IoU below `negOverlap`) that score above `scoreThreshold`',
  },
  looks: 'in rounds',
  own: {
    scoreThreshold: real('Score threshold', 'a negative is hard above this class score', 0.5, 0, 1),
  },
  options: ['scoreThreshold', 'negOverlap', 'rankBy'],
  budget: [],
  defaults: { negOverlap: 0.3 },
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: config.rankBy });
    const isSelected = (row: number) => isForeground(rois, row) || isHardNegative(rois, row, config);
    selectRows(judged, judged.order.filter(isSelected));
    return toSelection(judged);
  },
});

/** A negative whose highest class score is above the threshold: it is hard for at least one class. */
function isHardNegative(rois: RoiTable, row: number, config: BootstrapOptions): boolean {
  return isNegative(rois, row, config) && rois.score[row] > config.scoreThreshold;
}

function isNegative(rois: RoiTable, row: number, config: Pick<BootstrapOptions, 'negOverlap'>): boolean {
  // The IoU column is float32: 0.3 as stored must equal 0.3 as configured.
  return rois.gtClass[row] === rois.numClasses && rois.iou[row] < Math.fround(config.negOverlap);
}

/** Negatives that were hard when they were last seen: one row for each (image, RoI, class), ordered by these. */
export interface NegativeCache {
  /** Image within the data set. */
  readonly imageIndex: Int32Array;
  /** The RoI's place among the RoIs of its image. */
  readonly roi: Int32Array;
  /** The class that it is mistaken for, [0, K). */
  readonly classId: Int16Array;
  /** That class's score when the RoI was last seen, [0, 1]. */
  readonly score: Float32Array;
}

/** A cache with nothing in it. */
export function emptyNegativeCache(): NegativeCache {
  return cacheOf([]);
}

/** @internal One cached negative while a cache is rebuilt. */
type CacheEntry = readonly [imageIndex: number, roi: number, classId: number, score: number];

/**
 * One step of bootstrapping: the images of `rois`, scored again, replace what the cache knew of them.
 * A negative RoI stays cached for a class while it scores at least `evictThreshold`, and enters above `scoreThreshold`.
 * Entries of other images are kept as they are.
 * @param rois `imageIndex` counts within the data set; every image's RoIs are complete and in the same order each time.
 *   A class outside a row's NUM_TOP highest is taken as easy. Zero rows change nothing.
 * @param config `evictThreshold` above `scoreThreshold` would evict what has just entered: the lower of the two evicts.
 * @returns a new cache.
 * Source: rbgirshick/rcnn rcnn_train.m (sample_negative_features, evict easy examples).
 */
export function updateNegativeCache(
  cache: NegativeCache,
  rois: RoiTable,
  config: BootstrapOptions & { readonly evictThreshold: number },
): NegativeCache {
  const { status } = judgeRows(rois, { rankBy: 'class' });
  const cached = new Set(entriesOf(cache).map(keyOf));
  const seen = new Set(rois.imageIndex);
  const entries = entriesOf(cache).filter(([imageIndex]) => !seen.has(imageIndex));
  const leave = Math.min(config.evictThreshold, config.scoreThreshold);
  let firstRow = 0;
  for (let row = 0; row < rois.numRois; row += 1) {
    const imageIndex = rois.imageIndex[row];
    if (imageIndex !== rois.imageIndex[firstRow]) firstRow = row;
    if (status[row] === Status.invalid || !isNegative(rois, row, config)) continue;
    for (let top = row * NUM_TOP; top < (row + 1) * NUM_TOP && rois.topClass[top] !== NONE; top += 1) {
      // A softmax's background stands in the top list as class K: confident background is no mistake.
      if (rois.topClass[top] >= rois.numClasses) continue;
      const entry: CacheEntry = [imageIndex, row - firstRow, rois.topClass[top], rois.topScore[top]];
      const stays = entry[3] >= leave && cached.has(keyOf(entry));
      if (stays || entry[3] > config.scoreThreshold) entries.push(entry);
    }
  }
  return cacheOf(entries);
}

function keyOf([imageIndex, roi, classId]: CacheEntry): string {
  return `${imageIndex} ${roi} ${classId}`;
}

function entriesOf(cache: NegativeCache): CacheEntry[] {
  return Array.from(cache.roi, (roi, i) => [cache.imageIndex[i], roi, cache.classId[i], cache.score[i]] as const);
}

function cacheOf(entries: CacheEntry[]): NegativeCache {
  const ordered = entries.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return {
    imageIndex: Int32Array.from(ordered, (entry) => entry[0]),
    roi: Int32Array.from(ordered, (entry) => entry[1]),
    classId: Int16Array.from(ordered, (entry) => entry[2]),
    score: Float32Array.from(ordered, (entry) => entry[3]),
  };
}
