import { softTargetLoss } from './soft-target.js';

/** Quality focal loss: |y - σ|² BCE(σ, y), y the label's target and 0 elsewhere. */
export const qfl = softTargetLoss(
  { id: 'qfl', title: 'QFL', source: 'Generalized Focal Loss (arXiv 2006.04388, equation 2), beta 2' },
  { positive: (p, y, bce) => (y - p) * (y - p) * bce(y), negative: (p) => p * p },
);
