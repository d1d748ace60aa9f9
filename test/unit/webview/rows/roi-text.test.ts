import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { BACKGROUND_BELOW, predictedClasses } from '../../../../src/core/predictions.js';
import { allocateGtTable, allocateRoiTable, IGNORE, NUM_TOP } from '../../../../src/core/tables.js';
import { imageSelection } from '../../../../webview/rows/image-selection.js';
import {
  announcement,
  className,
  focusTag,
  groundTruthTag,
  rankName,
  roiWords,
  topScores,
  whySentence,
} from '../../../../webview/rows/roi-text.js';

const classes = ['cat', 'dog'];
const config = resolveConfig('paper', { batchSize: 2 });

/** Row 0 hardest; 1 lies on it; 2 apart and below the budget; 3 ignored; 4 without a finite loss. */
function fixture() {
  const rois = allocateRoiTable(5, 2, 'float64');
  const boxes = [
    [0, 0, 100, 100],
    [0, 0, 100, 96],
    [500, 0, 600, 100],
    [0, 0, 9, 9],
    [0, 0, 9, 9],
  ];
  boxes.forEach(([x1, y1, x2, y2], row) => {
    [rois.x1[row], rois.y1[row], rois.x2[row], rois.y2[row]] = [x1, y1, x2, y2];
  });
  rois.lossCls.set([9, 8, 7, 6, NaN]);
  rois.lossLoc.set([0.5, 0, 0, 0, 0]);
  rois.gtClass.set([0, 2, 1, IGNORE, 2]);
  rois.score.set([0.7, NaN, 0.004]);
  rois.predClass.set([1, -1, 1]);
  rois.topClass.set([1, 0, 2]);
  rois.topScore.set([0.7, 0.2, 0.1]);
  return { rois, selection: imageSelection(selectHardExamples(rois, config), 0, 5) };
}

describe('why a RoI has its status', () => {
  const { rois, selection } = fixture();
  const why = (row: number) => whySentence(rois, selection, row, config);

  it('is said in a sentence for each status', () => {
    expect(why(0)).toMatch(/^rank 1 of 3; one of the 1 that preset paper takes$/);
    expect(why(1)).toBe('suppressed by #1: IoU .96 > .70, and its loss of 9.50 is harder');
    expect(why(2)).toMatch(/^rank 3 of 3; not among the 1 that preset paper takes$/);
    expect(why(3)).toMatch(/never ranked/);
    expect(why(4)).toMatch(/class NaN.*never selected/);
  });
});

describe('names', () => {
  const { rois, selection } = fixture();
  const predictions = predictedClasses(rois, BACKGROUND_BELOW);
  const words = (row: number) => roiWords(rois, predictions, row, classes);

  it('tells label, background, ignored and missing apart', () => {
    expect([0, 2, IGNORE, 7].map((id) => className(id, classes))).toEqual(['cat', 'background', 'ignored', '–']);
    expect(className(-1, classes, 'prediction')).toBe('–');
  });

  it('counts ranks from 1', () => {
    expect([0, 1, 3].map((row) => rankName(selection, row))).toEqual(['#1', '#2', '–']);
  });

  it('puts rank, loss, label, prediction and its score at the box', () => {
    expect(focusTag(words(0), selection, 0)).toBe('#1  loss 9.50  cat → dog .70');
  });

  it('calls a score below the threshold background, and says which class came nearest', () => {
    expect(focusTag(words(2), selection, 2)).toBe('#3  loss 7.00  dog → background (dog .0040)');
  });

  it('announces status and suppressor', () => {
    expect(announcement(words(1), selection, 1)).toBe(
      'RoI rank 2, mining-suppressed by rank 1, label background, predicted –, loss 8.00',
    );
    expect(announcement(words(4), selection, 4)).toMatch(/^RoI no rank, invalid/);
  });

  it("says where the class list lacks a ground truth's category", () => {
    const gts = allocateGtTable(2);
    gts.gtClass.set([1, IGNORE]);
    expect([-1, 0, 1, 2].map((gt) => groundTruthTag(gts, gt, classes))).toEqual(['', 'dog', 'no class', '']);
  });
});

describe('topScores', () => {
  it('lists what is there, the highest first', () => {
    const { rois } = fixture();
    expect(topScores(rois, 0).map(({ id }) => id)).toEqual([1, 0, 2]);
    expect(topScores(rois, 1)).toEqual([]);
    expect(rois.topClass.length).toBe(5 * NUM_TOP);
  });
});
