/** Detectors that take bytes, as those of TensorFlow's exporters do: pixels as they are, scaled inside. */
import { describe, expect, it } from 'vitest';
import { bindDetector } from './bind.js';
import type { GraphContract } from '../../../src/checkpoint/files/contract.js';
import type { TensorType } from '../../../src/core/graph.js';
import { fakeGraph, tensor } from './fake-graph.js';

/** YOLOX at 64 x 64, scores 0.5; NanoDet at 64 x 64, one class. */
const YOLOX = { rows: tensor([1, 84, 6], () => 0.5) };
const CELLS = [64, 16, 4];
const NANODET = Object.fromEntries(
  CELLS.flatMap((rows, i) => [
    [`cls${i}`, tensor([1, rows, 1], () => 0.5)],
    [`dis${i}`, tensor([1, rows, 32], () => 0)],
  ]),
);

const input = (type: TensorType) => ({ name: 'image', type, shape: [-1, 64, 64, 3] });
const red = {
  width: 64,
  height: 64,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i % 3 === 0 ? 200 : 7)),
};
const refused = (type: TensorType, contract: GraphContract) =>
  bindDetector(
    fakeGraph(() => YOLOX, input(type)),
    'm.onnx',
    contract,
    null,
  );

describe('a detector that takes bytes', () => {
  it.each([
    ['uint8', Uint8Array],
    ['int32', Int32Array],
  ] as const)('gets them as %s, in the order of its channels and without mean and std', async (type, array) => {
    for (const [answer, family] of [
      [YOLOX, 'yolox'],
      [NANODET, 'nanodet'],
    ] as const) {
      const graph = fakeGraph(() => answer, input(type));
      const detector = await bindDetector(graph, 'm.onnx', null, null);
      await detector.detect(red);
      expect(detector.family).toBe(family);
      expect(graph.fed[0]['image'].data).toBeInstanceOf(array);
      expect([...graph.fed[0]['image'].data.slice(0, 3)]).toEqual([7, 7, 200]);
      expect(Math.max(...graph.fed[1]['image'].data)).toBeGreaterThan(200);
    }
  });

  it('refuses a contract that would scale them', async () => {
    await expect(refused('uint8', { family: 'yolox', preprocess: { std: [64, 64, 64] } })).rejects.toThrow(
      'contract.preprocess: expected neither mean nor std: input image takes pixels as they are, received std',
    );
    await expect(refused('float32', { family: 'yolox', preprocess: { std: [64, 64, 64] } })).resolves.toBeDefined();
  });
});
