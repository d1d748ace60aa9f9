import { describe, expect, it } from 'vitest';
import { detr } from '../../../../src/checkpoint/families/detr/detr.js';
import { yolov8 } from '../../../../src/checkpoint/families/yolov8.js';
import { yolox } from '../../../../src/checkpoint/families/yolox.js';
import { MEASURE_KEYS } from '../../../../src/core/measure/measure-config.js';
import {
  changeMeasure,
  durationText,
  measureKeys,
  measureSpec,
  recipesFor,
  sameMeasure,
} from '../../../../webview/measure/measure-rows.js';

const [TAL, DETR] = [yolov8.measureDefaults, detr.measureDefaults];

describe('measureKeys', () => {
  it('are those that assigner and losses read, in the order of a recipe', () => {
    expect(measureKeys(TAL, 'sigmoid')).toEqual([
      ...['assigner', 'talAlpha', 'talBeta', 'talTopK', 'clsLoss', 'clsLossWeight', 'clsTarget'],
      ...['objTarget', 'objLossWeight', 'objLevels', 'backgroundWeight'],
      ...['locLoss', 'locLossWeight', 'roiBox', 'ignoreThreshold'],
    ]);
    expect(measureKeys(DETR, 'softmax')).toEqual([
      ...['assigner', 'matchClass', 'matchClassWeight', 'matchL1Weight', 'matchGiouWeight'],
      ...['clsLoss', 'clsLossWeight', 'backgroundWeight'],
      ...['locLoss', 'l1Weight', 'giouWeight', 'locLossWeight', 'roiBox', 'ignoreThreshold'],
    ]);
  });

  it('have class losses of the head alone', () => {
    expect(measureSpec('clsLoss', 'softmax')).toMatchObject({ choices: ['cross-entropy'] });
    expect(measureSpec('clsLoss', 'sigmoid')).not.toMatchObject({ choices: ['cross-entropy'] });
    expect(measureSpec('locLoss', 'softmax')).toMatchObject({ kind: 'choice' });
  });
});

describe('changeMeasure', () => {
  it('takes back a soft target that the new class loss has none of', () => {
    expect(changeMeasure(TAL, 'clsLoss', 'focal')).toMatchObject({ clsLoss: 'focal', clsTarget: 'one' });
    expect(changeMeasure(TAL, 'clsLoss', 'vfl')).toMatchObject({ clsLoss: 'vfl', clsTarget: 'soft' });
  });

  it('moves the other threshold along', () => {
    expect(changeMeasure(TAL, 'fgThreshold', 0.3)).toMatchObject({ fgThreshold: 0.3, bgThreshold: 0.3 });
    expect(changeMeasure(TAL, 'bgThreshold', 0.7)).toMatchObject({ fgThreshold: 0.7, bgThreshold: 0.7 });
  });

  it('and back is the same', () => {
    expect(sameMeasure(changeMeasure(changeMeasure(TAL, 'talTopK', 3), 'talTopK', TAL.talTopK), TAL)).toBe(true);
    expect(MEASURE_KEYS.some((key) => !sameMeasure({ ...TAL, [key]: 'else' }, TAL))).toBe(true);
  });
});

it('recipesFor: the own first, those of heads alike, none twice', () => {
  const families = [detr, yolov8, yolox].map(({ id, title, measureDefaults }) => ({
    family: id,
    title,
    measure: measureDefaults,
  }));
  const own = { ...TAL, scoreForm: { activation: 'sigmoid', given: 'probabilities' } } as const;
  expect(recipesFor(own, families).map(({ title }) => title)).toEqual(['as this run', 'YOLOX']);
  expect(recipesFor(own, families)[0].measure).toEqual(TAL);
});

it.each([
  [0.2, 'about a second'],
  [41.6, 'about 42 seconds'],
  [200, 'about 3 minutes'],
  [9000, 'about 3 hours'],
])('%d s are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
