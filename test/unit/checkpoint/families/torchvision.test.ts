/**
 * torchvision's detectors, mined at the raw heads inside their graphs: graphs of few nodes that hang together as its
 * exporter's do, run by the real runtime. Real ones: test/reference/exports.
 */
import { inWords } from '../../../../src/core/said.js';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outputs } from '../../../../src/checkpoint/families/family.js';
import { headDecoder } from '../../../../src/checkpoint/families/torchvision/head-decoder.js';
import {
  fcosHead,
  rcnnHead,
  retinaNetHead,
  ssdHead,
} from '../../../../src/checkpoint/families/torchvision/raw-heads.js';
import { openModel } from '../../../../src/checkpoint/open-model.js';
import type { Boxes } from '../../../../src/core/tables.js';
import type { Engine } from '../../../../src/engine/engine.js';
import { readOnnxModel } from '../../../../src/engine/onnx/onnx-model.js';
import { onnxruntimeNode } from '../../../../src/engine/onnx/onnxruntime-node.js';
import { initializer, intAttribute, node, onnxModel, valueInfo } from '../../../contract/tiny-models.js';
import { tensor } from '../fake-graph.js';

/** Twice as wide as the 32 x 32 that the graphs resize to is high: 4 px wide and 2 px high for each px of theirs. */
const image = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 3).fill(100) };

const floats = (name: string, shape: readonly number[], values: readonly number[]) =>
  initializer(name, shape, Float32Array.from(values));
const whole = (name: string, values: readonly number[]) =>
  initializer(name, [values.length], BigInt64Array.from(values, BigInt));
const at = (of: string, axis: number, column: number, to: string) =>
  node('Gather', [of, `index${column}`], [to], intAttribute('axis', axis));

/** The image, resized, and a layer over it that gives nought. */
const FRONT = [
  node('Unsqueeze', ['image', 'index0'], ['batch']),
  node('Concat', ['channels', 'side'], ['sizes'], intAttribute('axis', 0)),
  node('Resize', ['batch', '', '', 'sizes'], ['resized']),
  node('Conv', ['resized', 'kernel'], ['features']),
  node('ReduceMean', ['features'], ['nought'], intAttribute('keepdims', 0)),
];
const CONSTANTS = [
  ...[0, 1, 2, 3].map((index) => whole(`index${index}`, [index])),
  whole('channels', [1, 3]),
  whole('side', [32, 32]),
  floats('kernel', [1, 3, 1, 1], [0, 0, 0]),
  floats('five', [1], [5]),
  floats('most', [], [4]),
  floats('centreness0', [1, 4, 1], [5, 6, 7, 8]),
];

interface HeadParts {
  readonly logits: readonly [shape: readonly number[], values: readonly number[]];
  readonly codes: readonly [shape: readonly number[], values: readonly number[]];
  readonly regions: readonly (readonly number[])[];
  readonly front?: readonly Uint8Array[];
  readonly tail: readonly Uint8Array[];
  readonly size?: readonly [height: number, width: number];
}

function model({ logits, codes, regions, front = FRONT, tail, size }: HeadParts): Uint8Array {
  return onnxModel({
    nodes: [
      ...front,
      node('Add', ['logits0', 'nought'], ['logits']),
      node('Add', ['codes0', 'nought'], ['codes']),
      node('Concat', ['regions0', 'regions1'], ['regions'], intAttribute('axis', 0)),
      at('regions', 1, 2, 'x2'),
      at('regions', 1, 0, 'x1'),
      node('Sub', ['x2', 'x1'], ['width']),
      ...tail,
    ],
    inputs: [valueInfo('image', [3, ...(size ?? ['height', 'width'])])],
    outputs: [valueInfo('boxes', ['n', 4]), valueInfo('scores', ['n'])],
    initializers: [
      ...CONSTANTS,
      floats('logits0', ...logits),
      floats('codes0', ...codes),
      floats('regions0', [1, 4], regions[0] ?? []),
      floats('regions1', [regions.length - 1, 4], regions.slice(1).flat()),
    ],
  });
}

/** Boxes of deltas; what follows them is not run. */
const DELTAS = [
  at('codes', 1, 2, 'dw'),
  node('Div', ['dw', 'five'], ['weighted']),
  node('Clip', ['weighted', '', 'most'], ['clipped']),
  node('Exp', ['clipped'], ['grown']),
  node('Mul', ['grown', 'width'], ['boxes']),
];
const SOFTMAX = [node('Softmax', ['logits'], ['scores'])];
/** Scores level by level. */
const SIGMOID = [
  node('Split', ['logits'], ['level0', 'level1'], intAttribute('axis', 1)),
  node('Sigmoid', ['level0'], ['scores0']),
  node('Sigmoid', ['level1'], ['scores']),
];
/** The root of class score times centre-ness, and distances times four sides. */
const FCOS = [
  ...SIGMOID,
  node('Add', ['centreness0', 'nought'], ['centreness']),
  node('Split', ['centreness'], ['centreness_0', 'centreness_1'], intAttribute('axis', 1)),
  node('Sigmoid', ['centreness_1'], ['weight']),
  node('Mul', ['scores', 'weight'], ['product']),
  node('Sqrt', ['product'], ['root']),
  node('Unsqueeze', ['width', 'index1'], ['column']),
  node('Concat', ['column', 'column', 'column', 'column'], ['sides'], intAttribute('axis', 1)),
  node('Mul', ['codes', 'sides'], ['boxes']),
];

const TWO = [
  [0, 0, 16, 16],
  [8, 8, 24, 24],
];
const IN_IMAGE = [32, 16, 96, 48];
/** One width to the right, twice as wide. */
const MOVED = [10, 0, 5 * Math.log(2), 0];
const MOVED_IN_IMAGE = [64, 16, 192, 48];
const NOUGHT = [0, 0, 0, 0];

/** Three classes and background make logits as wide as deltas. */
const SSD: HeadParts = {
  logits: [
    [1, 2, 4],
    [9, 1, 2, 3, 5, 1, 2, 3],
  ],
  codes: [
    [1, 2, 4],
    [...NOUGHT, ...MOVED],
  ],
  regions: TWO,
  tail: [...SOFTMAX, ...DELTAS],
};
const RETINANET: HeadParts = {
  logits: [
    [1, 2, 3],
    [-9, 1, 2, -5, 3, 4],
  ],
  codes: [
    [1, 2, 4],
    [...NOUGHT, ...MOVED.map((value, i) => value / (i < 2 ? 10 : 5))],
  ],
  regions: TWO,
  tail: [...SIGMOID, ...DELTAS],
};
const POINTS: HeadParts = {
  logits: [
    [1, 4, 2],
    [-9, 1, -9, 2, -9, 3, -9, 4],
  ],
  codes: [
    [1, 4, 4],
    [1, 2, 3, 4, ...NOUGHT, ...NOUGHT, ...NOUGHT],
  ],
  regions: [
    [0, 0, 8, 8],
    [8, 0, 16, 8],
    [0, 0, 16, 16],
    [16, 0, 32, 16],
  ],
  tail: FCOS,
};
/** Boxes by class: background's, then those of two classes. */
const RCNN: HeadParts = {
  logits: [
    [2, 3],
    [9, 1, 2, 5, 1, 2],
  ],
  codes: [
    [2, 12],
    [...NOUGHT, ...NOUGHT, ...NOUGHT, ...NOUGHT, ...NOUGHT, ...MOVED],
  ],
  regions: TWO,
  front: [
    ...FRONT.slice(0, -1),
    node('RoiAlign', ['features', 'regions0', 'index0'], ['pooled']),
    node('ReduceMean', ['pooled'], ['nought'], intAttribute('keepdims', 0)),
  ],
  tail: [...SOFTMAX, ...DELTAS],
};

let folder = '';
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-torchvision-'));
  engine = await onnxruntimeNode.start();
});
afterAll(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;
async function bind(parts: HeadParts, contract?: object) {
  const name = `model${count++}`;
  await writeFile(join(folder, `${name}.onnx`), model(parts));
  if (contract !== undefined) await writeFile(join(folder, `${name}.ohem.json`), JSON.stringify(contract));
  const files = await openModel(join(folder, `${name}.onnx`), 'detection');
  return files.open((path, format, outputs) => engine.loadGraph(path, format, outputs));
}

const rowOf = ({ x1, y1, x2, y2 }: Boxes, row: number) =>
  [x1, y1, x2, y2].map((column) => Math.round((column[row] ?? NaN) * 100) / 100);

describe('torchvision', () => {
  it('SSD: priors in image px, its own deltas, background moved last', async () => {
    const detector = await bind(SSD);
    expect(detector).toMatchObject({ family: 'torchvision-ssd', numClasses: 3, preprocess: { resize: 'none' } });
    expect(inWords(detector.notes.at(-1) ?? '')).toContain('mined is what goes into it: logits, codes, regions, sizes');
    const output = await detector.detect(image);
    expect([...output.scores]).toEqual([1, 2, 3, 9, 1, 2, 3, 5]);
    expect(rowOf(output.regions, 1)).toEqual(IN_IMAGE);
    expect(rowOf(output.preds, 1)).toEqual(MOVED_IN_IMAGE);
    expect(output).toMatchObject({ deltaWeights: [10, 10, 5, 5], grid: null, objectness: null });
    expect([...(output.deltas ?? [])].slice(4)).toEqual(MOVED.map(Math.fround));
  });

  it('Faster R-CNN: the boxes of the best class, the deltas of all but background', async () => {
    const detector = await bind(RCNN);
    expect(detector).toMatchObject({ family: 'torchvision-rcnn', numClasses: 2 });
    const output = await detector.detect(image);
    expect([...output.scores]).toEqual([1, 2, 9, 1, 2, 5]);
    expect(output.deltas).toHaveLength(2 * 4 * 2);
    expect(rowOf(output.regions, 0)).toEqual([0, 0, 64, 32]);
    expect(rowOf(output.preds, 1)).toEqual(MOVED_IN_IMAGE);
  });

  it('RetinaNet: a sigmoid each, deltas without weights', async () => {
    const detector = await bind(RETINANET);
    expect(detector).toMatchObject({ family: 'torchvision-retinanet', numClasses: 2 });
    expect(detector.measureDefaults).toMatchObject({ assigner: 'max-iou', fgThreshold: 0.5, bgThreshold: 0.4 });
    const output = await detector.detect(image);
    expect([...output.scores]).toEqual([1, 2, 3, 4]);
    expect(output.scoreForm).toEqual({ activation: 'sigmoid', given: 'logits' });
    expect(rowOf(output.preds, 1)).toEqual(MOVED_IN_IMAGE);
  });

  it('FCOS: distances in sides of squares, which are the cells of its levels', async () => {
    const detector = await bind(POINTS);
    expect(detector).toMatchObject({ family: 'torchvision-fcos', numClasses: 1 });
    const { preds, grid, deltas, objectness } = await detector.detect(image);
    expect(rowOf(preds, 0)).toEqual([16 - 32, 8 - 2 * 16, 16 + 3 * 32, 8 + 4 * 16]);
    expect(deltas).toBeNull();
    expect([...(objectness ?? [])]).toEqual([5, 6, 7, 8]);
    expect(detector.measureDefaults).toMatchObject({ assigner: 'fcos', clsLoss: 'focal', objTarget: 'centre-ness' });
    expect([...(grid?.levelStart ?? [])]).toEqual([0, 2, 4]);
    expect([...(grid?.centreX ?? [])]).toEqual([16, 48, 32, 96]);
    expect([...(grid?.strideX ?? [])]).toEqual([32, 32, 64, 64]);
    expect([...(grid?.strideY ?? [])]).toEqual([16, 16, 32, 32]);
  });

  it('counts classes from 0 where a contract says so or names as many as there are columns', async () => {
    const said = { family: 'torchvision-retinanet', background: 'none' };
    const named = { family: 'torchvision-retinanet', classes: ['a', 'b', 'c'] };
    for (const contract of [said, named]) {
      const detector = await bind(RETINANET, contract);
      expect(detector.numClasses).toBe(3);
      expect([...(await detector.detect(image)).scores]).toEqual([-9, 1, 2, -5, 3, 4]);
    }
    await expect(bind(SSD, { family: 'torchvision-ssd', background: 'none' })).rejects.toThrow('contract.background');
    await expect(bind(SSD, { family: 'torchvision-ssd', classes: ['a'] })).rejects.toThrow(/3/);
  });

  it('stretches images to a size that the export has fixed', async () => {
    const detector = await bind({ ...SSD, size: [32, 48] });
    expect(detector).toMatchObject({ inputWidth: 48, inputHeight: 32, preprocess: { resize: 'stretch' } });
    expect(rowOf((await detector.detect(image)).regions, 1)).toEqual(IN_IMAGE);
  });

  it('takes the tensors that a contract names', async () => {
    const detector = await bind(SSD, { family: 'torchvision-ssd', outputs: ['logits', 'codes', 'regions', 'sizes'] });
    expect(rowOf((await detector.detect(image)).preds, 1)).toEqual(MOVED_IN_IMAGE);
  });
});

const FINDERS = { rcnnHead, ssdHead, retinaNetHead, fcosHead };

async function foundBy(parts: HeadParts): Promise<string[]> {
  const path = join(folder, 'nodes.onnx');
  await writeFile(path, model(parts));
  const { nodes } = await readOnnxModel(path);
  return Object.entries(FINDERS).flatMap(([name, find]) => (find(nodes) === null ? [] : [name]));
}

describe('look-alikes of torchvision', () => {
  it('among themselves: each is found by its own family alone', async () => {
    const found = [];
    for (const parts of [RCNN, SSD, RETINANET, POINTS]) found.push(await foundBy(parts));
    expect(found).toEqual(Object.keys(FINDERS).map((name) => [name]));
  });

  it('that resize features, as a pyramid does, and not the image are none', async () => {
    const conv = node('Conv', ['batch', 'kernel'], ['stem']);
    for (const parts of [RCNN, SSD, RETINANET, POINTS]) {
      const [first = conv, ...rest] = parts.front ?? FRONT;
      expect(await foundBy({ ...parts, front: [first, conv, ...rest] })).toEqual([]);
    }
  });

  it('that resize by factors do not tell the size, nor do regions of another number', () => {
    const names = ['logits', 'codes', 'regions', 'sizes'];
    const head = {
      logits: tensor([1, 2, 4], () => 0),
      codes: tensor([1, 2, 4], () => 0),
      regions: tensor([2, 4], () => 0),
      sizes: { shape: [4], data: Int32Array.of(1, 3, 32, 32) },
    };
    const bind = (outputs: Outputs) =>
      headDecoder(outputs, names, { activation: 'softmax', deltaWeights: [10, 10, 5, 5] }, () => true);
    expect(bind(head)).toMatchObject({ numClasses: 3 });
    expect(bind({ ...head, sizes: tensor([4], () => 2) })).toBeNull();
    expect(bind({ ...head, regions: tensor([3, 4], () => 0) })).toBeNull();
  });
});
