import { judgeRows, selectRows, toSelection } from './judge.js';
import type { Sampler } from './sampler.js';

/** Every valid RoI: the baseline B = R. */
export const all: Sampler = {
  id: 'all',
  title: 'Every RoI',
  source: 'Shrivastava et al., CVPR 2016 (arXiv 1604.03540), "Why just hard examples, when you can use all?"',
  scope: 'image',
  options: ['rankBy'],
  sample(rois, config) {
    const judged = judgeRows(rois, { rankBy: config.rankBy });
    selectRows(judged, judged.order);
    return toSelection(judged);
  },
};
