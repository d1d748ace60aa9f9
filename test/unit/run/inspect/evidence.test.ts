import { expect, it } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import { evidenceOf } from '../../../../src/run/inspect/evidence.js';

it.each([
  [null, 0, 0, true, 'not measured: annotated images would show whether boxes meet objects'],
  [9, 0.9, 0, true, 'weak, few objects: boxes meet 9 objects with a mean IoU of 0.90'],
  [31, 0.2, 0.1, true, 'weak, no reading fits: boxes meet 31 objects with a mean IoU of 0.20'],
  [31, 0.5, 0.6, true, 'weak, channels bgr fits better: boxes meet 31 objects with a mean IoU of 0.50'],
  [31, 0.6, 0.58, false, 'boxes meet 31 objects with a mean IoU of 0.60; channels bgr fits as well'],
  [31, 0.6, 0.2, false, 'sure: boxes meet 31 objects with a mean IoU of 0.60'],
])('of %s objects, fits of %s and %s: weak %s', (numObjects, fit, otherFit, isWeak, text) => {
  const evidence = evidenceOf({ fit }, { fit: otherFit, name: 'channels bgr' }, numObjects);
  expect([evidence.isWeak, inWords(evidence.said)]).toEqual([isWeak, text]);
});
