import { describe, expect, it } from 'vitest';
import { detect } from '../../../../src/core/triage/detections.js';
import { labelQuality, leastSimilarity, OBJECT_LAB } from '../../../../src/core/triage/label-quality.js';
import { labelSuspects, suspectQueue } from '../../../../src/core/triage/label-suspects.js';
import { scoreQuantile } from '../../../../src/core/triage/score-quantile.js';
import { makeGts, type GtSpec } from '../make-output.js';
import { makeRois } from '../make-rois.js';

type Found = readonly [x1: number, y1: number, x2: number, y2: number, predClass: number, score: number];

function suspectsOf(predictions: readonly Found[], labels: readonly GtSpec[]) {
  const rois = makeRois(predictions.map(([x1, y1, x2, y2, , score]) => ({ box: [x1, y1, x2, y2], cls: 0, score })));
  rois.predClass.set(predictions.map(([, , , , predClass]) => predClass));
  const [found, gts] = [detect(rois), makeGts(labels)];
  const quality = labelQuality(found, gts, leastSimilarity(found, gts), OBJECT_LAB);
  return labelSuspects(found, gts, quality, OBJECT_LAB.high);
}

describe('labelSuspects', () => {
  it('has nothing to say of labels that predictions meet, nor of an image without any', () => {
    expect(suspectsOf([[0, 0, 20, 20, 0, 0.99]], [{ box: [0, 0, 20, 20] }])).toEqual([]);
    expect(suspectsOf([], [])).toEqual([]);
  });

  it('tells what is overlooked from what meets no label, and leaves crowds alone', () => {
    const labels = [{ box: [0, 0, 20, 20] }, { box: [100, 100, 200, 200], crowd: true }];
    const [overlooked, missing, ...others] = suspectsOf(
      [
        [300, 0, 320, 20, 1, 0.99],
        [12, 0, 30, 20, 0, 0.96],
        [120, 120, 140, 140, 0, 0.4],
      ],
      labels,
    );
    expect(overlooked).toMatchObject({ kind: 'overlooked', gt: -1, detection: 0 });
    expect(missing).toMatchObject({ kind: 'missing', gt: -1, detection: 1, score: expect.closeTo(0.04, 6) });
    // The same prediction tells of the label that it touches.
    expect(others).toMatchObject([{ kind: 'badly-located', gt: 0, detection: 1 }]);
  });

  it('asks only predictions that overlap no other label more', () => {
    // The prediction is of the second label, and touches the first.
    const labels = [{ box: [0, 0, 20, 20] }, { box: [18, 0, 38, 20] }];
    expect(suspectsOf([[18, 0, 38, 20, 0, 0.9]], labels)).toEqual([]);
  });

  it('names the label that another one doubles or contradicts', () => {
    const labels = [{ box: [0, 0, 20, 20] }, { box: [0, 0, 20, 18] }, { box: [0, 0, 20, 20], gtClass: 1 }];
    expect(suspectsOf([], labels)).toMatchObject([
      { kind: 'duplicate', gt: 1, otherGt: 0, score: expect.closeTo(0.1, 9) },
      { kind: 'swapped', gt: 2, otherGt: 0, score: 1 },
    ]);
  });
});

describe('suspectQueue', () => {
  it('takes the worst of each kind in turn, and each label once', () => {
    const suspect = (kind: 'missing' | 'disagreement', score: number, gt: number) => ({
      ...{ kind, score, gt },
      detection: 0,
      otherGt: -1,
    });
    const all = [
      suspect('disagreement', 0.2, 3),
      suspect('disagreement', 0.1, 1),
      suspect('missing', 0.04, 2),
      suspect('missing', 0.03, 1),
    ];
    expect(suspectQueue(all, ({ gt }) => String(gt)).map(({ kind, gt }) => [kind, gt])).toEqual([
      ['missing', 1],
      ['missing', 2],
      ['disagreement', 3],
    ]);
  });
});

it('scoreQuantile interpolates as numpy does', () => {
  expect(scoreQuantile(Float64Array.of(3, 1, 2), 0.75)).toBe(2.5);
  expect(scoreQuantile(new Float64Array(0), 0.5)).toBeNaN();
});
