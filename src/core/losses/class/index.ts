/** The class losses. */
import { MiningError } from '../../mining-error.js';
import { said } from '../../said.js';
import type { ClsLoss, ClsLossSpec } from '../cls-loss.js';
import type { ScoreForm } from '../detector-output.js';
import { bce } from './bce.js';
import { crossEntropy } from './cross-entropy.js';
import { focal } from './focal.js';
import { iaBce } from './ia-bce.js';
import { mal } from './mal.js';
import { qfl } from './qfl.js';
import { vfl } from './vfl.js';

const REGISTERED = [crossEntropy, bce, focal, qfl, vfl, mal, iaBce] as const;

export type ClsLossId = (typeof REGISTERED)[number]['id'];

export const CLS_LOSSES: readonly ClsLossSpec<ClsLossId>[] = REGISTERED;
export const CLS_LOSS_IDS: readonly ClsLossId[] = CLS_LOSSES.map(({ id }) => id);

/** The class loss of an id. */
export function clsLossSpec(id: ClsLossId): ClsLossSpec<ClsLossId> {
  return CLS_LOSSES.find((spec) => spec.id === id) ?? crossEntropy;
}

/**
 * The class loss of a head.
 * @throws MiningError 'options' when the loss does not fit the activation or the target.
 */
export function clsLossOf(id: ClsLossId, form: ScoreForm, clsTarget: 'one' | 'soft' = 'one'): ClsLoss {
  const spec = clsLossSpec(id);
  if (clsTarget === 'soft' && !spec.takesSoftTarget)
    throw new MiningError('options', 'cls-target', said`one (${id} takes no soft target)`, clsTarget);
  if (spec.activation === form.activation) return spec[form.given];
  const fitting = CLS_LOSSES.filter(({ activation }) => activation === form.activation).map((other) => other.id);
  throw new MiningError('options', 'cls-loss', said`${fitting.join(' or ')} (a ${form.activation} head)`, id);
}
