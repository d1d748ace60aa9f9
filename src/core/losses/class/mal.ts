import { softTargetLoss } from './soft-target.js';

/** Matchability-aware loss: BCE(σ, y^1.5) of the label, σ^1.5 BCE(σ, 0) elsewhere. */
export const mal = softTargetLoss(
  { id: 'mal', title: 'MAL', source: 'DEIM (arXiv 2412.04234, equation 3), gamma 1.5' },
  { positive: (_, y, bce) => bce(y * Math.sqrt(y)), negative: (p) => p * Math.sqrt(p) },
);
