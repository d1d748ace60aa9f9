import { describe, expect, it } from 'vitest';
import { averageAt, featureMapOf, wholeFeatures } from '../../../../src/checkpoint/families/features.js';
import { tensorsBeforeHead } from '../../../../src/checkpoint/families/graph-walk.js';
import { placeImage } from '../../../../src/checkpoint/pixels/preprocess.js';
import { bindDetector } from '../bind.js';
import { fakeGraph, tensor } from '../fake-graph.js';

const INPUT = { width: 64, height: 32, layout: 'nchw' } as const;
const column = (...values: number[]) => Float32Array.from(values);

describe('featureMapOf', () => {
  it('takes both layouts, and turns channels last', () => {
    const first = featureMapOf(
      tensor([1, 2, 4, 8], (i) => i),
      'f',
      INPUT,
    );
    expect(first).toMatchObject({ height: 4, width: 8, channels: 2 });
    expect([...first.data.subarray(0, 4)]).toEqual([0, 32, 1, 33]);
    const last = featureMapOf(
      tensor([1, 4, 8, 2], (i) => i),
      'f',
      INPUT,
    );
    expect(last).toMatchObject({ height: 4, width: 8, channels: 2 });
    expect([...last.data.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
  });

  it('takes the layout of the input where both fit', () => {
    const square = { width: 64, height: 64 };
    const both = tensor([1, 8, 8, 8], (i) => i);
    expect(featureMapOf(both, 'f', { ...square, layout: 'nchw' }).data[1]).toBe(64);
    expect(featureMapOf(both, 'f', { ...square, layout: 'nhwc' }).data[1]).toBe(1);
  });

  it.each([
    [tensor([1, 2, 8, 4], () => 0), 'float32 [1,2,8,4]'],
    [tensor([2, 2, 4, 8], () => 0), 'float32 [2,2,4,8]'],
    [tensor([1, 64], () => 0), 'float32 [1,64]'],
    [undefined, 'nothing'],
  ])('refuses what is no map of the input', (given, received) => {
    expect(() => featureMapOf(given, 'f', INPUT)).toThrow(
      `tensor f: expected a map of the 64 x 32 input, float32 [1,C,H,W] or [1,H,W,C], received ${received}`,
    );
  });
});

describe('averageAt', () => {
  it('looks where the image lies in the input', () => {
    // The right half of the map is 1: in a letterbox of 64 x 32 an image of 100 x 100 covers the left half.
    const map = featureMapOf(
      tensor([1, 1, 4, 8], (i) => (i % 8 >= 4 ? 1 : 0)),
      'f',
      INPUT,
    );
    const boxes = { x1: column(0, 0, 50), y1: column(0, 0, 0), x2: column(100, 0, 100), y2: column(100, 9, 100) };
    const boxed = averageAt(map, boxes, placeImage(100, 100, INPUT, { resize: 'letterbox' }));
    expect(boxed.size).toBe(1);
    expect(boxed.data[0]).toBeCloseTo(0.0, 1);
    expect(boxed.data[1]).toBe(0);
    const [whole, , right] = averageAt(map, boxes, placeImage(100, 100, INPUT, { resize: 'stretch' })).data;
    expect(whole).toBeCloseTo(0.5, 5);
    expect(right).toBeGreaterThan(0.95);
  });
});

describe('wholeFeatures', () => {
  it('takes a vector as it is and averages a map', () => {
    expect([
      ...wholeFeatures(
        tensor([1, 3, 1, 1], (i) => i),
        'f',
        INPUT,
      ),
    ]).toEqual([0, 1, 2]);
    const mean = wholeFeatures(
      tensor([1, 2, 4, 8], (i) => (i < 32 ? 3 : 5)),
      'f',
      INPUT,
    );
    expect(mean[0]).toBeCloseTo(3, 5);
    expect(mean[1]).toBeCloseTo(5, 5);
    expect(() =>
      wholeFeatures(
        tensor([1, 3, 4], (i) => i),
        'f',
        INPUT,
      ),
    ).toThrow('expected float32 [1,F], or a map');
  });
});

const node = (op: string, inputs: readonly string[], outputs: readonly string[]) => ({
  op,
  inputs,
  outputs,
  inside: [],
});
const NODES = [
  node('Conv', ['images', 'w0'], ['stem']),
  node('Relu', ['stem'], ['features']),
  node('Conv', ['features', 'w1'], ['raw']),
  node('Sigmoid', ['raw'], ['out']),
];

describe('tensorsBeforeHead', () => {
  it('names what the last layers read, not their weights', () => {
    expect(tensorsBeforeHead(NODES, ['out'])).toEqual(['features']);
  });
});

describe('features of a detector of one graph', () => {
  /** 8 x 8 + 4 x 4 + 2 x 2 cells: corners and two scores. */
  const head = tensor(
    [1, 6, 84],
    (i) => ([16, 24, 48, 40, 0.25, 0.5][Math.floor(i / 84)] ?? 0) + (i % 84 === 0 ? 0.25 : 0),
  );
  const graph = () => ({ ...fakeGraph(() => ({ out: head })), nodes: NODES });
  const image = { width: 64, height: 64, data: new Uint8Array(3 * 64 * 64) };
  const boxes = { x1: column(0), y1: column(0), x2: column(64), y2: column(64) };
  const yolov8 = { family: 'yolov8' };

  it('come from the tensor that the contract names, by a graph of their own', async () => {
    const inner = fakeGraph(() => ({ features: tensor([1, 5, 8, 8], (i) => Math.floor(i / 64)) }));
    const asked: (readonly string[])[] = [];
    const reload = (outputs: readonly string[]) => {
      asked.push(outputs);
      return Promise.resolve(inner);
    };
    const detector = await bindDetector(graph(), 'm', { ...yolov8, features: 'features' }, null, null, reload);
    expect(asked).toEqual([]);
    const source = await detector.features();
    expect(asked).toEqual([['features']]);
    const { size, data } = await source.at(image, boxes);
    expect(size).toBe(5);
    data.forEach((value, channel) => expect(value).toBeCloseTo(channel, 4));
    source.dispose();
    expect(inner.isDisposed()).toBe(true);
  });

  it('are refused where nothing names them, with a tensor to name', async () => {
    const detector = await bindDetector(graph(), 'm', yolov8, null);
    await expect(detector.features()).rejects.toThrow(
      'contract.features: expected a contract that names the inner tensor which holds its features, received none',
    );
  });
});
