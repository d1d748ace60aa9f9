import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BoundClassifier, Classifier } from '../../../../src/checkpoint/classifier/classifier.js';
import type { RgbImage } from '../../../../src/core/graph.js';
import { defaultConfig, resolveConfig } from '../../../../src/core/mining/select.js';
import { encodePng } from '../../../../src/dataset/pixels/decode-image.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import type { MineOptions } from '../../../../src/protocol/mining-requests.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';
import { readAll } from '../read-all.js';

const model = vi.hoisted(() => ({
  classes: ['dark', 'light'] as string[] | null,
  classify: null as null | ((images: readonly RgbImage[]) => Promise<Float32Array>),
  settledOn: [] as number[],
  batches: [] as number[],
}));
vi.mock('../../../../src/engine/registry.js', () => ({
  startEngine: () =>
    Promise.resolve({
      engine: {
        facts: { id: 'fake', version: '1', device: 'CPU' },
        loadGraph: () => Promise.reject(new Error('no graph')),
        dispose: () => Promise.resolve(),
      },
      refused: [],
    }),
}));
vi.mock('../../../../src/checkpoint/open-model.js', () => ({
  openModel: (file: string) =>
    Promise.resolve({ path: file, format: 'onnx', sha256: 'abc', open: () => Promise.resolve(fakeClassifier()) }),
}));

function fakeClassifier(): BoundClassifier {
  const facts = {
    family: 'classifier' as const,
    classes: model.classes,
    numClasses: 2,
    inputWidth: 4,
    inputHeight: 4,
    dispose: () => undefined,
  };
  const classifier: Classifier = {
    ...facts,
    scoreForm: { activation: 'softmax', given: 'logits' },
    batchSize: 3,
    notes: ['from logits'],
    features: () => Promise.reject(new Error('nobody asks for features')),
    classify(images) {
      model.batches.push(images.length);
      return (model.classify ?? brightness)(images);
    },
  };
  return {
    ...facts,
    async settle(images, labels) {
      expect(labels).toHaveLength(images.length);
      model.settledOn = [...labels];
      return classifier;
    },
  };
}

/** Logits (0, brightness - 128). */
function brightness(images: readonly RgbImage[]): Promise<Float32Array> {
  return Promise.resolve(Float32Array.from(images.flatMap(({ data }) => [0, (data[0] - 128) / 10])));
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-classes-'));
  model.classes = ['dark', 'light'];
  model.classify = null;
  model.batches = [];
  for (const [label, values] of [
    ['dark', [0, 100, 200]],
    ['light', [60, 140, 250, 255]],
  ] as const) {
    await mkdir(path.join(folder, 'data', label), { recursive: true });
    for (const value of values)
      await encodePng(
        { width: 4, height: 3, data: new Uint8Array(36).fill(value) },
        path.join(folder, 'data', label, `${value}.png`),
      );
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function mine(
  changes: Partial<MineOptions> = {},
  defaults: Partial<MineOptions> = { classificationMining: defaultConfig('classification') },
) {
  const events: WorkerEvent[] = [];
  const outPath = path.join(folder, 'run.ohem');
  const options: MineOptions = {
    checkpointPath: '/m.onnx',
    datasetPath: path.join(folder, 'data'),
    dataset: {},
    outPath,
    mining: resolveConfig('paper'),
    ...defaults,
    measure: {},
    backend: null,
    limit: null,
    resume: false,
    ...changes,
  };
  const result = await mineRun(options, (event) => events.push(event));
  return { result, events, ...(await readAll(outPath)) };
}

describe('mining a classifier', () => {
  it("writes one row an image in the data set's order, in batches", async () => {
    const { images, manifest, result } = await mine();
    expect(result).toEqual({ state: 'done', numDone: 7, numFailed: 0, numWithoutLoss: 0 });
    expect(images.map(({ summary }) => summary.id)).toEqual([
      'dark/0.png',
      'dark/100.png',
      'dark/200.png',
      'light/140.png',
      'light/250.png',
      'light/255.png',
      'light/60.png',
    ]);
    expect(images.map(({ rois }) => [rois.gtClass[0], rois.predClass[0]])).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 0],
    ]);
    expect(model.batches).toEqual([3, 3, 1]);
    expect(model.settledOn).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(manifest).toMatchObject({
      task: 'classification',
      classes: ['dark', 'light'],
      mining: { preset: 'top-rate' },
      measure: { scoreForm: { given: 'logits' } },
      notes: ['from logits'],
    });
    expect(images[0]).toMatchObject({ summary: { width: 4, height: 3, numGts: 1 }, gts: { numGts: 1 } });
    expect([images[0].gts.x2[0], images[0].gts.y2[0]]).toEqual([4, 3]);
    // 70 % of the minibatch, the hardest: all but dark/0, light/255 and light/250.
    expect(images.filter(({ summary }) => summary.numSelected === 1).map(({ summary }) => summary.id)).toEqual([
      'dark/100.png',
      'dark/200.png',
      'light/140.png',
      'light/60.png',
    ]);
  });

  it('takes the configuration that was asked for where no other stands for classification', async () => {
    const { manifest, images } = await mine({}, {});
    expect(manifest.mining.preset).toBe('paper');
    expect(images.every(({ summary }) => summary.numSelected === 1)).toBe(true);
  });

  it('records an image that cannot be read and goes on', async () => {
    await writeFile(path.join(folder, 'data/dark/100.png'), 'no picture');
    const { images, result } = await mine();
    expect(result.numFailed).toBe(1);
    expect(images[1].summary).toMatchObject({ id: 'dark/100.png', numRois: 0, numGts: 0 });
    expect(images[1].summary.error).toMatch('expected an image that decodes');
    expect(images[2].rois.predClass[0]).toBe(1);
  });

  it('makes labels that the checkpoint lacks ignored, and NaN scores invalid', async () => {
    model.classes = ['light', 'other'];
    model.classify = (images) => Promise.resolve(new Float32Array(images.length * 2).fill(Number.NaN));
    const { images, manifest } = await mine({ classificationMining: resolveConfig('paper') });
    expect(images.map(({ rois }) => rois.gtClass[0])).toEqual([-1, -1, -1, 0, 0, 0, 0]);
    expect(images[0].summary).toMatchObject({ numIgnored: 1, numInvalid: 0 });
    expect(images[3].summary).toMatchObject({ numIgnored: 0, numInvalid: 1, entropy: -1, mistakenness: -1 });
    expect(manifest.notes.join()).toContain('"dark"');
    expect(model.settledOn).toEqual([-1, -1, -1, 0, 0, 0, 0]);
  });

  it('ends where the model fails on the first images, without a file', async () => {
    model.classify = () => Promise.reject(new Error('out of memory'));
    await expect(mine()).rejects.toThrow('out of memory');
    await expect(readAll(path.join(folder, 'run.ohem'))).rejects.toThrow('no such file');
  });

  it("refuses to change how examples are measured, but takes what a run's manifest says", async () => {
    await expect(mine({ measure: { clsLoss: 'focal' } })).rejects.toThrow(
      'options: measure: expected nothing: a classifier is measured by cross-entropy, received clsLoss=focal',
    );
    await expect(mine({ measure: { clsLoss: 'cross-entropy' } })).resolves.toBeDefined();
  });

  it('takes classes by order where the checkpoint names none, and refuses another number of them', async () => {
    model.classes = null;
    expect((await mine()).manifest.classes).toEqual(['dark', 'light']);
    await mkdir(path.join(folder, 'data/third'));
    await encodePng({ width: 1, height: 1, data: new Uint8Array(3) }, path.join(folder, 'data/third/x.png'));
    await expect(mine({ force: true })).rejects.toThrow('expected 2 classes as the checkpoint has');
  });
});
