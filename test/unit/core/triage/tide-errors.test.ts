import { expect, it } from 'vitest';
import { detect } from '../../../../src/core/triage/detections.js';
import { ERROR_TYPES, tideErrors } from '../../../../src/core/triage/tide-errors.js';
import { makeGts } from '../make-output.js';
import { makeRois } from '../make-rois.js';

it('takes RoIs with a score and a class after NMS, best first, and no more than asked', () => {
  const rois = makeRois([
    { box: [0, 0, 10, 10], cls: 0, score: 0.5 },
    { box: [0, 0, 10, 9], cls: 0, score: 0.9 },
    { box: [50, 0, 60, 10], cls: 0, score: 0.7 },
    { box: [80, 0, 90, 10], cls: 0, score: 0.8 },
    { box: [100, 0, 110, 10], cls: 0 },
  ]);
  rois.predClass.set([0, 0, 1, -1, 0]);
  expect([...detect(rois).row]).toEqual([1, 2]);
  expect([...detect(rois, { scoreThreshold: 0, iouThreshold: 0.95, most: 2 }).row]).toEqual([1, 2]);
});

it('names each error by the first rule that applies', () => {
  const rois = makeRois([
    { box: [0, 0, 10, 10], cls: 0, score: 0.9 },
    { box: [0, 0, 10, 6], cls: 0, score: 0.8 },
    { box: [20, 0, 30, 10], cls: 0, score: 0.7 },
    { box: [40, 0, 44, 10], cls: 0, score: 0.6 },
    { box: [60, 0, 63, 10], cls: 0, score: 0.5 },
    { box: [200, 0, 210, 10], cls: 0, score: 0.4 },
  ]);
  rois.predClass.set([0, 0, 1, 0, 1, 0]);
  const gts = makeGts([
    { box: [0, 0, 10, 10] },
    { box: [20, 0, 30, 10] },
    { box: [40, 0, 50, 10] },
    { box: [60, 0, 70, 10] },
    { box: [300, 0, 310, 10] },
  ]);
  const errors = tideErrors(detect(rois, { scoreThreshold: 0, iouThreshold: 1, most: 100 }), gts);
  expect(Array.from(errors.error, (code) => ERROR_TYPES[code].id)).toEqual(['TP', 'Dupe', 'Cls', 'Loc', 'Both', 'Bkg']);
  expect([...errors.gt]).toEqual([0, 0, 1, 2, 3, -1]);
  expect([...errors.foundBy]).toEqual([0, -1, -1, -1, -1]);
  expect([...errors.fixedBy]).toEqual([-1, 2, 3, -1, -1]);
  expect([...errors.isMissed]).toEqual([0, 0, 0, 1, 1]);
});

it('ignores what lies on a crowd or a difficult object of its class', () => {
  const rois = makeRois([
    { box: [0, 0, 10, 10], cls: 0, score: 0.9 },
    { box: [50, 0, 60, 10], cls: 0, score: 0.8 },
    { box: [50, 50, 60, 60], cls: 0, score: 0.7 },
  ]);
  rois.predClass.fill(0);
  const gts = makeGts([
    { box: [0, 0, 40, 40], crowd: true },
    { box: [50, 0, 60, 10], difficult: true },
    { box: [50, 50, 60, 60], difficult: true, gtClass: 1 },
  ]);
  const errors = tideErrors(detect(rois), gts);
  expect([...errors.isIgnored]).toEqual([1, 1, 0]);
  expect([...errors.isMissed]).toEqual([0, 0, 0]);
});
