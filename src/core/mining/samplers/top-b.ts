import { judgeRows, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/**
 * The common PyTorch snippet for detection: cross-entropy with `ignore_index=-1` plus the box loss as it is given
 * (also on background), sorted, the first min(R, B) kept, both sums divided by that number. Rows labelled IGNORE take
 * part, with class loss 0. Deviation: a row whose loss is not finite is invalid and takes no part; the snippet sorts
 * NaN first and returns it.
 */
export const topB = sampler({
  id: 'top-b',
  title: 'Top B of the minibatch, box loss unmasked',
  source: 'the widely copied function ohem_loss(batch_size, cls_pred, cls_target, loc_pred, loc_target)',
  scope: 'minibatch',
  rule: {
    ranks: 'class + box as given (no foreground mask; ignored rows: class 0)',
    nms: 'none',
    keeps: 'the min(R, B) hardest of the minibatch',
  },
  looks: 'at losses',
  ignoredTakePart: true,
  options: ['batchSize', 'imagesPerBatch'],
  budget: ['batchSize'],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: 'total', boxLossAsGiven: true, ignoredTakePart: true });
    selectRows(judged, judged.order.subarray(0, config.batchSize));
    return toSelection(judged);
  },
});
