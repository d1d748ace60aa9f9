import { softTargetLoss } from './soft-target.js';

/** Varifocal loss: y BCE(σ, y) of the label, .75 σ² BCE(σ, 0) elsewhere. */
export const vfl = softTargetLoss(
  { id: 'vfl', title: 'VFL', source: 'VarifocalNet (arXiv 2008.13367, equation 2), alpha .75, gamma 2' },
  { positive: (_, y, bce) => y * bce(y), negative: (p) => 0.75 * p * p },
);
