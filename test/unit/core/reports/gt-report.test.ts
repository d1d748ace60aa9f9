import { describe, expect, test } from 'vitest';
import { FAST_RCNN_MEASURE } from '../../../../src/core/measure/measure-config.js';
import { reportGts } from '../../../../src/core/reports/gt-report.js';
import { measureRois } from '../../../../src/core/measure/measure.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';
import type { GtSpec } from '../make-output.js';

function report(preds: number[][], gts: GtSpec[]) {
  const table = makeGts(gts);
  const output = makeOutput(preds, 1, { preds: columnsOf(preds) });
  const rois = measureRois(output, table, FAST_RCNN_MEASURE, IMAGE);
  return { rois, ...reportGts(rois, table) };
}

describe('reportGts', () => {
  test('the best RoI of each ground truth, with its loss', () => {
    const { rois, bestRoi, bestIou, bestLoss, numForeground } = report(
      [
        [0, 0, 10, 4],
        [0, 0, 10, 8],
        [0, 0, 10, 6],
        [60, 60, 62, 62],
      ],
      [{ box: [0, 0, 10, 10] }, { box: [60, 60, 70, 70] }, { box: [30, 30, 40, 40] }],
    );
    expect([...bestRoi]).toEqual([1, 3, -1]);
    expect(bestIou[0]).toBeCloseTo(0.8, 12);
    expect([...numForeground]).toEqual([2, 0, 0]);
    expect(bestLoss[0]).toBe(rois.lossCls[1] + rois.lossLoc[1]);
    expect(bestLoss[1]).toBe(rois.lossCls[3]);
    expect(bestLoss[2]).toBeNaN();
    expect(bestIou[2]).toBe(0);
  });

  test('the lowest row on a tie; crowds are reported as well', () => {
    const same = [0, 0, 10, 10];
    const { bestRoi, numForeground } = report([same, same], [{ box: same, crowd: true }]);
    expect([...bestRoi]).toEqual([0]);
    expect([...numForeground]).toEqual([0]);
  });

  test('zero ground truths, zero RoIs, an object without area', () => {
    expect(report([[0, 0, 1, 1]], []).bestRoi).toHaveLength(0);
    expect([...report([], [{ box: [0, 0, 1, 1] }]).bestRoi]).toEqual([-1]);
    expect([...report([[0, 0, 1, 1]], [{ box: [0, 0, 0, 0] }]).bestRoi]).toEqual([-1]);
  });
});
