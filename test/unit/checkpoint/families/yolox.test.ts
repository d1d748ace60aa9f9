import { inWords } from '../../../../src/core/said.js';
import { describe, expect, it } from 'vitest';
import { bindDetector } from '../bind.js';
import type { GraphContract } from '../../../../src/checkpoint/files/contract.js';
import type { YoloxContract } from '../../../../src/checkpoint/families/yolox.js';
import type { Tensor } from '../../../../src/core/graph.js';
import { fakeGraph, tensor } from '../fake-graph.js';

/** 64 x 64: 8 x 8 + 4 x 4 + 2 x 2 cells. */
const ROWS = 84;
const K = 3;
const WIDTH = 5 + K;

/** Every row: dx .25, dy -.5, log w ln 2, log h ln 4, objectness .5, class scores .1 .2 .3 (+ row / 1000). */
function rawOutput(rows = ROWS, classes = K): Tensor {
  const row = [0.25, -0.5, Math.log(2), Math.log(4), 0.5];
  return tensor([1, rows, 5 + classes], (i) => {
    const column = i % (5 + classes);
    return column < 5 ? row[column] : (column - 4) / 10 + (Math.floor(i / (5 + classes)) % 100) / 1000;
  });
}

const image = (width: number, height: number) => ({ width, height, data: new Uint8Array(width * height * 3) });
const bind = (output: Tensor, contract: YoloxContract | null = null, input?: Parameters<typeof fakeGraph>[1]) =>
  bindDetector(
    fakeGraph(() => ({ out: output }), input),
    'm.onnx',
    contract,
    null,
  );

describe('yolox', () => {
  it('is recognised by its shape and says what it needs', async () => {
    const detector = await bind(rawOutput());
    expect(detector).toMatchObject({
      family: 'yolox',
      numClasses: K,
      classes: null,
      inputWidth: 64,
      inputHeight: 64,
    });
    expect(detector.notes.map((note) => inWords(note))).toEqual(['classes are unnamed']);
    expect(detector.measureDefaults).toMatchObject({
      assigner: 'simota',
      clsLoss: 'bce',
      clsTarget: 'soft',
      locLoss: 'iou-squared',
      roiBox: 'regressed',
    });
  });

  it('decodes cells, boxes, scores and the grid into the pixels of the image', async () => {
    const detector = await bind(rawOutput());
    // 128 x 64 in 64 x 64: scaled by a half, so image px are twice the input's.
    const out = await detector.detect(image(128, 64));
    expect(out.numRois).toBe(ROWS);
    const box = (row: number, of = out.preds) =>
      [of.x1[row], of.y1[row], of.x2[row], of.y2[row]].map((v) => Math.round(v * 1e4) / 1e4);
    // Row 9: cell (1, 1) of stride 8. Centre (8 + .25 * 8, 8 - .5 * 8) = (10, 4), size 16 x 32.
    expect(box(9, out.regions)).toEqual([16, 16, 32, 32]);
    expect(box(9)).toEqual([2 * 2, 2 * -12, 2 * 18, 2 * 20]);
    // Row 64 + 4 + 2: cell (2, 1) of stride 16. Centre (36, 8), size 32 x 64.
    expect(box(70, out.regions)).toEqual([64, 32, 96, 64]);
    expect(box(70)).toEqual([2 * 20, 2 * -24, 2 * 52, 2 * 40]);
    expect([...(out.scores.slice(27, 30) ?? [])].map((v) => v.toFixed(3))).toEqual(['0.109', '0.209', '0.309']);
    expect(out.objectness?.[9]).toBe(0.5);
    expect([...(out.grid?.levelStart ?? [])]).toEqual([0, 64, 80, 84]);
    expect([out.grid?.centreX[9], out.grid?.centreY[9], out.grid?.strideX[9]]).toEqual([24, 24, 16]);
    expect([out.grid?.centreX[83], out.grid?.centreY[83], out.grid?.strideY[83]]).toEqual([96, 96, 64]);
  });

  it('undoes each axis by its own scale: 100 x 33 px become 64 x 21', async () => {
    const out = await (await bind(rawOutput())).detect(image(100, 33));
    expect(out.grid?.strideX[0]).toBeCloseTo((8 * 100) / 64, 4);
    expect(out.grid?.strideY[0]).toBeCloseTo((8 * 33) / 21, 4);
  });

  it('keeps the grid of an image size and makes another for another', async () => {
    const detector = await bind(rawOutput());
    const [a, b, c] = [
      await detector.detect(image(128, 64)),
      await detector.detect(image(128, 64)),
      await detector.detect(image(64, 64)),
    ];
    expect(b.grid).toBe(a.grid);
    expect(c.grid?.strideX[0]).toBe(8);
    expect(b.preds.x1).not.toBe(a.preds.x1);
  });

  it('takes a fourth level, a transposed input and an input size of the contract', async () => {
    const open = { name: 'x', type: 'float32' as const, shape: [-1, -1, -1, 3] };
    const detector = await bind(
      rawOutput(64 * 64 + 32 * 32 + 16 * 16 + 8 * 8),
      { family: 'yolox', input: { width: 512, height: 512 } },
      open,
    );
    expect(detector).toMatchObject({ inputWidth: 512, inputHeight: 512 });
    expect((await detector.detect(image(512, 512))).grid?.levelStart).toHaveLength(5);
  });

  it('assumes 640 where nothing tells the input size', async () => {
    const detector = await bind(rawOutput(8400), null, { name: 'x', type: 'float32', shape: [1, 3, -1, -1] });
    expect(detector.inputWidth).toBe(640);
  });

  it('sees that boxes are decoded inside the checkpoint, and takes them as they are', async () => {
    const decoded = tensor([1, ROWS, WIDTH], (i) => {
      const [row, column] = [Math.floor(i / WIDTH), i % WIDTH];
      const [stride, cell, across] = row < 64 ? [8, row, 8] : row < 80 ? [16, row - 64, 4] : [32, row - 80, 2];
      return [((cell % across) + 0.6) * stride, (Math.floor(cell / across) + 0.6) * stride, 20, 10, 0.5][column] ?? 0.1;
    });
    const detector = await bind(decoded);
    expect(detector.notes.map((note) => inWords(note))).toContain('boxes are decoded inside the checkpoint');
    const { preds } = await detector.detect(image(128, 64));
    expect(preds.x1[9]).toBeCloseTo(2 * (12.8 - 10), 4);
    expect(preds.y2[9]).toBeCloseTo(2 * (12.8 + 5), 4);
  });

  it('lets NaN through', async () => {
    const output = rawOutput();
    const nan = { shape: output.shape, data: Float32Array.from(output.data) };
    nan.data.fill(NaN, 0, WIDTH);
    const out = await (await bind(nan)).detect(image(64, 64));
    expect([out.preds.x1[0], out.scores[0], out.objectness?.[0]]).toEqual([NaN, NaN, NaN]);
    expect(out.preds.x1[1]).not.toBeNaN();
  });

  it('refuses outputs that change their shape, length or type', async () => {
    const answers: Tensor[] = [
      rawOutput(),
      rawOutput(ROWS - 1),
      { shape: [1, ROWS, WIDTH], data: new Float32Array(7) },
      { shape: [1, ROWS, WIDTH], data: new Int32Array(ROWS * WIDTH) },
    ];
    const detector = await bindDetector(
      fakeGraph((call) => ({ out: answers[call] })),
      'm.onnx',
      null,
      null,
    );
    await expect(detector.detect(image(64, 64))).rejects.toThrow(
      'checkpoint: output out: expected float32 [1,84,8], received float32 [1,83,8]',
    );
    await expect(detector.detect(image(64, 64))).rejects.toThrow('received float32 [1,84,8] with 7 values');
    await expect(detector.detect(image(64, 64))).rejects.toThrow('received int32 [1,84,8]');
  });

  it('keeps two images under way apart', async () => {
    const graph = fakeGraph(() => ({ out: rawOutput() }));
    const detector = await bindDetector(graph, 'm.onnx', null, null);
    const full = (value: number) => ({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(value) });
    await Promise.all([detector.detect(full(10)), detector.detect(full(20)), detector.detect(full(30))]);
    expect(graph.fed.map((feeds) => feeds['images'].data[77])).toMatchObject([30, 20, 10, expect.closeTo(0.145, 3)]);
  });
});

describe('bindDetector', () => {
  const listed = async (outputs: Record<string, Tensor>, contract: GraphContract | null = null) =>
    bindDetector(
      fakeGraph(() => outputs),
      'dir/m.onnx',
      contract,
      null,
    ).then(
      () => '',
      (error: Error) => error.message,
    );

  it('lists the outputs and what each family would take when none fits', async () => {
    const message = await listed({ a: tensor([1, 10], () => 0), 'b c': { shape: [1, 4, 2], data: new Int32Array(8) } });
    expect(message).toContain('yolox: one [1,84 or 85 or 340,5+K]');
    expect(message).toContain('nanodet: for each of 64, 16, 4 rows');
    expect(message).toContain('received a float32 [1,10], b c int32 [1,4,2] (dir/m.onnx)');
    expect(message).toContain('NAME.ohem.json');
    expect(await listed({})).toContain('received none');
  });

  it('tries only the family of the contract', async () => {
    const message = await listed({ out: rawOutput() }, { family: 'nanodet' });
    expect(message).toContain('expected nanodet:');
    expect(message).not.toContain('yolox:');
  });

  it('does not take scores that are no probabilities, or two outputs that both fit', async () => {
    const logits = tensor([1, ROWS, WIDTH], (i) => (i % WIDTH) - 4);
    expect(await listed({ out: logits })).toContain('scores in [0, 1]');
    expect(await listed({ a: rawOutput(), b: rawOutput() })).toContain('a float32 [1,84,8], b float32 [1,84,8]');
  });

  it('refuses class names of another number than the outputs have', async () => {
    const names = { names: ['a', 'b'], from: 'classes.txt' };
    const graph = fakeGraph(() => ({ out: rawOutput() }));
    await expect(bindDetector(graph, 'm.onnx', null, names)).rejects.toThrow(
      'checkpoint: class names (classes.txt): expected 3, as the outputs have it, received 2 (m.onnx)',
    );
  });

  it.each([
    [[{ name: 'x', type: 'float32' as const, shape: [1, 1, 28, 28] }], 'x float32 [1,1,28,28]'],
    [[{ name: 'x', type: 'float32' as const, shape: null }], 'x float32 […]'],
    [
      [
        { name: 'x', type: 'float32' as const, shape: [1, 3, 8, 8] },
        { name: 'y', type: 'float32' as const, shape: [1] },
      ],
      'x float32 [1,3,8,8]; y float32 [1]',
    ],
    [[], 'received none'],
  ])('refuses inputs that are not one image: %j', async (inputs, expected) => {
    await expect(
      bindDetector(
        fakeGraph(() => ({}), inputs),
        'm.onnx',
        null,
        null,
      ),
    ).rejects.toThrow(expected);
  });

  it('refuses an input size of the contract that the model does not have', async () => {
    await expect(bind(rawOutput(), { family: 'yolox', input: { width: 96, height: 64 } })).rejects.toThrow(
      'contract.input: expected 64 x 64 as the model has it, received 96 x 64',
    );
  });

  it('changes the preprocessing as the contract says', async () => {
    const graph = fakeGraph(() => ({ out: rawOutput() }));
    const contract: GraphContract = {
      family: 'yolox',
      preprocess: { mean: [10, 10, 10], std: [2, 2, 2], channels: 'rgb' },
    };
    const detector = await bindDetector(graph, 'm.onnx', contract, null);
    await detector.detect({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).map((_, i) => (i % 3) * 10) });
    expect([0, 1, 2].map((c) => graph.fed[0]['images'].data[c * 64 * 64])).toEqual([-5, 0, 5]);
  });
});
