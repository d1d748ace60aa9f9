/** Decisions as files and messages hold them: people and programs write them, so they are checked. */
import * as v from 'valibot';
import { VERDICT_IDS, type Decision, type DecisionTarget } from '../core/triage/decisions.js';
import { finite, name, whole } from './check.js';

export const MAX_NOTE = 2000;
/** Paths of images may be long. */
const MAX_NAME = 4096;

const shortName = v.pipe(name, v.maxLength(MAX_NAME));
export const verdict = v.picklist(VERDICT_IDS);
const boxOf = { label: shortName, box: v.tuple([finite, finite, finite, finite]) };
const target = {
  image: shortName,
  object: v.exactOptional(v.strictObject({ annotation: v.nullable(whole(0, 2 ** 31)), ...boxOf })),
  roi: v.exactOptional(v.strictObject(boxOf)),
};
const said = { verdict, note: v.pipe(v.string(), v.maxLength(MAX_NOTE)) };
export const decision: v.GenericSchema<Decision> = v.strictObject({
  ...target,
  ...said,
  // The pattern takes more than a clock does: an offset of hours alone.
  at: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.check((text) => !Number.isNaN(Date.parse(text)), 'a time'),
  ),
  by: shortName,
});

/** A change of one author: `null` takes the author's own decision back. */
export interface DecisionChange {
  readonly target: DecisionTarget;
  readonly decision: Pick<Decision, 'verdict' | 'note'> | null;
}
/** Changes of one press: written together. */
export const decisionChanges: v.GenericSchema<readonly DecisionChange[]> = v.pipe(
  v.array(v.strictObject({ target: v.strictObject(target), decision: v.nullable(v.strictObject(said)) })),
  v.maxLength(1000),
);
