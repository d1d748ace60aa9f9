import { describe, expect, it } from 'vitest';
import type {
  FateRows,
  TrainingComparison,
  TrainingFacts,
  TrainingGains,
  TrainingHost,
  TrainingProgress,
} from '../../../../src/protocol/train-messages.js';
import { fakeHost } from '../fake-host.js';
import { classCounts } from '../../../../webview/train/chosen-view.js';
import { factsText, gainText, listedGains } from '../../../../webview/train/gains-view.js';
import { announcement, buttonsOf, progressText } from '../../../../webview/train/train-head.js';
import { createTrainModel, showFates, showGain, trainingReceiver } from '../../../../webview/train/train-model.js';

const progress: TrainingProgress = {
  state: 'running',
  step: 12,
  numSteps: 84,
  epoch: 0.571,
  stepSeconds: 0.314,
  etaSeconds: 22,
  message: '',
  problem: null,
  canResume: true,
  hasCheckpoint: true,
  canCompare: true,
};
const actions = (changes: Partial<TrainingProgress>) =>
  buttonsOf({ ...progress, ...changes }).map(({ action, words }) => `${action} ${words}`);

describe('what can be done', () => {
  it('follows from the state', () => {
    expect(actions({})).toEqual(['stop Stop']);
    expect(actions({ state: 'stopping' })).toEqual(['stopNow Stop at Once']);
    expect(actions({ state: 'elsewhere' })).toEqual(['stop Stop']);
    expect(actions({ state: 'stopped' })).toEqual(['resume Continue', 'compare Compare With Before']);
    expect(actions({ state: 'stopped', canResume: false, hasCheckpoint: false })).toEqual(['resume Start']);
    expect(actions({ state: 'finished' })).toEqual(['compare Compare With Before', 'trainFurther Train Further…']);
    expect(actions({ state: 'finished', canCompare: false })).toEqual(['trainFurther Train Further…']);
  });

  it('answers what went wrong', () => {
    expect(actions({ state: 'failed', problem: 'no-tensorflow', canResume: false, hasCheckpoint: false })).toEqual([
      'setUpBackend Set Up GPU Backend…',
      'resume Start',
    ]);
    expect(actions({ state: 'failed', problem: 'not-finite', hasCheckpoint: false })).toEqual([
      'trainAgain Train Again…',
    ]);
    expect(actions({ state: 'failed', problem: 'other' })).toEqual(['resume Continue', 'compare Compare With Before']);
  });

  it('is said with how far it is', () => {
    expect(progressText(progress, { epochs: 4 })).toBe(
      'Training · step 12 of 84 · epoch 0.57 of 4 · 0.31 s a step · 22 s to go',
    );
    expect(progressText({ ...progress, state: 'starting', step: 0 }, { epochs: 4 })).toBe(
      'Starting TensorFlow and reading the images',
    );
    expect([announcement(progress), announcement({ ...progress, epoch: 2.9 })]).toEqual([
      'Training',
      'Training, 2 epochs done',
    ]);
    expect(progressText({ ...progress, state: 'finished', step: 84, epoch: 4 }, { epochs: 4 })).toBe(
      'Finished · step 84 of 84 · epoch 4 of 4',
    );
  });
});

describe('the batch', () => {
  it('is counted by class, background last', () => {
    expect(classCounts({ gtClass: [2, 0, 2, 1, 2, 2, 0], classes: ['nut', 'coin'] })).toEqual([
      { name: 'nut', count: 2 },
      { name: 'coin', count: 1 },
      { name: 'background', count: 4 },
    ]);
    expect(classCounts({ gtClass: [], classes: ['nut'] })).toEqual([]);
  });
});

describe('gains', () => {
  const image = (id: string, lossBefore: number, lossAfter: number) =>
    ({ id, lossBefore, lossAfter, numObjects: 3, numFoundBefore: 1, numFoundAfter: 2 }) as const;
  const gains: TrainingGains = {
    step: 84,
    epoch: 4,
    facts: { ...image('', 2, 1), numBetter: 2, numWorse: 2 },
    images: [image('a', 3, 1), image('b', 2, 1), image('c', 1, 1), image('d', 1, 1.5), image('e', 1, 4)],
  };

  it('are listed from either end, without what stayed the same', () => {
    expect(listedGains(gains, 'better').map(({ id }) => id)).toEqual(['a', 'b']);
    expect(listedGains(gains, 'worse').map(({ id }) => id)).toEqual(['e', 'd']);
    const none = { ...gains, facts: { ...gains.facts, numBetter: 0, numWorse: 0 } };
    expect([listedGains(none, 'better'), listedGains(none, 'worse')]).toEqual([[], []]);
    expect([gainText(0.25), gainText(-3), gainText(0)]).toEqual(['+0.25', '−3.00', '+0.00']);
    expect(factsText(gains)).toBe(
      'The loss fell on 2 of 5 images and rose on 2: in the mean from 2.00 to 1.00 nats. Of 3 objects 1 were found ' +
        'before and 2 are now.',
    );
  });

  it('an image that the person has left is not shown; what is looked at stays when the numbers move', async () => {
    const model = createTrainModel();
    const { host, asked } = fakeHost<TrainingHost>();
    const looked = [showGain(model, host, 'a'), showGain(model, host, 'b')];
    asked[1].resolve({ id: 'b' });
    asked[0].resolve({ id: 'a' });
    await Promise.all(looked);
    expect(model.gain.value?.id).toBe('b');
    trainingReceiver(model).gains({ gains });
    expect([model.gains.value, model.gainImage.value]).toEqual([gains, 'b']);
    trainingReceiver(model).gains({ gains: null });
    expect([model.gainImage.value, model.gain.value]).toEqual([null, null]);
  });
});

describe('messages', () => {
  const rows = (imageIndex: number) => ({ imageIndex }) as FateRows;
  const comparison = (state: TrainingComparison['state']) => ({ state }) as TrainingComparison;

  it('begin anew with `training` and go on with `points`', () => {
    const model = createTrainModel();
    const point = (step: number) => ({ event: 'epoch', step, epoch: 1, validation: null }) as const;
    trainingReceiver(model).training({ facts: { out: '/o' } as TrainingFacts, points: [point(1)] });
    trainingReceiver(model).points({ points: [point(2)] });
    expect(model.points.value.map(({ step }) => step)).toEqual([1, 2]);
    trainingReceiver(model).training({ facts: { out: '/o' } as TrainingFacts, points: [] });
    expect(model.points.value).toEqual([]);
  });

  it('an image that the person has left is not shown, and a new comparison begins without one', async () => {
    const model = createTrainModel();
    const picture = (imageIndex: number) => ({ rows: rows(imageIndex), width: 1, height: 1, uri: null });
    const { host, asked } = fakeHost<TrainingHost>();
    const looked = [showFates(model, host, 2), showFates(model, host, 3)];
    asked[1].resolve(picture(3));
    asked[0].resolve(picture(2));
    await Promise.all(looked);
    expect(model.fates.value?.rows.imageIndex).toBe(3);
    trainingReceiver(model).comparison({ comparison: comparison('done') });
    expect(model.fateImage.value).toBe(3);
    trainingReceiver(model).comparison({ comparison: comparison('mining') });
    expect([model.fateImage.value, model.fates.value]).toEqual([null, null]);
  });
});
