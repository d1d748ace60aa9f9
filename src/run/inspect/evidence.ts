/** How sure a reading is, and why. */
import type { Said } from '../../core/said.js';
import type { Reading } from './reading.js';

export interface Evidence {
  readonly said: Said;
  readonly isWeak: boolean;
}

/** What can be said: {0} objects, {1} mean IoU, {2} another reading. */
export const EVIDENCE = {
  notMeasured: 'not measured: annotated images would show whether boxes meet objects',
  fewObjects: 'weak, few objects: boxes meet {0} objects with a mean IoU of {1}',
  noneFits: 'weak, no reading fits: boxes meet {0} objects with a mean IoU of {1}',
  otherFits: 'weak, {2} fits better: boxes meet {0} objects with a mean IoU of {1}',
  bothFit: 'boxes meet {0} objects with a mean IoU of {1}; {2} fits as well',
  sure: 'sure: boxes meet {0} objects with a mean IoU of {1}',
} as const;

/** Fewer objects prove little. */
const FEW_OBJECTS = 10;
/** No reading that fits less is right. */
const LEAST_FIT = 0.3;
/** Another reading is better where it fits better by this. */
export const LEAST_GAIN = 0.05;

/**
 * Judges the chosen reading by how its boxes meet the objects of the samples.
 * @param numObjects objects of all samples; null: there are none.
 * @param other the best of the other readings.
 */
export function evidenceOf(
  chosen: Pick<Reading, 'fit'>,
  other: Pick<Reading, 'fit' | 'name'> | undefined,
  numObjects: number | null,
): Evidence {
  if (numObjects === null) return { said: { text: EVIDENCE.notMeasured, values: [] }, isWeak: true };
  const values = [numObjects, chosen.fit.toFixed(2), other?.name ?? ''];
  const weak = (text: string): Evidence => ({ said: { text, values }, isWeak: true });
  const gap = chosen.fit - (other?.fit ?? 0);
  if (numObjects < FEW_OBJECTS) return weak(EVIDENCE.fewObjects);
  if (chosen.fit < LEAST_FIT) return weak(EVIDENCE.noneFits);
  if (gap <= -LEAST_GAIN) return weak(EVIDENCE.otherFits);
  return { said: { text: gap < LEAST_GAIN ? EVIDENCE.bothFit : EVIDENCE.sure, values }, isWeak: false };
}
