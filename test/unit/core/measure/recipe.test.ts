import { describe, expect, test } from 'vitest';
import { yolov5 } from '../../../../src/checkpoint/families/yolov5.js';
import { FAST_RCNN_MEASURE } from '../../../../src/core/measure/measure-config.js';
import { recipeText, tellsLikelihood } from '../../../../src/core/measure/recipe.js';

const YOLOV8 = {
  ...FAST_RCNN_MEASURE,
  assigner: 'tal',
  talAlpha: 0.5,
  talTopK: 10,
  clsLoss: 'bce',
  clsLossWeight: 0.5,
  clsTarget: 'soft',
  locLoss: 'ciou',
  locLossWeight: 7.5,
  leftOut: 'dfl',
} as const;

describe('recipeText', () => {
  test.each([
    ['max-iou(fg IoU ≥ 0.5) · cross-entropy + smooth-l1', FAST_RCNN_MEASURE],
    [
      'max-iou(fg IoU ≥ 0.5, bg IoU < 0.4) · focal + smooth-l1(σ 3)',
      { ...FAST_RCNN_MEASURE, clsLoss: 'focal', bgThreshold: 0.4, sigma: 3 },
    ],
    ['tal(α 0.5, β 6, k 10) · bce 0.5 to soft targets + ciou 7.5, without dfl', YOLOV8],
    ['yolo-anchors · bce 0.00625 + objectness to ciou (levels yolov5) + ciou 0.05', yolov5.measureDefaults],
    [
      'fcos · focal + objectness 2 to centre-ness + giou',
      {
        ...FAST_RCNN_MEASURE,
        assigner: 'fcos',
        clsLoss: 'focal',
        objTarget: 'centre-ness',
        objLossWeight: 2,
        locLoss: 'giou',
      },
    ],
    [
      'simota · cross-entropy (background × 0.1) + l1 5 + giou 2',
      { ...FAST_RCNN_MEASURE, assigner: 'simota', backgroundWeight: 0.1, locLoss: 'l1-giou' },
    ],
    [
      'atss · cross-entropy + (l1 5 + giou 2) × 3',
      { ...FAST_RCNN_MEASURE, assigner: 'atss', locLossWeight: 3, locLoss: 'l1-giou' },
    ],
  ] as const)('%s', (text, measure) => {
    expect(recipeText(measure)).toBe(text);
  });
});

test('only an unweighted log-likelihood of one-hot labels tells a probability', () => {
  expect(tellsLikelihood(FAST_RCNN_MEASURE)).toBe(true);
  expect(tellsLikelihood({ clsLoss: 'cross-entropy', scoreForm: { activation: 'softmax', given: 'logits' } })).toBe(
    true,
  );
  expect(tellsLikelihood(YOLOV8)).toBe(false);
  expect(tellsLikelihood({ ...FAST_RCNN_MEASURE, backgroundWeight: 0.1 })).toBe(false);
  expect(tellsLikelihood({ ...FAST_RCNN_MEASURE, clsLoss: 'focal' })).toBe(false);
  expect(tellsLikelihood({ ...FAST_RCNN_MEASURE, clsLoss: 'bce', objTarget: 'iou' })).toBe(false);
});
