/** Graphs whose outputs come after NMS or a top-k, opened at what goes into it. Real ones: test/reference/exports. */
import { inWords } from '../../../src/core/said.js';
import { describe, expect, it } from 'vitest';
import { candidateOutputs, tensorsBeforeChoice } from '../../../src/checkpoint/inner-tensors.js';
import type { Graph, GraphNode, Tensor } from '../../../src/core/graph.js';
import { bindDetector } from './bind.js';
import { fakeGraph, tensor } from './fake-graph.js';

const node = (op: string, inputs: readonly string[], outputs: readonly string[]): GraphNode => ({
  op,
  inputs,
  outputs,
  inside: [],
});

/** An end-to-end YOLO: its head, the best row of all classes, and the rows that were picked. */
const YOLO: readonly GraphNode[] = [
  node('Conv', ['images'], ['features']),
  node('Conv', ['features'], ['sides']),
  node('Conv', ['features'], ['logits']),
  node('Sub', ['sides', 'grid'], ['boxes']),
  node('Sigmoid', ['logits'], ['scores']),
  node('Concat', ['boxes', 'scores'], ['raw']),
  node('Transpose', ['raw'], ['rows']),
  node('ReduceMax', ['scores'], ['best']),
  node('Constant', [], ['k']),
  node('TopK', ['best', 'k'], ['values', 'places']),
  node('GatherElements', ['rows', 'places'], ['picked']),
  node('Concat', ['picked', 'values'], ['output0']),
];

describe('tensorsBeforeChoice', () => {
  it('lists what has a row for each candidate, nearest to the outputs first, and nothing that was picked', () => {
    const found = tensorsBeforeChoice(YOLO, ['output0']);
    expect(found.slice(0, 2)).toEqual(['rows', 'best']);
    expect(found).toEqual(expect.arrayContaining(['raw', 'boxes', 'scores', 'sides', 'logits']));
    for (const name of ['picked', 'values', 'places', 'k', 'features', 'output0']) expect(found).not.toContain(name);
  });

  it('takes a choice that layers follow for one of queries or proposals', () => {
    const nodes = [
      node('MatMul', ['memory'], ['every']),
      node('TopK', ['every'], ['_', 'queries']),
      node('Gather', ['memory', 'queries'], ['chosen']),
      node('MatMul', ['chosen'], ['logits']),
      node('TopK', ['logits'], ['scores', 'at']),
    ];
    expect(tensorsBeforeChoice(nodes, ['scores'])).toEqual(['logits']);
  });
});

/** 64 x 64: 8 x 8 + 4 x 4 + 2 x 2 cells, two classes. */
const CELLS = 84;
const head = (columns: readonly number[]) =>
  tensor([1, 6, CELLS], (i) => (columns[Math.floor(i / CELLS)] ?? 0) + (i % CELLS === 0 ? 0.25 : 0));
/** Corners in px of the input, two scores. */
const RAW = head([16, 24, 48, 40, 0.25, 0.5]);
const DETECTIONS: Record<string, Tensor> = { output0: tensor([1, 30, 6], (i) => (i % 6 === 5 ? 1 : 0.5)) };
const names = { names: ['a', 'b'], from: 'classes.txt' };

function endToEnd(inside: Readonly<Record<string, Tensor>>) {
  const reloads: (readonly string[])[] = [];
  const graph = { ...fakeGraph(() => DETECTIONS), nodes: YOLO, outputs: [{ name: 'output0' }] } as unknown as Graph;
  const reload = async (outputs: readonly string[]) => {
    reloads.push(outputs);
    return fakeGraph(() =>
      Object.fromEntries(
        Object.entries(inside)
          .filter(([name]) => outputs.includes(name))
          .map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
      ),
    );
  };
  return { reloads, detector: bindDetector(graph, 'm.onnx', null, names, null, reload) };
}

describe('a graph that ends in a top-k', () => {
  it('is mined at its raw head, which is said; boxes are corners there', async () => {
    const { reloads, detector: opening } = endToEnd({ raw: RAW, scores: tensor([1, 2, CELLS], () => 0.1) });
    const detector = await opening;
    expect(detector.family).toBe('yolov8');
    expect(inWords(detector.notes.at(-1) ?? '')).toBe(
      'the outputs come after NMS or a top-k; mined is what goes into it: raw',
    );
    expect(reloads.at(-1)).toEqual(['raw']);
    const { preds } = await detector.detect({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) });
    expect([preds.x1[1], preds.y1[1], preds.x2[1], preds.y2[1]]).toEqual([16, 24, 48, 40]);
  });

  it('whose head is not found is refused with what to do; a head of another number of classes is not it', async () => {
    const refusal = /candidates before NMS; NMS is inside.*Export it without NMS/;
    await expect(endToEnd({ scores: tensor([1, 2, CELLS], () => 0.1) }).detector).rejects.toThrow(refusal);
    await expect(endToEnd({ raw: tensor([1, 9, CELLS], () => 0.1) }).detector).rejects.toThrow(refusal);
  });
});

describe('candidateOutputs', () => {
  it('takes class scores of 0…1 for no table of boxes and scores', () => {
    const inside = { scores: tensor([1, 80, 8400], () => 0.5), boxes: tensor([1, 8400, 4], () => 9) };
    expect([...candidateOutputs(inside, false)].map((some) => Object.keys(some))).toEqual([
      ['boxes'],
      ['scores', 'boxes'],
    ]);
  });

  it('takes boxes in 0…1 beside their scores where the number of classes will tell', () => {
    const inside = { table: tensor([1, 84, 8400], () => 0.5) };
    expect([...candidateOutputs(inside, true)].map((some) => Object.keys(some))).toEqual([['table']]);
  });

  it('tries tables alone, then boxes with scores of as many rows', () => {
    const boxes = tensor([1, 300, 4], () => -1);
    const inside = { logits: tensor([1, 300, 80], () => -2), boxes, few: tensor([1, 3, 4], () => 0) };
    expect([...candidateOutputs(inside, false)].map((some) => Object.keys(some))).toEqual([
      ['logits'],
      ['boxes'],
      ['logits', 'boxes'],
    ]);
  });
});
