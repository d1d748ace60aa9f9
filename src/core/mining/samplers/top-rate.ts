import { judgeRows, numCandidates, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/** The rate that the snippet's users copy with it. */
const DEFAULT_RATE = 0.7;

/**
 * The common PyTorch snippet for classification: cross-entropy with `ignore_index=-1`, sorted, the first
 * int(n * rate) kept. Rows labelled IGNORE count in n and take part with loss 0. int() truncates without repair, so
 * 100 * 0.29 keeps 28: the numbers are the snippet's. Deviations: rows whose loss is not finite are invalid and not
 * counted in n; where none is kept the means are 0 (the snippet divides by zero).
 */
export const topRate = sampler({
  id: 'top-rate',
  title: 'Share of the minibatch by class loss',
  source: 'the widely copied function ohem_loss(cls_pred, cls_target, rate)',
  scope: 'minibatch',
  rule: { ranks: 'class', nms: 'none', keeps: 'the trunc(n * rate) hardest of the minibatch' },
  looks: 'at losses',
  ignoredTakePart: true,
  options: ['keepRate', 'imagesPerBatch'],
  budget: ['keepRate'],
  defaults: { keepRate: DEFAULT_RATE },
  sample(rois, config) {
    const rule = { rankBy: 'class', ignoredTakePart: true } as const;
    const judged = judgeRows(rois, rule);
    const keepNum = Math.trunc(numCandidates(rois, judged.order, rule) * (config.keepRate ?? DEFAULT_RATE));
    selectRows(judged, judged.order.subarray(0, keepNum));
    return toSelection(judged);
  },
});
