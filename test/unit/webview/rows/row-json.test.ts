import { describe, expect, it } from 'vitest';
import { margins } from '../../../../src/core/losses/example-scores.js';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { predictedClasses } from '../../../../src/core/predictions.js';
import { allocateRoiTable } from '../../../../src/core/tables.js';
import { imageSelection } from '../../../../webview/rows/image-selection.js';
import { exampleJson, roiJson } from '../../../../webview/rows/row-json.js';

function facts(row: number, image = 'a.jpg') {
  const rois = allocateRoiTable(3, 2, 'float64');
  for (const r of [0, 1, 2]) [rois.x2[r], rois.y2[r]] = [100, 100 - r];
  rois.lossCls.set([9, 8, NaN]);
  rois.gtClass.set([0, 2, 1]);
  rois.topClass.set([1, 0]);
  rois.topScore.set([0.75, 0.25]);
  const selection = imageSelection(selectHardExamples(rois, resolveConfig('paper', { batchSize: 2 })), 0, 3);
  const predictions = predictedClasses(rois, 0);
  return { rois, predictions, selection, row, classes: ['cat', 'dog'], margin: margins(rois), image };
}

describe('a row on the clipboard', () => {
  it('holds every number, also those that JSON lacks', () => {
    const invalid = JSON.parse(roiJson(facts(2, 'a "b".jpg')));
    expect(invalid).toMatchObject({
      image: 'a "b".jpg',
      row: 2,
      rank: null,
      status: 'invalid',
      loss_cls: 'NaN',
      suppressed_by: null,
      entropy: 'NaN',
    });
    expect(JSON.parse(roiJson(facts(1)))).toMatchObject({
      rank: 2,
      status: 'nms-suppressed',
      suppressed_by: 0,
      region: [0, 0, 100, 99],
    });
  });

  it('of an example says nothing of boxes', () => {
    const example = JSON.parse(exampleJson(facts(0)));
    expect(example).toMatchObject({
      image: 'a.jpg',
      rank: 1,
      label: 'cat',
      prediction: 'dog',
      loss: 9,
      top_scores: [
        { class: 'dog', score: 0.75 },
        { class: 'cat', score: 0.25 },
      ],
    });
    expect(example.margin).toBeCloseTo(Math.exp(-9) - 0.75, 12);
    expect(example.region).toBeUndefined();
  });
});
