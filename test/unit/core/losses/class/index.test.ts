import { describe, expect, test } from 'vitest';
import { sigmoidLossFromLogits, sigmoidLossFromProbabilities } from '../../../../../src/core/losses/class/bce.js';
import {
  softmaxLossFromLogits,
  softmaxLossFromProbabilities,
} from '../../../../../src/core/losses/class/cross-entropy.js';
import { focalLossFromLogits, focalLossFromProbabilities } from '../../../../../src/core/losses/class/focal.js';
import { clsLossOf, type ClsLossId } from '../../../../../src/core/losses/class/index.js';
import type { ScoreForm } from '../../../../../src/core/losses/detector-output.js';

describe('clsLossOf', () => {
  const form = (activation: ScoreForm['activation'], given: ScoreForm['given'] = 'logits') => ({ activation, given });

  test('a loss that does not fit the head is refused', () => {
    const refuse = (id: ClsLossId, activation: ScoreForm['activation']) => () => clsLossOf(id, form(activation));
    expect(refuse('bce', 'softmax')).toThrow(
      'options: cls-loss: expected cross-entropy (a softmax head), received bce',
    );
    expect(refuse('focal', 'softmax')).toThrow('expected cross-entropy');
    expect(refuse('cross-entropy', 'sigmoid')).toThrow(
      'expected bce or focal or qfl or vfl or mal or ia-bce (a sigmoid head), received cross-entropy',
    );
    expect(() => clsLossOf('focal', form('sigmoid'), 'soft')).toThrow(
      'options: cls-target: expected one (focal takes no soft target), received soft',
    );
  });

  test('each form has its own', () => {
    expect(clsLossOf('cross-entropy', form('softmax'))).toBe(softmaxLossFromLogits);
    expect(clsLossOf('cross-entropy', form('softmax', 'probabilities'))).toBe(softmaxLossFromProbabilities);
    expect(clsLossOf('bce', form('sigmoid'))).toBe(sigmoidLossFromLogits);
    expect(clsLossOf('bce', form('sigmoid', 'probabilities'))).toBe(sigmoidLossFromProbabilities);
    expect(clsLossOf('focal', form('sigmoid'))).toBe(focalLossFromLogits);
    expect(clsLossOf('focal', form('sigmoid', 'probabilities'))).toBe(focalLossFromProbabilities);
  });
});
