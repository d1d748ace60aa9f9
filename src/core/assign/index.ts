/** The assigners. */
import type { AllOf } from '../option-specs.js';
import type { AssignerSpec } from './assigner.js';
import { atss } from './atss-assigner.js';
import { dynamicSoft } from './dynamic-soft-assigner.js';
import { fcos } from './fcos-assigner.js';
import { hungarian } from './hungarian-assigner.js';
import { maxIou } from './max-iou-assigner.js';
import { simota } from './simota-assigner.js';
import { tal } from './tal-assigner.js';
import { yoloAnchors } from './yolo-anchors-assigner.js';

const REGISTERED = [maxIou, simota, atss, tal, dynamicSoft, fcos, yoloAnchors, hungarian] as const;

type Registered = (typeof REGISTERED)[number];

export type AssignerId = Registered['id'];
/** Options that one assigner alone declares. */
export type AssignerOptions = AllOf<Required<NonNullable<Registered['own']>>>;
type Assigner = AssignerSpec<AssignerId, AssignerOptions>;

export const ASSIGNERS: readonly Assigner[] = REGISTERED;
export const ASSIGNER_IDS: readonly AssignerId[] = ASSIGNERS.map(({ id }) => id);

/** The assigner of an id. */
export function assignerOf(id: AssignerId): Assigner {
  return ASSIGNERS.find((spec) => spec.id === id) ?? maxIou;
}
