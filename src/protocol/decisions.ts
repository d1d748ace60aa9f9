/** A line of a file of decisions: people and programs write it, so it is checked. */
import * as v from 'valibot';
import { VERDICT_IDS, type Decision } from '../core/triage/decisions.js';
import { finite, name, whole } from './check.js';

const MAX_NOTE = 2000;
/** Paths of images may be long. */
const MAX_NAME = 4096;

const shortName = v.pipe(name, v.maxLength(MAX_NAME));
export const verdict = v.picklist(VERDICT_IDS);
const boxOf = { label: shortName, box: v.tuple([finite, finite, finite, finite]) };
export const decision: v.GenericSchema<Decision> = v.strictObject({
  image: shortName,
  object: v.exactOptional(v.strictObject({ annotation: v.nullable(whole(0, 2 ** 31)), ...boxOf })),
  roi: v.exactOptional(v.strictObject(boxOf)),
  verdict,
  note: v.pipe(v.string(), v.maxLength(MAX_NOTE)),
  // The pattern takes more than a clock does: an offset of hours alone.
  at: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.check((text) => !Number.isNaN(Date.parse(text)), 'a time'),
  ),
  by: shortName,
});
