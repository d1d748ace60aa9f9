import { describe, expect, it } from 'vitest';
import { bindClassifier } from '../../../src/checkpoint/classifier.js';
import type { ClassifierContract } from '../../../src/checkpoint/contract.js';
import type { Tensor, TensorInfo } from '../../../src/core/graph.js';
import { fakeGraph, tensor } from './fake-graph.js';

const float = (name: string, ...shape: number[]): TensorInfo => ({ name, type: 'float32', shape });
const image = (width: number, height: number, ...rgb: number[]) => ({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]) });

/** Answers each call with rows of K = 3 logits that count up, one for each image of the batch. */
function countingGraph(input: TensorInfo, batch: number) {
  let row = 0;
  return fakeGraph(() => ({ out: tensor([batch, 3], (i) => (i % 3 === 0 ? row++ : -1)) }), input);
}

describe('bindClassifier', () => {
  it.each([
    ['rank 3', float('x', -1, 2, 4), [1, 2, 4]],
    ['one channel last', float('x', -1, 2, 4, 1), [1, 2, 4, 1]],
    ['three channels last', float('x', 1, 2, 4, 3), [1, 2, 4, 3]],
    ['one channel first', float('x', 1, 1, 2, 4), [1, 1, 2, 4]],
    ['three channels first', float('x', -1, 3, 2, 4), [1, 3, 2, 4]],
  ])('takes %s', async (_, input, shape) => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), input);
    const classifier = await bindClassifier(graph, 'm', null, null);
    expect(classifier).toMatchObject({ numClasses: 3, inputWidth: 4, inputHeight: 2, classes: null });
    await classifier.classify([image(4, 2, 255, 255, 255)]);
    expect(graph.fed[0]['x'].shape).toEqual(shape);
    expect(new Set(graph.fed[0]['x'].data)).toEqual(new Set([1]));
  });

  it('makes grey as OpenCV and PIL do, and keeps grey values', async () => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('Input3', 1, 1, 28, 28));
    const classifier = await bindClassifier(graph, 'm', null, null);
    expect(classifier.notes).toContain('pixels are scaled to 0..255');
    const seen = async (...rgb: number[]) => {
      await classifier.classify([image(28, 28, ...rgb)]);
      return graph.fed[0]['Input3'].data[5];
    };
    expect([await seen(255, 0, 0), await seen(0, 255, 0), await seen(0, 0, 255)]).toEqual([76, 150, 29]);
    for (const value of [0, 1, 77, 254, 255]) expect(await seen(value, value, value)).toBe(value);
  });

  it('scales as the contract says', async () => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', 1, 3, 1, 1));
    const contract: ClassifierContract = { family: 'classifier', preprocess: { mean: [10, 20, 30], std: [2, 4, 5], channels: 'bgr' } };
    const classifier = await bindClassifier(graph, 'm', contract, null);
    await classifier.classify([image(1, 1, 40, 60, 70)]);
    expect([...graph.fed[0]['x'].data]).toEqual([30, 10, 2]);
    expect(classifier.notes.join()).not.toContain('scaled');
  });

  it('runs all images at once where the batch is open, one after the other where it is 1, in blocks where it is 4', async () => {
    for (const [batch, calls] of [[-1, 1], [1, 7], [4, 2]]) {
      const graph = countingGraph(float('x', batch, 1, 1, 1), batch > 0 ? batch : 7);
      const classifier = await bindClassifier(graph, 'm', null, null);
      const scores = await classifier.classify(Array.from({ length: 7 }, () => image(1, 1, 0, 0, 0)));
      const first = scores[0];
      expect([...scores].filter((_, i) => i % 3 === 0).map((value) => value - first)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(graph.fed).toHaveLength(1 + calls);
      expect(await classifier.classify([])).toEqual(new Float32Array(0));
    }
  });

  it('tells a softmax from logits by its values, unless the contract says', async () => {
    const given = async (values: number[], contract: ClassifierContract | null = null) => {
      const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => values[i]) }), float('x', 1, 1, 2, 2));
      return (await bindClassifier(graph, 'm', contract, null)).scoreForm.given;
    };
    expect(await given([0.2, 0.3, 0.5])).toBe('probabilities');
    expect(await given([0.2, 0.3, 0.6])).toBe('logits');
    expect(await given([-0.2, 0.7, 0.5])).toBe('logits');
    expect(await given([NaN, 0.7, 0.5])).toBe('logits');
    expect(await given([0.2, 0.3, 0.5], { family: 'classifier', scores: 'logits' })).toBe('logits');
  });

  it.each([
    [[float('x', 1, 7, 2, 2)], 'x float32 [1,7,2,2]'],
    [[{ name: 'x', type: 'uint8' as const, shape: [1, 3, 2, 2] }], 'x uint8 [1,3,2,2]'],
    [[float('x', 1, 3, 2, 2), float('y', 1)], 'x float32 [1,3,2,2]; y float32 [1]'],
    [[], 'received none'],
  ])('refuses inputs %j', async (inputs, expected) => {
    await expect(bindClassifier(fakeGraph(() => ({}), inputs), 'm', null, null)).rejects.toThrow(expected);
  });

  it.each<[Record<string, Tensor>, string]>([
    [{ out: tensor([1, 3, 1], () => 0) }, 'out float32 [1,3,1]'],
    [{ a: tensor([1, 3], () => 0), b: tensor([1, 3], () => 0) }, 'a float32 [1,3], b float32 [1,3]'],
    [{ out: { shape: [1, 3], data: new Int32Array(3) } }, 'out int32 [1,3]'],
    [{ out: tensor([1, 1], () => 0) }, 'out float32 [1,1]'],
  ])('refuses outputs that are not one [N,K]', async (outputs, expected) => {
    const graph = fakeGraph(() => outputs, float('x', 1, 1, 2, 2));
    await expect(bindClassifier(graph, 'm', null, null)).rejects.toThrow(`expected classifier: one float32 [N,K], received ${expected} (m)`);
  });

  it('refuses an open size without a contract, names of another number, and an output that changes', async () => {
    const open = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', -1, 3, -1, -1));
    await expect(bindClassifier(open, 'm', null, null)).rejects.toThrow('contract.input: expected a size, which the model leaves open');
    expect((await bindClassifier(open, 'm', { family: 'classifier', input: { width: 5, height: 6 } }, null)).inputHeight).toBe(6);
    await expect(bindClassifier(countingGraph(float('x', 1, 1, 2, 2), 1), 'm', null, { names: ['a'], from: 'contract' })).rejects.toThrow('class names (contract)');
    const changing = fakeGraph((call) => ({ out: tensor([1, call === 0 ? 3 : 4], (i) => i) }), float('x', 1, 1, 2, 2));
    const classifier = await bindClassifier(changing, 'm', null, null);
    await expect(classifier.classify([image(2, 2, 0, 0, 0)])).rejects.toThrow('expected float32 [1,3], received float32 [1,4]');
  });
});
