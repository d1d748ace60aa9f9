import { judgeRows, selectRows, toSelection } from './judge.js';
import { sampler } from './sampler.js';

/** Every valid RoI: the baseline B = R. */
export const all = sampler({
  id: 'all',
  title: 'Every RoI',
  source: 'Shrivastava et al., CVPR 2016 (arXiv 1604.03540), "Why just hard examples, when you can use all?"',
  scope: 'image',
  rule: { ranks: 'nothing', nms: 'none', keeps: 'every RoI' },
  looks: 'blind',
  options: ['rankBy'],
  budget: [],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: config.rankBy });
    selectRows(judged, judged.order);
    return toSelection(judged);
  },
});
