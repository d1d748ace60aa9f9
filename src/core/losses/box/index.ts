/** The box losses. */
import type { AllOf } from '../../option-specs.js';
import type { BoxLossSpec } from '../box-loss.js';
import { ciou } from './ciou.js';
import { giou } from './giou.js';
import { iouSquared } from './iou-squared.js';
import { l1Giou } from './l1-giou.js';
import { smoothL1 } from './smooth-l1.js';

const REGISTERED = [smoothL1, giou, ciou, iouSquared, l1Giou] as const;

type Registered = (typeof REGISTERED)[number];

export type LocLossId = Registered['id'];
/** Options that one box loss alone declares. */
export type BoxLossOptions = AllOf<Required<NonNullable<Registered['own']>>>;
type Loss = BoxLossSpec<LocLossId, BoxLossOptions>;

export const LOC_LOSSES: readonly Loss[] = REGISTERED;
export const LOC_LOSS_IDS: readonly LocLossId[] = LOC_LOSSES.map(({ id }) => id);

/** The box loss of an id. */
export function locLossSpec(id: LocLossId): Loss {
  return LOC_LOSSES.find((spec) => spec.id === id) ?? smoothL1;
}
