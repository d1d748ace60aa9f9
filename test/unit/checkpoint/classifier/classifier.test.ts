import { describe, expect, it } from 'vitest';
import { bindClassifier, type ClassifierContract } from '../../../../src/checkpoint/classifier/classifier.js';

import type { ClassNames } from '../../../../src/checkpoint/sidecars/class-names.js';
import type { Graph, RgbImage, Tensor, TensorInfo } from '../../../../src/core/graph.js';
import { fakeGraph, tensor } from '../fake-graph.js';

const float = (name: string, ...shape: number[]): TensorInfo => ({ name, type: 'float32', shape });
const image = (width: number, height: number, ...rgb: number[]) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]),
});
const NO_IMAGES = [[], new Int32Array(0)] as const;

/** @param reload gives the graph with inner tensors as its outputs. */
function bind(
  graph: Graph,
  contract: ClassifierContract | null = null,
  names: ClassNames | null = null,
  reload: (outputs: readonly string[]) => Graph = () => graph,
) {
  return bindClassifier(graph, 'm', { contract, names, reload: (outputs) => Promise.resolve(reload(outputs)) });
}

/** Bound and settled on images, by default on none. */
async function settled(
  graph: Graph,
  contract: ClassifierContract | null = null,
  [images, labels]: readonly [readonly RgbImage[], Int32Array] = NO_IMAGES,
) {
  return (await bind(graph, contract)).settle(images, labels);
}

/** A graph of input [N,1,1] whose K = 3 scores are a function of the pixel it is fed, as many rows as it is fed. */
function pixelGraph(scores: (pixel: number) => readonly number[], batch = -1) {
  const graph = fakeGraph(
    () => {
      const { data } = graph.fed[0]['x'];
      return { out: tensor([data.length, 3], (i) => scores(data[Math.floor(i / 3)])[i % 3]) };
    },
    float('x', batch, 1, 1),
  );
  return graph;
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
    const classifier = await settled(graph);
    expect(classifier).toMatchObject({ numClasses: 3, inputWidth: 4, inputHeight: 2, classes: null });
    expect(classifier.notes).toEqual([
      'classes are unnamed',
      'pixels are scaled to 0..1: too few labelled images to try other scales',
      'from logits',
    ]);
    await classifier.classify([image(4, 2, 255, 255, 255)]);
    expect(graph.fed[0]['x'].shape).toEqual(shape);
    expect(new Set(graph.fed[0]['x'].data)).toEqual(new Set([1]));
  });

  it.each([
    ['[1,K]', [1, 3]],
    ['[K]', [3]],
    ['[1,K,1,1]', [1, 3, 1, 1]],
    ['[1,1,1,K]', [1, 1, 1, 3]],
  ])('takes an output %s', async (_, shape) => {
    const classifier = await settled(fakeGraph(() => ({ out: tensor(shape, (i) => i) }), float('x', 1, 1, 2, 2)));
    expect([...(await classifier.classify([image(2, 2, 0, 0, 0)]))]).toEqual([0, 1, 2]);
  });

  it('makes grey as OpenCV and PIL do, and keeps grey values', async () => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('Input3', 1, 1, 28, 28));
    const classifier = await settled(graph);
    expect(classifier.notes[1]).toMatch('pixels are scaled to 0..255');
    const seen = async (...rgb: number[]) => {
      await classifier.classify([image(28, 28, ...rgb)]);
      return graph.fed[0]['Input3'].data[5];
    };
    expect([await seen(255, 0, 0), await seen(0, 255, 0), await seen(0, 0, 255)]).toEqual([76, 150, 29]);
    for (const value of [0, 1, 77, 254, 255]) expect(await seen(value, value, value)).toBe(value);
  });

  it.each([
    ['nchw', [1, 3, 2, 1], [30, 30, 10, 10, 2, 2]],
    ['nhwc', [1, 2, 1, 3], [30, 10, 2, 30, 10, 2]],
  ])('scales as the contract says, %s', async (_, shape, expected) => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', ...shape));
    const contract: ClassifierContract = {
      family: 'classifier',
      preprocess: { mean: [10, 20, 30], std: [2, 4, 5], channels: 'bgr' },
    };
    const classifier = await settled(graph, contract);
    await classifier.classify([image(1, 2, 40, 60, 70)]);
    expect([...graph.fed[0]['x'].data]).toEqual(expected);
    expect(classifier.notes.join()).not.toContain('scaled');
  });

  it('keeps the middle of the image where the contract says so', async () => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', 1, 3, 1, 1));
    const contract: ClassifierContract = {
      family: 'classifier',
      crop: 0.5,
      preprocess: { mean: [0, 0, 0], std: [1, 1, 1] },
    };
    const bordered = image(4, 4, 0, 0, 0);
    for (const pixel of [5, 6, 9, 10]) bordered.data.set([10, 20, 30], pixel * 3);
    await (await settled(graph, contract)).classify([bordered]);
    expect([...graph.fed[0]['x'].data]).toEqual([10, 20, 30]);
  });

  it('finds out a network that takes BGR minus mean, and tries its middle', async () => {
    // The first channel that it sees, above the mean of blue, is class 0.
    const graph = fakeGraph(
      () => {
        const { data } = graph.fed[0]['x'];
        return { out: tensor([data.length / 3, 2], (i) => (i % 2 === 0 ? 1 : -1) * (data[3 * (i >> 1)] / 40)) };
      },
      float('x', -1, 3, 1, 1),
    );
    const blues = Array.from({ length: 32 }, (_, i) => i * 8);
    const labels = Int32Array.from(blues, (blue) => Number(blue < 103.939));
    const images = blues.map((blue) => image(8, 8, 255 - blue, 9, blue));
    const { notes } = await settled(graph, null, [images, labels]);
    expect(notes.join()).toMatch(/scaled to BGR minus mean \(Caffe\): /);
    expect(notes.join()).toContain('BGR minus mean (Caffe), centre crop');
    expect(notes.join()).not.toContain('weak');
  });

  it('calls a guess weak that other scales match', async () => {
    const graph = fakeGraph(() => ({ out: tensor([graph.fed[0]['x'].shape[0], 2], () => 0) }), float('x', -1, 3, 1, 1));
    const images = Array.from({ length: 32 }, (_, i) => image(2, 2, i, i, i));
    const { notes } = await settled(graph, null, [images, Int32Array.from(images, (_, i) => i % 2)]);
    expect(notes.join()).toContain('weak evidence for the scale of the pixels, another scale fits nearly as well');
  });

  it('feeds integer inputs the pixels themselves', async () => {
    const graph = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), {
      name: 'x',
      type: 'uint8',
      shape: [1, 2, 1, 3],
    });
    const classifier = await settled(graph);
    await classifier.classify([image(1, 2, 9, 99, 255)]);
    expect(graph.fed[0]['x'].data).toEqual(Uint8Array.of(9, 99, 255, 9, 99, 255));
    expect(classifier.notes).toContain('pixels are scaled to 0..255');
  });

  it('runs batches where the batch is open, one after the other where it is 1, in blocks where it is 4', async () => {
    for (const [batch, calls] of [
      [-1, 2],
      [1, 40],
      [4, 10],
    ]) {
      const graph = pixelGraph((pixel) => [pixel * 255, -1, 0], batch);
      const classifier = await settled(graph);
      const numBefore = graph.fed.length;
      const scores = await classifier.classify(Array.from({ length: 40 }, (_, i) => image(1, 1, i, i, i)));
      expect([...scores].filter((_, i) => i % 3 === 0).map(Math.round)).toEqual(
        Array.from({ length: 40 }, (_, i) => i),
      );
      expect(graph.fed.length - numBefore).toBe(calls);
      expect(await classifier.classify([])).toEqual(new Float32Array(0));
    }
  });

  it('feeds one image at a time where an open batch does not work', async () => {
    const graph = fakeGraph(
      () => {
        const { shape } = graph.fed[0]['x'];
        if (shape[0] !== 1) throw new Error('reshape to [1,-1]');
        return { out: tensor([1, 3], (i) => i) };
      },
      float('x', -1, 1, 1),
    );
    const images = [image(1, 1, 0, 0, 0), image(1, 1, 9, 9, 9)];
    const classifier = await settled(graph, null, [images, Int32Array.of(0, 1)]);
    expect(classifier.batchSize).toBe(1);
    expect(classifier.notes).toContain('the graph takes one image at a time, though its batch is open');
    expect(await classifier.classify(images)).toHaveLength(6);
  });

  it.each([
    [[float('x', 1, 7, 2, 2)], 'x float32 [1,7,2,2]'],
    [[float('x', 1, 9)], 'x float32 [1,9]'],
    [[float('x', 1, 3, 2, 2), float('y', 1)], 'x float32 [1,3,2,2]; y float32 [1]'],
    [[], 'received none'],
  ])('refuses inputs %j', async (inputs, expected) => {
    await expect(bind(fakeGraph(() => ({}), inputs))).rejects.toThrow(expected);
  });

  it.each<[Record<string, Tensor>, string]>([
    [{ out: tensor([1, 3, 2], () => 0) }, 'out float32 [1,3,2]'],
    [{ a: tensor([1, 3], () => 0), b: tensor([1, 3], () => 0) }, 'a float32 [1,3], b float32 [1,3]'],
    [{ out: { shape: [1, 3], data: new Int32Array(3) } }, 'out int32 [1,3]'],
    [{ out: tensor([1, 1], () => 0) }, 'out float32 [1,1]'],
    [{}, 'none'],
  ])('refuses outputs that are not one [N,K]', async (outputs, expected) => {
    const graph = fakeGraph(() => outputs, float('x', 1, 1, 2, 2));
    await expect(bind(graph)).rejects.toThrow(
      `expected classifier: one float32 [N,K] or [K], K at least 2, received ${expected} (m)`,
    );
  });

  it('has the features of the tensor that its contract names, and names one where it does not', async () => {
    const nodes = [
      { op: 'Relu', inputs: ['x'], outputs: ['hidden'], inside: [] },
      { op: 'Gemm', inputs: ['hidden', 'w'], outputs: ['out'], inside: [] },
    ];
    const graph = { ...fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', 1, 3, 2, 2)), nodes };
    const inner = fakeGraph(() => ({ hidden: tensor([1, 4], (i) => i) }), float('x', 1, 3, 2, 2));
    const contract: ClassifierContract = { family: 'classifier', features: 'hidden' };
    const named = await (await bind(graph, contract, null, () => inner)).settle(...NO_IMAGES);
    const sides = new Float32Array(2);
    const boxes = { x1: sides, y1: sides, x2: sides, y2: sides };
    const source = await named.features();
    expect(await source.at(image(2, 2, 9, 9, 9), boxes)).toEqual({
      size: 4,
      data: Float32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
    });
    expect(inner.fed[0]['x'].shape).toEqual([1, 3, 2, 2]);
    await expect((await settled(graph)).features()).rejects.toThrow('Write "features": "hidden" into its contract');
  });

  it('refuses an open size without a contract, names of another number, and an output that changes', async () => {
    const open = fakeGraph(() => ({ out: tensor([1, 3], (i) => i) }), float('x', -1, 3, -1, -1));
    await expect(bind(open)).rejects.toThrow('contract.input: expected a size, which the model leaves open');
    expect((await bind(open, { family: 'classifier', input: { width: 5, height: 6 } })).inputHeight).toBe(6);
    await expect(
      bind(
        pixelGraph(() => [0, 1, 2], 1),
        null,
        { names: ['a'], from: 'contract' },
      ),
    ).rejects.toThrow('contract.classes');
    const changing = fakeGraph((call) => ({ out: tensor([1, call === 0 ? 3 : 4], (i) => i) }), float('x', 1, 1, 2, 2));
    const classifier = await settled(changing);
    await expect(classifier.classify([image(2, 2, 0, 0, 0)])).rejects.toThrow(
      'expected float32 [1,3], received float32 [1,4]',
    );
  });
});

describe('settle', () => {
  /** 36 images of brightness 0 to 245 in three classes of twelve. */
  const images = Array.from({ length: 36 }, (_, i) => image(1, 1, 7 * i, 7 * i, 7 * i));
  const labels = Int32Array.from(images, (_, i) => Math.floor(i / 12));
  /** Sure of its classes when the pixel is in [0, `top`], the brightest third being class 2. */
  const bands = (top: number) => (pixel: number) =>
    [30, 120, 210].map((middle) => -((((pixel * 255) / top - middle) / 40) ** 2));

  it.each([
    [1, '0..1'],
    [255, '0..255'],
  ])('finds the scale by the labels: pixels up to %d', async (top, name) => {
    const classifier = await settled(pixelGraph(bands(top)), null, [images, labels]);
    expect(classifier.notes[1]).toMatch(
      `pixels are scaled to ${name}: smoothed cross-entropy on images of the data set 0.`,
    );
    expect(classifier.notes[1].split(', ')).toHaveLength(4);
  });

  it('does not prefer a scale that only saturates the network', async () => {
    // Right everywhere at any scale: plain cross-entropy would take the largest.
    const classifier = await settled(
      pixelGraph((pixel) => [0, (pixel - 0.001) * 12, -1000]),
      null,
      [images, labels.map((_, i) => Math.min(i, 1))],
    );
    expect(classifier.notes[1]).toMatch('pixels are scaled to 0..1: ');
  });

  it('leaves out labels that the classifier does not have', async () => {
    const misled = Int32Array.from(labels, (label, i) => (i % 2 === 0 ? label : -1));
    expect((await settled(pixelGraph(bands(255)), null, [images, misled])).notes[1]).toMatch('0..255: ');
    const few = labels.map((label, i) => (i < 15 ? label : -1));
    expect((await settled(pixelGraph(bands(255)), null, [images, few])).notes[1]).toBe(
      'pixels are scaled to 0..1: too few labelled images to try other scales',
    );
  });

  it('takes no scale under which the outputs are NaN', async () => {
    const scores = (pixel: number) => (pixel > 0 && pixel < 2 ? [Number.NaN, 0, 0] : [pixel, 1, 2]);
    expect((await settled(pixelGraph(scores), null, [images, labels])).notes[1]).toMatch('0..255: ');
  });

  const given = async (scores: (pixel: number) => readonly number[], contract: ClassifierContract | null = null) =>
    (await settled(pixelGraph(scores), contract, [images, labels])).scoreForm.given;

  it('tells a softmax by the last operation, where quantised rows do not sum to 1', async () => {
    const node = (op: string, from: string, to: string) => ({ op, inputs: [from], outputs: [to], inside: [] });
    const graph = pixelGraph(() => [0.25, 0.25, 0.46875]);
    const ending = (...nodes: ReturnType<typeof node>[]) =>
      settled({ ...graph, nodes }).then(({ notes }) => notes.at(-1));
    expect(await ending(node('Softmax', 'x', 'p'), node('QuantizeLinear', 'p', 'out'))).toBe(
      'from probabilities: the output went through a softmax',
    );
    expect(await ending(node('Softmax', 'x', 'p'), node('Mul', 'p', 'out'))).toBe('from logits');
    expect(await ending(node('Softmax', 'x', 'other'), node('Gemm', 'x', 'out'))).toBe('from logits');
  });

  it('tells a softmax from logits by the values of every image, unless the contract says', async () => {
    expect(await given(() => [0.2, 0.3, 0.5])).toBe('probabilities');
    expect(await given(() => [0.2, 0.3, 0.5004])).toBe('probabilities');
    expect(await given(() => [0.2, 0.3, 0.6])).toBe('logits');
    expect(await given(() => [-0.2, 0.7, 0.5])).toBe('logits');
    expect(await given(() => [Number.NaN, 0.7, 0.5])).toBe('logits');
    // One blank image would have said otherwise.
    expect(await given((pixel) => (pixel === 0 ? [0, 0, 1] : [pixel, 2, -3]))).toBe('logits');
    expect(await given(() => [0.2, 0.3, 0.5], { family: 'classifier', scores: 'logits' })).toBe('logits');
    expect(await given(() => [3, 3, 3], { family: 'classifier', scores: 'probabilities' })).toBe('probabilities');
  });

  it('says what it found', async () => {
    const notes = async (scores: (pixel: number) => readonly number[]) =>
      (await settled(pixelGraph(scores), null, [images, labels])).notes;
    expect(await notes(() => [0.2, 0.3, 0.5])).toContain('from probabilities: the output went through a softmax');
    expect(await notes(() => [0.2, 0.3, 0.9])).toContain(
      'all outputs lie in [0, 1], but rows do not sum to 1: read as logits; a contract can say otherwise',
    );
    expect(await notes((pixel) => [pixel, 2, 3])).toContain('from logits');
  });
});
