import { real } from '../../option-specs.js';
import { sampleAtRandom } from './random.js';
import { sampler } from './sampler.js';

/**
 * Fast R-CNN's heuristic against easy background, which OHEM replaces: as `random`, with background drawn only where
 * its best IoU with a ground truth lies in [bgLo, bgHi).
 */
export const bgLo = sampler({
  id: 'bg-lo',
  title: 'Random, background near objects only (bg_lo)',
  source: 'rbgirshick/fast-rcnn lib/roi_data_layer/minibatch.py (BG_THRESH_LO .1, BG_THRESH_HI .5)',
  scope: 'image',
  rule: { ranks: 'nothing (seeded draw)', nms: 'none', keeps: 'as `random`, background only from IoU [bgLo, bgHi)' },
  looks: 'blind',
  own: {
    bgLo: real('Background IoU from', 'least IoU of a background RoI that may be drawn (bg_lo)', 0.1, 0, 1),
    bgHi: real(
      'Background IoU below',
      'a background RoI that may be drawn overlaps every ground truth by less than this IoU',
      0.5,
      0,
      1,
    ),
  },
  options: ['batchSize', 'imagesPerBatch', 'keepRate', 'posFraction', 'bgLo', 'bgHi', 'seed', 'rankBy'],
  budget: ['keepRate', 'batchSize'],
  sample(rois, config) {
    // The IoU column is float32: 0.1 as stored must equal 0.1 as configured.
    const least = Math.fround(config.bgLo);
    const below = Math.fround(config.bgHi);
    return sampleAtRandom(rois, config, (row) => rois.iou[row] >= least && rois.iou[row] < below);
  },
});
