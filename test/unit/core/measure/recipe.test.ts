import { describe, expect, test } from 'vitest';
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
      'max-iou(fg IoU ≥ 0.5, bg IoU < 0.4) · focal + smooth-l1',
      { ...FAST_RCNN_MEASURE, clsLoss: 'focal', bgThreshold: 0.4 },
    ],
    ['tal(α 0.5, β 6, k 10) · bce 0.5 to soft targets + ciou 7.5, without dfl', YOLOV8],
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
});
