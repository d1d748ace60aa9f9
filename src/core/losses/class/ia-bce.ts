import { softTargetLoss } from './soft-target.js';

/** IoU-aware BCE: BCE(σ, t) of the label with t = σ^.25 y^.75, at least .01; σ² BCE(σ, 0) elsewhere. */
export const iaBce = softTargetLoss(
  { id: 'ia-bce', title: 'IA-BCE', source: 'LW-DETR (arXiv 2406.03459, section 3.2), alpha .25' },
  { positive: (p, y, bce) => bce(Math.max(p ** 0.25 * y ** 0.75, 0.01)), negative: (p) => p * p },
);
