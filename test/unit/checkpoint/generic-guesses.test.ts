import { describe, expect, it } from 'vitest';
import { genericGuesses } from '../../../src/checkpoint/generic-guesses.js';
import { bindDetector } from './bind.js';
import { fakeGraph, tensor } from './fake-graph.js';

describe('genericGuesses', () => {
  it('takes two outputs of as many rows for boxes and scores, in either order of the axes', async () => {
    const outputs = {
      where: tensor([1, 4, 50], (i) => [0.2, 0.3, 0.6, 0.8][Math.floor(i / 50)]),
      what: tensor([50, 3], (i) => [2, -4, -1][i % 3]),
      mask: tensor([1, 32, 40], () => 0),
    };
    const guesses = genericGuesses(outputs);
    expect(guesses.map(({ name }) => name)).toEqual([
      'boxes where, scores what',
      'boxes where, scores what, softmax with background last',
      'boxes where, scores what, softmax with background first',
      // A row of 32 may be a box and its scores: how well it meets objects will tell.
      'boxes mask, scores mask',
      'boxes mask, scores mask, softmax with background last',
      'boxes mask, scores mask, softmax with background first',
      'boxes mask, scores mask, objectness before them',
    ]);
    expect(guesses[0].contract).toEqual({
      family: 'generic',
      boxes: { output: 'where', columns: [0, 4], last: 'rows' },
      boxForm: 'xyxy',
      boxUnit: 'normalised',
      scores: { output: 'what', columns: [0, 3] },
      given: 'logits',
      activation: 'sigmoid',
    });
    const detector = await bindDetector(
      fakeGraph(() => outputs),
      'm.onnx',
      guesses[1].contract,
      null,
    );
    expect(detector.numClasses).toBe(2);
  });

  it('takes columns behind a box for scores, with or without objectness', () => {
    const guesses = genericGuesses({ out: tensor([1, 50, 6], (i) => [30, 40, 20, 10, 0.9, 0.8][i % 6]) });
    expect(guesses.map(({ contract: { scores, objectness } }) => [scores.columns, objectness?.columns])).toEqual([
      [[4, 6], undefined],
      [[4, 6], undefined],
      [[4, 6], undefined],
      [
        [5, 6],
        [4, 5],
      ],
    ]);
    expect(guesses[0].contract).toMatchObject({ boxForm: 'cxcywh', boxUnit: 'pixels', given: 'probabilities' });
  });

  it('has nothing to say of other outputs', () => {
    expect(genericGuesses({ features: tensor([1, 256, 20, 20], () => 0) })).toEqual([]);
    expect(genericGuesses({ boxes: tensor([1, 50, 4], () => 0), scores: tensor([1, 49, 3], () => 0) })).toEqual([]);
  });
});
