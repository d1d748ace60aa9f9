/** Errors of detections and what they cost against TIDE's released tool: tide.py wrote tide.json. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tideReport } from '../../../src/core/triage/delta-ap.js';
import { tideErrors } from '../../../src/core/triage/tide-errors.js';
import { cornersOf, makeDetections, makeObjects, type Corners } from './coco-results.js';

const reference = JSON.parse(readFileSync(new URL('tide.json', import.meta.url), 'utf8')) as {
  numClasses: number;
  images: {
    objects: { box: Corners; label: number; ignore: boolean }[];
    found: { box: Corners; label: number; score: number }[];
  }[];
  ap: number;
  counts: number[];
  deltaAp: number[];
};

it('agrees with tidecv on the number and the cost of every type', () => {
  const images = reference.images.map(({ objects, found }) => {
    const gts = makeObjects(objects.map(({ box, label, ignore }) => ({ box: cornersOf(box), label, crowd: ignore })));
    const detections = makeDetections(found.map((each) => ({ ...each, box: cornersOf(each.box) })));
    return { found: detections, gts, errors: tideErrors(detections, gts) };
  });
  const { ap, counts, deltaAp } = tideReport(images, reference.numClasses);
  expect([...counts.slice(1)]).toEqual(reference.counts);
  expect(Math.abs(ap - reference.ap)).toBeLessThan(1e-9);
  reference.deltaAp.forEach((value, i) => expect(Math.abs(deltaAp[i + 1] - value), `type ${i}`).toBeLessThan(1e-9));
});
