import { isForeground } from '../../tables.js';
import type { SharedOptions } from '../shared-options.js';
import { sampleWithoutReplacement, seededRandom } from '../../seeded-random.js';
import type { RoiTable, Selection } from '../../tables.js';
import { imageBudget } from './budget.js';
import { isProbe, judgeRows, numCandidates, orderByImage, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/**
 * Fast R-CNN's sampling, the baseline that OHEM is compared with: in each image B/N RoIs, a share `posFraction` of
 * them foreground (rounded half to even, as numpy does), background for the rest; the minibatch is short where
 * either runs out. Every background RoI may be drawn: for the heuristic that forbids the easiest, see `bg-lo`.
 */
export const random = sampler({
  id: 'random',
  title: 'Random, a quarter foreground (Fast R-CNN)',
  source: 'rbgirshick/fast-rcnn lib/roi_data_layer/minibatch.py (_sample_rois); Girshick, ICCV 2015, section 2.3',
  scope: 'image',
  rule: {
    ranks: 'nothing (seeded draw)',
    nms: 'none',
    keeps: 'floor(B / N) in each image, `posFraction` foreground; short where either runs out',
  },
  looks: 'blind',
  options: ['batchSize', 'imagesPerBatch', 'keepRate', 'posFraction', 'seed', 'rankBy'],
  budget: ['keepRate', 'batchSize'],
  sample: (rois, config) => sampleAtRandom(rois, config, () => true),
});

/**
 * Draws foreground and those background rows that `mayDraw` admits; the loss order is only shown. Where the run keeps
 * some of an image's RoIs only, background comes from its sample of all of them; a probe that is needed is selected.
 */
export function sampleAtRandom(rois: RoiTable, config: SharedOptions, mayDraw: (row: number) => boolean): Selection {
  const judged = judgeRows(rois, { rankBy: config.rankBy });
  for (const ranked of orderByImage(rois, judged.order)) {
    const budget = imageBudget(config, numCandidates(rois, ranked));
    const rows = ranked.slice().sort();
    const foreground = rows.filter((row) => isForeground(rois, row));
    const mayTake = (row: number) => rois.gtClass[row] === rois.numClasses && rois.sampled[row] === 1 && mayDraw(row);
    const background = rows.filter(mayTake);
    const generator = seededRandom(imageSeed(config.seed, judged.rankLoss, rows));
    const drawn = sampleWithoutReplacement(foreground, roundHalfEven(config.posFraction * budget), generator);
    selectRows(judged, drawn);
    selectRows(judged, sampleWithoutReplacement(background, budget - drawn.length, generator));
    if (background.length < budget - drawn.length)
      selectRows(
        judged,
        rows.filter((row) => isProbe(rois, row)),
      );
  }
  return toSelection(judged);
}

/**
 * Mixes the seed with the image's losses (FNV-1a over their bits), so that images differ and an image gives the same
 * sample alone, in any minibatch and at any place in a run.
 */
function imageSeed(seed: number, loss: Float64Array, rows: Int32Array): number {
  const words = new Int32Array(Float64Array.from(rows, (row) => loss[row]).buffer);
  let hash = 0x811c9dc5 ^ seed;
  for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
  return hash;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
