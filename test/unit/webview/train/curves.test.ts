import { describe, expect, it } from 'vitest';
import type { TrainingPoint } from '../../../../src/protocol/train-messages.js';
import { placeAfter } from '../../../../webview/train/curve-chart.js';
import {
  axisValue,
  curveText,
  foregroundCurves,
  lossCurves,
  placeText,
  precisionCurves,
  runningMean,
} from '../../../../webview/train/curves.js';
import { tableRows } from '../../../../webview/train/points-table.js';

const steps = (step: number, changes: object = {}): TrainingPoint => ({
  event: 'steps',
  step,
  numSteps: 84,
  epoch: step / 10,
  selectedLoss: 1.5,
  allRoiLoss: 0.25,
  numRois: 600,
  numSelected: 128,
  foregroundShare: 0.5,
  ...changes,
});
const epoch = (step: number, coco50: number | null): TrainingPoint => ({
  event: 'epoch',
  step,
  epoch: step / 10,
  validation: coco50 === null ? null : { coco50, coco: coco50 / 2 },
});

describe('curves', () => {
  it('take what is measured, and leave a gap where nothing is', () => {
    const points = [steps(1), steps(2, { allRoiLoss: null, foregroundShare: null }), epoch(10, null), epoch(20, 0.8)];
    const loss = lossCurves(points);
    expect(loss.steps).toEqual([1, 2]);
    expect(loss.curves.map(({ id, values, smooth }) => [id, values, smooth])).toEqual([
      ['selectedLoss', [1.5, 1.5], null],
      ['allRoiLoss', [0.25, null], null],
    ]);
    expect(foregroundCurves(points).curves[0].values).toEqual([0.5, null]);
    expect(precisionCurves(points)).toMatchObject({ steps: [20], curves: [{ values: [0.8] }, { values: [0.4] }] });
    expect(precisionCurves([])).toMatchObject({ steps: [], curves: [{ values: [] }, { values: [] }] });
  });

  it('are smoothed by what came before alone, where there is enough of it', () => {
    expect(runningMean([2, 4, null, 6], 2)).toEqual([2, 3, null, 6]);
    const many = lossCurves(Array.from({ length: 30 }, (_, i) => steps(i + 1, { selectedLoss: i % 2 })));
    expect(many.curves[0].smooth).toHaveLength(30);
    expect(many.curves[0].smooth?.at(-1)).toBeCloseTo(1 / 3 + 1 / 3, 9);
  });

  it('are said in words', () => {
    const set = lossCurves([
      steps(1, { selectedLoss: 3 }),
      steps(2, { selectedLoss: 1, allRoiLoss: null }),
      steps(3, { selectedLoss: 2 }),
    ]);
    expect(placeText(set, 1)).toBe('step 2: selected RoIs 1.00, all RoIs –');
    expect(curveText(set.curves[0], set.steps)).toBe(
      'selected RoIs: from 3.00 at step 1 to 2.00 at step 3, least 1.00 at step 2, most 3.00 at step 1',
    );
    expect(curveText({ ...set.curves[0], values: [] }, [])).toBe('selected RoIs: nothing yet');
    expect(curveText({ ...set.curves[0], values: [4] }, [1])).toBe('selected RoIs: 4.00 at step 1');
    expect([axisValue('foreground', 0.2), axisValue('coco', 0.2), axisValue('selectedLoss', 3)]).toEqual([
      '20 %',
      '0.2',
      '3',
    ]);
  });
});

describe('the cursor', () => {
  it('goes by keys and stays within the curves', () => {
    expect(
      ['ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageDown', 'PageUp', 'Escape'].map((key) => placeAfter(key, 3, 9)),
    ).toEqual([2, 4, 0, 9, 0, 9, null]);
    expect(placeAfter('ArrowLeft', null, 9)).toBe(8);
    expect(placeAfter('ArrowRight', 9, 9)).toBe(9);
    expect(placeAfter('x', 3, 9)).toBeUndefined();
  });
});

describe('the table', () => {
  it('has a row a step, the latest first, with the average precision of an epoch', () => {
    expect(tableRows([steps(9), steps(10, { foregroundShare: null }), epoch(10, 0.75), epoch(20, null)])).toEqual([
      ['20', '2.00', '–', '–', '–', '–', '–', '–'],
      ['10', '1.00', '1.50', '0.25', '128 of 600', '–', '.750', '.375'],
      ['9', '0.90', '1.50', '0.25', '128 of 600', '50 %', '–', '–'],
    ]);
  });
});
