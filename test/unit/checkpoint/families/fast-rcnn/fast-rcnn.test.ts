import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bindFastRcnn, fastRcnn } from '../../../../../src/checkpoint/families/fast-rcnn/fast-rcnn.js';
import { checkFastRcnnContract } from '../../../../../src/checkpoint/families/fast-rcnn/fast-rcnn-contract.js';
import type { Graph, Tensor } from '../../../../../src/core/graph.js';
import { MiningError } from '../../../../../src/core/mining-error.js';

const CONTRACT = {
  family: 'fast-rcnn',
  format: 'tfjs-layers',
  classes: ['ant', 'bee'],
  input: { width: 64, height: 32 },
  preprocess: { resize: 'letterbox', channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1], pad: 0 },
  body: { file: 'body/model.json', features: 'f', objectness: 'o', deltas: 'd' },
  head: { file: 'head/model.json', logits: 'l', deltas: 'e' },
  anchors: { stride: 8, sizes: [12], ratios: [1] },
  proposals: { preNmsTop: 32, nmsThreshold: 0.9, numProposals: 3, minSize: 1 },
  pooling: { size: 2, samplingRatio: 1 },
  deltaWeights: [10, 10, 5, 5],
};
const contract = checkFastRcnnContract(CONTRACT, 'ohem.json');
const image = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 3) };

const tensor = (shape: number[], fill: (i: number) => number): Tensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => fill(i)),
});

function graphOf(names: string[], run: (feed: Tensor) => Record<string, Tensor>): Graph & { disposed: boolean } {
  const graph = {
    inputs: [{ name: 'x', type: 'float32' as const, shape: null }],
    outputs: names.map((name) => ({ name, type: 'float32' as const, shape: null })),
    metadata: {},
    disposed: false,
    run: async (feeds: Readonly<Record<string, Tensor>>) => run(feeds['x']),
    dispose() {
      graph.disposed = true;
    },
  };
  return graph;
}

/** Objectness falls from the first cell on; cell (row 1, column 2) is the best. */
function body(changes: Record<string, Tensor> = {}) {
  return graphOf(['f', 'o', 'd'], () => ({
    f: tensor([1, 4, 8, 1], (i) => i),
    o: tensor([1, 4, 8, 1], (i) => (i === 10 ? 5 : -i)),
    d: tensor([1, 4, 8, 4], () => 0),
    ...changes,
  }));
}
function head(deltaWidth = 4, delta: (i: number) => number = () => 0) {
  return graphOf(['l', 'e'], ({ shape }) => ({
    l: tensor([shape[0], 3], (i) => [0, 2, 1][i % 3]),
    e: tensor([shape[0], deltaWidth], delta),
  }));
}

describe('detect', () => {
  test('regions are the proposals in image px, best first, clipped to the image', async () => {
    const output = await bindFastRcnn(contract, body(), head()).detect(image);
    expect(output.numRois).toBe(3);
    expect(output.numClasses).toBe(2);
    // Anchor of cell (2, 1): centre (20, 12), side 12 in input px; the image is twice as large.
    expect([output.regions.x1[0], output.regions.y1[0], output.regions.x2[0], output.regions.y2[0]]).toEqual([
      28, 12, 52, 36,
    ]);
    expect([output.regions.x1[1], output.regions.y1[1]]).toEqual([0, 0]);
    expect(output.scoreForm).toEqual({ activation: 'softmax', given: 'logits' });
    expect([...output.scores.subarray(0, 3)]).toEqual([0, 2, 1]);
    expect(output.deltaWeights).toEqual([10, 10, 5, 5]);
    expect(output.grid).toBeNull();
  });

  test('deltas move the prediction in image px; by class the best class speaks', async () => {
    const agnostic = await bindFastRcnn(
      contract,
      body(),
      head(4, (i) => (i % 4 === 0 ? 1 : 0)),
    ).detect(image);
    // dx = 1 / 10 of the width 24.
    expect(agnostic.preds.x1[0]).toBeCloseTo(30.4, 4);
    const byClass = await bindFastRcnn(
      contract,
      body(),
      head(8, (i) => (i % 8 === 4 ? 2 : i % 8 === 0 ? -9 : 0)),
    ).detect(image);
    expect(byClass.deltas).toHaveLength(3 * 8);
    expect(byClass.preds.x1[0]).toBeCloseTo(32.8, 4);
  });

  test('no proposals: an empty output, and the head is not asked', async () => {
    const tiny = checkFastRcnnContract(
      { ...CONTRACT, proposals: { ...CONTRACT.proposals, minSize: 1000 } },
      'ohem.json',
    );
    const silent = graphOf(['l', 'e'], () => {
      throw new Error('asked');
    });
    const output = await bindFastRcnn(tiny, body(), silent).detect(image);
    expect(output.numRois).toBe(0);
    expect(output.preds.x1).toHaveLength(0);
  });

  test.each([
    [
      'a feature map of another rank',
      { f: tensor([4, 8], () => 0) },
      /output f: expected float32 \[1,H,W,F\], received float32 \[4,8\]/,
    ],
    [
      'objectness of another size',
      { o: tensor([1, 4, 8, 2], () => 0) },
      /output o: expected float32 \[1,4,8,1\], received float32 \[1,4,8,2\]/,
    ],
    ['NaN objectness', { o: tensor([1, 4, 8, 1], () => NaN) }, /objectness\[0\]: expected a number, received NaN/],
  ])('%s is refused', async (_, changes, message) => {
    await expect(bindFastRcnn(contract, body(changes), head()).detect(image)).rejects.toThrow(message);
  });

  test('a head of another class count is refused', async () => {
    const wrong = graphOf(['l', 'e'], ({ shape }) => ({
      l: tensor([shape[0], 5], () => 0),
      e: tensor([shape[0], 4], () => 0),
    }));
    await expect(bindFastRcnn(contract, body(), wrong).detect(image)).rejects.toThrow(
      /output l: expected float32 \[3,3\], received float32 \[3,5\]/,
    );
  });

  test('a graph without a promised output is refused with what it has', () => {
    expect(() =>
      bindFastRcnn(
        contract,
        graphOf(['f', 'o'], () => ({})),
        head(),
      ),
    ).toThrow(/expected f, o, d, received f, o/);
  });
});

describe('contract', () => {
  test.each([
    ['a number for classes', { classes: 3 }, /contract\.classes/],
    ['an unknown key', { ankers: 1 }, /contract\.ankers: expected no such key/],
    [
      'a file outside the folder',
      { body: { ...CONTRACT.body, file: '../model.json' } },
      /contract\.body\.file: expected a file in the folder of the contract/,
    ],
    ['an IoU above 1', { proposals: { ...CONTRACT.proposals, nmsThreshold: 2 } }, /contract\.proposals\.nmsThreshold/],
  ])('%s is refused by its key', (_, change, message) => {
    expect(() => checkFastRcnnContract({ ...CONTRACT, ...change }, '/x/ohem.json')).toThrow(message);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fast-rcnn-'));
    for (const part of ['body', 'head']) {
      await mkdir(join(folder, part));
      await writeFile(join(folder, part, 'model.json'), JSON.stringify({ weightsManifest: [{ paths: ['w.bin'] }] }));
      await writeFile(join(folder, part, 'w.bin'), part);
    }
    await writeFile(join(folder, 'ohem.json'), JSON.stringify(CONTRACT));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('the hash covers weights', async () => {
    const before = await fastRcnn.locate(join(folder, 'ohem.json'), CONTRACT);
    expect(before.format).toBe('tfjs-layers');
    await writeFile(join(folder, 'head', 'w.bin'), 'changed');
    const after = await fastRcnn.locate(join(folder, 'ohem.json'), CONTRACT);
    expect(after.sha256).not.toBe(before.sha256);
    expect(after.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a missing graph is one clear line', async () => {
    const gone = { ...CONTRACT, head: { ...CONTRACT.head, file: 'gone/model.json' } };
    await expect(fastRcnn.locate(join(folder, 'ohem.json'), gone)).rejects.toThrow(
      /checkpoint: path: expected a readable model, received no such file/,
    );
  });

  test('the body is disposed when the head does not open', async () => {
    const opened = body();
    const files = await fastRcnn.locate(join(folder, 'ohem.json'), CONTRACT);
    const load = async (path: string) => {
      if (path.includes('head')) throw new MiningError('checkpoint', 'weights', '9 bytes', '4 bytes');
      return opened;
    };
    await expect(files.open(load)).rejects.toThrow(/weights/);
    expect(opened.disposed).toBe(true);
  });
});
