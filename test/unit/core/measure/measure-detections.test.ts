import { describe, expect, it } from 'vitest';
import {
  DETECTIONS_MEASURE,
  measureDetections,
  type Detections,
} from '../../../../src/core/measure/measure-detections.js';
import { recipeText } from '../../../../src/core/measure/recipe.js';
import { allocateGtTable, IGNORE, NONE, NUM_TOP } from '../../../../src/core/tables.js';

const SIZE = { width: 100, height: 100 };

function detections(rows: readonly (readonly [...box: number[], label: number, score: number])[]): Detections {
  const column = (place: number) => Float32Array.from(rows, (row) => row[place]);
  return {
    numRois: rows.length,
    numClasses: 2,
    x1: column(0),
    y1: column(1),
    x2: column(2),
    y2: column(3),
    predClass: Int32Array.from(rows, (row) => row[4]),
    score: column(5),
  };
}

/** An object of class 0 at 10..30 and a crowd at 60..90. */
function objects() {
  const gts = allocateGtTable(2);
  [gts.x1[0], gts.y1[0], gts.x2[0], gts.y2[0]] = [10, 10, 30, 30];
  [gts.x1[1], gts.y1[1], gts.x2[1], gts.y2[1]] = [60, 60, 90, 90];
  gts.isCrowd[1] = 1;
  return gts;
}

const GIVEN = detections([
  [10, 10, 30, 30, 0, 0.75],
  [10, 10, 30, 20, 1, 0.25],
  [40, 10, 50, 20, 1, 0.875],
  [65, 65, 75, 75, 0, 0.5],
]);

describe('measureDetections', () => {
  it('takes the loss of the one score that is known', () => {
    const rois = measureDetections(GIVEN, objects(), DETECTIONS_MEASURE, SIZE);
    expect([...rois.gtClass]).toEqual([0, 0, 2, IGNORE]);
    expect([...rois.gtIndex]).toEqual([0, 0, NONE, NONE]);
    const [right, wrong, background, ignored] = rois.lossCls;
    expect(right).toBeCloseTo(-Math.log(0.75), 6);
    expect(wrong).toBeCloseTo(-Math.log(0.75), 6);
    expect(background).toBeCloseTo(-Math.log(0.125), 6);
    expect(ignored).toBe(0);
    expect([...rois.lossLoc].map((loss) => loss.toFixed(3))).toEqual(['0.000', '0.500', '0.000', '0.000']);
    expect([...rois.el2n]).toEqual([0.25, 0.25, 0.875, NaN]);
    expect(rois.entropy[3]).toBeCloseTo(Math.LN2, 6);
  });

  it('says what it is, and nothing of other classes', () => {
    const rois = measureDetections(GIVEN, objects(), DETECTIONS_MEASURE, SIZE);
    expect([...rois.predClass]).toEqual([0, 1, 1, 0]);
    expect([...rois.score]).toEqual([0.75, 0.25, 0.875, 0.5]);
    expect([...rois.topClass.subarray(0, NUM_TOP)]).toEqual([0, NONE, NONE, NONE, NONE]);
    expect([...rois.predX2]).toEqual([...rois.x2]);
    expect(recipeText(DETECTIONS_MEASURE)).toMatch(/without suppressed candidates and the scores of other classes$/);
  });

  it('gives zero rows for none, and background where there is no object', () => {
    expect(measureDetections(detections([]), objects(), DETECTIONS_MEASURE, SIZE).numRois).toBe(0);
    const rois = measureDetections(GIVEN, allocateGtTable(0), DETECTIONS_MEASURE, SIZE);
    expect([...rois.gtClass]).toEqual([2, 2, 2, 2]);
  });

  it('refuses what needs a grid, all scores or a softmax', () => {
    const measure = (change: object) => measureDetections(GIVEN, objects(), { ...DETECTIONS_MEASURE, ...change }, SIZE);
    for (const assigner of ['simota', 'atss', 'tal', 'hungarian'])
      expect(() => measure({ assigner })).toThrow(/^options: assigner: expected max-iou/);
    expect(() => measure({ clsLoss: 'cross-entropy' })).toThrow(/^options: cls-loss: /);
    expect(measure({ clsLoss: 'qfl', clsTarget: 'soft' }).lossCls[0]).toBeCloseTo(0.0625 * -Math.log(0.75), 6);
  });
});
