/** Outputs of one shape and several meanings, on graphs with known answers: exports of many frameworks. */
import { inWords } from '../../../../src/core/said.js';
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../../src/checkpoint/detector.js';
import type { Sidecar } from '../../../../src/checkpoint/sidecars/sidecar.js';
import type { GraphContract } from '../../../../src/checkpoint/files/contract.js';
import type { Tensor, TensorInfo } from '../../../../src/core/graph.js';
import { bindDetector } from '../bind.js';
import { fakeGraph, tensor } from '../fake-graph.js';

/** 64 x 64: 8 x 8 + 4 x 4 + 2 x 2 cells. */
const CELLS = 84;
const image = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 3) };

interface Known {
  readonly contract?: GraphContract;
  readonly names?: readonly string[];
  readonly sidecar?: Sidecar;
  readonly input?: TensorInfo;
}

function bind(outputs: Record<string, Tensor>, { contract, names, sidecar, input }: Known = {}): Promise<Detector> {
  const named = names === undefined ? null : { names, from: 'classes.txt' };
  return bindDetector(
    fakeGraph(() => copies(outputs), input),
    'm.onnx',
    contract ?? null,
    named,
    sidecar ?? null,
  );
}

/** A decoder may overwrite what it gets. */
function copies(outputs: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}

/** Rows [1, A, C] by a function of row and column. */
const rows = (numRows: number, columns: number, value: (row: number, column: number) => number) =>
  tensor([1, numRows, columns], (i) => value(Math.floor(i / columns), i % columns));
/** The same values as [1, C, A]. */
const columnsFirst = (numRows: number, columns: number, value: (row: number, column: number) => number) =>
  tensor([1, columns, numRows], (i) => value(i % numRows, Math.floor(i / numRows)));

const boxOf = async (detector: Detector, row: number) => {
  const { preds } = await detector.detect(image);
  return [preds.x1[row], preds.y1[row], preds.x2[row], preds.y2[row]];
};

/** (cx, cy, w, h) = (40, 32, 16, 8) px of the input in every row but the first, which lies at the origin. */
const CENTRED = [40, 32, 16, 8];
const box = (row: number, column: number) => (row === 0 ? 0 : CENTRED[column]);
/** Letterboxed in the centre, an image of 128 x 64 lies at (0, 16) and half as large. */
const CENTRED_IN_IMAGE = [64, 24, 96, 40];

describe('a YOLO with channels first', () => {
  const answer = columnsFirst(CELLS, 7, (row, column) => (column < 4 ? box(row, column) : row === 5 ? column / 10 : 0));

  it('has no objectness and lies in the centre', async () => {
    const detector = await bind({ output0: answer }, { names: ['a', 'b', 'c'] });
    expect(detector).toMatchObject({ family: 'yolov8', numClasses: 3 });
    expect(await boxOf(detector, 1)).toEqual(CENTRED_IN_IMAGE);
    const output = await detector.detect(image);
    expect(output.objectness).toBeNull();
    expect([...output.scores.slice(15, 18)].map((score) => score.toFixed(1))).toEqual(['0.4', '0.5', '0.6']);
    expect(output.grid?.centreY[0]).toBe((4 - 16) * 2);
  });

  it('may give boxes in 0…1', async () => {
    const unit = columnsFirst(CELLS, 7, (row, column) => (column < 4 ? box(row, column) / 64 : 0.1));
    const detector = await bind({ output0: unit });
    expect(detector.notes.map((note) => inWords(note))).toContain('boxes are in 0…1');
    expect(await boxOf(detector, 1)).toEqual(CENTRED_IN_IMAGE);
  });

  it('gives its boxes where it has masks as well, and is refused where they are rotated', async () => {
    const withMasks = columnsFirst(CELLS, 4 + 2 + 32, (row, column) =>
      column < 4 ? box(row, column) : 0.1 - column / 100,
    );
    const outputs = { output0: withMasks, output1: tensor([1, 32, 16, 16], () => 0) };
    const sidecar: Sidecar = { from: 'metadata', family: 'yolov8', task: 'segment' };
    const detector = await bind(outputs, { names: ['a', 'b'], sidecar });
    expect(detector.numClasses).toBe(2);
    expect(detector.notes.map((note) => inWords(note))).toContain('of the task segment the boxes are mined');
    await expect(bind(outputs, { sidecar: { ...sidecar, task: 'obb' } })).rejects.toThrow('Rotated boxes');
  });
});

describe('five columns before the classes', () => {
  const five = (fifth: number) =>
    rows(CELLS, 7, (row, column) => (column < 4 ? box(row, column) : column === 4 ? fifth : 0.25));

  it('are YOLOv6 where the fifth is all 1, else YOLOX', async () => {
    const yolov6 = await bind({ outputs: five(1) });
    expect(yolov6).toMatchObject({ family: 'yolov6', numClasses: 2 });
    expect((await yolov6.detect(image)).objectness).toBeNull();
    expect(await boxOf(yolov6, 1)).toEqual(CENTRED_IN_IMAGE);
    expect((await bind({ outputs: five(0.5) })).family).toBe('yolox');
  });

  it('are YOLOv5 with three anchors a cell', async () => {
    const three = rows(3 * CELLS, 7, (row, column) => (column < 4 ? box(row, column) : 0.5));
    const detector = await bind({ output: three });
    expect(detector).toMatchObject({ family: 'yolov5', numClasses: 2 });
    const { objectness, grid, numRois } = await detector.detect(image);
    expect(objectness?.[3]).toBe(0.5);
    expect(numRois).toBe(252);
    // The second anchor of the first cell stands 64 rows later, in the same place.
    expect([grid?.centreX[64], grid?.centreY[64]]).toEqual([grid?.centreX[0], grid?.centreY[0]]);
    expect([...(grid?.levelStart ?? [])]).toEqual([0, 192, 240, 252]);
  });

  it('of one class leave objectness as the score', async () => {
    const one = rows(3 * CELLS, 6, (row, column) => (column < 4 ? box(row, column) : column === 4 ? 0.75 : 0.125));
    const detector = await bind({ output: one });
    const output = await detector.detect(image);
    expect([output.scores[9], output.objectness]).toEqual([0.75, null]);
    expect(detector.measureDefaults).toMatchObject({ clsLossWeight: 1, clsTarget: 'soft', leftOut: 'level-weights' });
  });
});

describe('[1, 300, 6]', () => {
  it('for each stride is a YOLOv7 that was not decoded, refused with what to do', async () => {
    const head = (side: number) => tensor([1, 3, side, side, 7], () => 0);
    await expect(bind({ output: head(8), a: head(4), b: head(2) })).rejects.toThrow(/raw head.*--grid/);
  });

  it('of whole ids is what NMS or a top-k left, and refused with what to do', async () => {
    const detections = rows(300, 6, (row, column) => (column < 4 ? 10 * column : column === 4 ? 0.5 : row % 3));
    await expect(bind({ output0: detections })).rejects.toThrow(/candidates before NMS.*nms=False/s);
    const sidecar: Sidecar = {
      from: 'metadata',
      family: 'yolov8',
      detectionsOnly: {
        why: { text: 'it ends in the best 300 detections', values: [] },
        todo: 'Export it with end2end=False',
      },
    };
    await expect(bind({ output0: detections }, { sidecar })).rejects.toThrow(/best 300 detections.*end2end=False/s);
  });

  it('of scores is RT-DETR with two classes', async () => {
    const queries = rows(300, 6, (row, column) => (column < 4 ? [0.5, 0.5, 0.25, 0.5][column] : row / 1000));
    const detector = await bind({ output0: queries });
    expect(detector).toMatchObject({ family: 'ultralytics-rtdetr', numClasses: 2 });
    expect(await boxOf(detector, 0)).toEqual([48, 16, 80, 48]);
  });
});

describe('logits and boxes of queries', () => {
  const boxes = rows(10, 4, (_, column) => [0.5, 0.5, 0.25, 0.5][column]);
  const logits = (last: number) => rows(10, 4, (row, column) => (column === 3 ? last : row / 10 - column));

  it('are a softmax by the number of names, by a sidecar, by a contract, else by values', async () => {
    const outputs = { logits: logits(-9), pred_boxes: boxes };
    const family = async (known: Known, given = outputs) => (await bind(given, known)).family;
    expect(await family({ names: ['a', 'b', 'c'] })).toBe('detr');
    expect(await family({ names: ['a', 'b', 'c', 'd'] })).toBe('rt-detr');
    expect(await family({ sidecar: { from: 'config.json', family: 'detr' } })).toBe('detr');
    expect(await family({ contract: { family: 'detr' } })).toBe('detr');
    expect(await family({})).toBe('rt-detr');
    const guessed = await bind({ ...outputs, logits: logits(9) });
    expect(guessed.family).toBe('detr');
    expect(inWords(guessed.notes.at(-1) ?? '')).toMatch(/a guess by values/);
  });

  it('have no regions of their own, and a softmax keeps its background', async () => {
    const detector = await bind({ logits: logits(9), pred_boxes: boxes });
    expect(detector).toMatchObject({ numClasses: 3, scoreForm: { activation: 'softmax', given: 'logits' } });
    const output = await detector.detect(image);
    expect(output.regions).toBe(output.preds);
    expect(await boxOf(detector, 0)).toEqual([48, 16, 80, 48]);
  });
});

describe('dets and labels', () => {
  const dets = rows(10, 4, (_, column) => [0.5, 0.5, 0.25, 0.5][column]);
  const labels = rows(10, 4, (row, column) => row - column);

  it('of floats are RF-DETR, told apart by name with three classes', async () => {
    const detector = await bind({ labels, dets }, { names: ['a', 'b', 'c'] });
    expect(detector).toMatchObject({ family: 'rf-detr', numClasses: 3 });
    expect(inWords(detector.notes.at(-1) ?? '')).toMatch(/the last is taken as background/);
    expect([...(await detector.detect(image)).scores.slice(0, 3)]).toEqual([0, -1, -2]);
    const contract = { family: 'rf-detr', background: 'first' } as GraphContract;
    const first = await bind({ labels, dets }, { names: ['a', 'b', 'c'], contract });
    expect([...(await first.detect(image)).scores.slice(0, 3)]).toEqual([-1, -2, -3]);
    expect((await bind({ labels, dets })).numClasses).toBe(4);
  });

  it('of five columns and whole numbers are what mmdeploy’s NMS left', async () => {
    const after = { dets: rows(10, 5, () => 3), labels: { shape: [1, 10], data: new Int32Array(10) } };
    await expect(bind(after)).rejects.toThrow('candidates before NMS');
  });
});

describe('boxes and scores apart', () => {
  const corners = rows(CELLS, 4, (row, column) => [32, 28, 48, 36][column] * (row === 0 ? 0 : 1));
  const scores = rows(CELLS, 3, (row, column) => (row + column) / 100);
  const rowsLast = columnsFirst(CELLS, 3, (row, column) => (row + column) / 100);
  const bytes = { name: 'x', type: 'uint8', shape: [1, 3, 64, 64] } as const;
  const inStretched = [64, 28, 96, 36];

  it('are DAMO-YOLO, of bytes YOLO-NAS, with rows last PP-YOLOE', async () => {
    const damo = await bind({ scores, boxes: corners });
    expect(damo).toMatchObject({ family: 'damo', numClasses: 3 });
    expect(await boxOf(damo, 1)).toEqual(inStretched);
    const nas = await bind({ boxes: corners, scores }, { input: bytes });
    expect(nas).toMatchObject({ family: 'yolo-nas', numClasses: 3 });
    expect(await boxOf(nas, 1)).toEqual(CENTRED_IN_IMAGE);
    const paddle = await bind({ boxes: corners, scores: rowsLast });
    expect(paddle).toMatchObject({ family: 'pp-yoloe', numClasses: 3 });
    expect((await paddle.detect(image)).scores[5]).toBeCloseTo(0.03);
    expect(await boxOf(paddle, 1)).toEqual(inStretched);
  });

  it('in one of PP-YOLOE need its sidecar: YOLOX of one class less is as wide', async () => {
    const both = rows(CELLS, 7, (row, column) => (column < 4 ? [32, 28, 48, 36][column] : 0.2));
    const sidecar: Sidecar = { from: 'infer_cfg.yml', family: 'pp-yoloe' };
    expect(await bind({ out: both }, { sidecar })).toMatchObject({ family: 'pp-yoloe', numClasses: 3 });
    expect((await bind({ out: both })).family).toBe('yolox');
  });

  it.each(['first', 'last'] as const)('of a softmax are SSD, background %s', async (end) => {
    const background = end === 'first' ? 0 : 2;
    const softmax = rows(50, 3, (_, column) => (column === background ? 0.7 : column === 1 ? 0.1 : 0.2));
    const unit = rows(50, 4, (_, column) => [0.5, 0.25, 0.75, 0.5][column]);
    const detector = await bind({ boxes: unit, scores: softmax });
    expect(detector).toMatchObject({ family: 'ssd', numClasses: 2, scoreForm: { activation: 'softmax' } });
    const output = await detector.detect(image);
    const expected = end === 'first' ? [0.1, 0.2, 0.7] : [0.2, 0.1, 0.7];
    expect([...output.scores.slice(0, 3)].map((score) => Number(score.toFixed(2)))).toEqual(expected);
    expect(await boxOf(detector, 0)).toEqual([64, 16, 96, 32]);
    expect(inWords(detector.notes.at(-1) ?? '')).toBe(
      `boxes xyxy normalised, background ${end}: by values; a contract can say otherwise`,
    );
  });

  it('of TensorFlow are bound by name, (y, x) and without the background', async () => {
    const detector = await bind(
      {
        raw_detection_boxes: rows(9, 4, (_, column) => [0.25, 0.5, 0.5, 0.75][column]),
        raw_detection_scores: rows(9, 3, (_, column) => column / 10),
        detection_boxes: rows(3, 4, () => 0),
        num_detections: tensor([1], () => 3),
      },
      { input: { ...bytes, shape: [1, -1, -1, 3] } },
    );
    expect(detector).toMatchObject({ family: 'tf-od', numClasses: 2 });
    expect(await boxOf(detector, 0)).toEqual([64, 16, 96, 32]);
    expect((await detector.detect(image)).scores[0]).toBeCloseTo(0.1);
  });
});

describe('inputs', () => {
  const answer = { output0: columnsFirst(CELLS, 6, (row, column) => (column < 4 ? box(row, column) : 0.1)) };

  it('of a fixed batch get the image as often, and the first answer counts', async () => {
    const two = { output0: tensor([2, 6, CELLS], (i) => (i < 6 * CELLS ? answer.output0.data[i] : 99)) };
    const graph = fakeGraph(() => copies(two), { name: 'images', type: 'float32', shape: [2, 3, 64, 64] });
    const detector = await bindDetector(graph, 'm.onnx', null, null);
    expect(await boxOf(detector, 1)).toEqual(CENTRED_IN_IMAGE);
    const { data, shape } = graph.fed[0]['images'];
    expect(shape).toEqual([2, 3, 64, 64]);
    expect(data.slice(0, data.length / 2)).toEqual(data.slice(data.length / 2));
  });

  it('of open sizes follow the sidecar', async () => {
    const detector = await bind(answer, {
      input: { name: 'x', type: 'float32', shape: [-1, -1, -1, 3] },
      sidecar: { from: 'metadata', family: 'yolov8', input: { width: 64, height: 64 } },
    });
    expect(detector).toMatchObject({ inputWidth: 64, inputHeight: 64 });
  });

  it('beside the image are filled by their names', async () => {
    const image64 = { name: 'image', type: 'float32', shape: [1, 3, 64, 64] } as const;
    const graph = fakeGraph(
      () => copies(answer),
      [
        image64,
        { name: 'scale_factor', type: 'float32', shape: [1, 2] },
        { name: 'im_shape', type: 'float32', shape: [1, 2] },
        { name: 'orig_target_sizes', type: 'int32', shape: [-1, 2] },
      ],
    );
    await bindDetector(graph, 'm.onnx', null, null);
    const { scale_factor: scale, im_shape: shape, orig_target_sizes: sizes } = graph.fed[0];
    expect([[...scale.data], [...shape.data], [...sizes.data]]).toEqual([
      [1, 1],
      [64, 64],
      [64, 64],
    ]);
    const odd = fakeGraph(() => answer, [image64, { name: 'anchors', type: 'float32', shape: [3] }]);
    await expect(bindDetector(odd, 'm.onnx', null, null)).rejects.toThrow('anchors float32 [3]');
  });
});
