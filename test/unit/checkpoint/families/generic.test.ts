import { describe, expect, it } from 'vitest';
import type { GenericContract } from '../../../../src/checkpoint/families/generic.js';
import { bindDetector } from '../bind.js';
import { fakeGraph, tensor } from '../fake-graph.js';

/** [1, 6, 84]: xyxy of 0…1, then two logits; `obj` [1, 84]. Cells of 64 x 64. */
const FORMS = {
  xyxy: [0.25, 0.5, 0.75, 1],
  cxcywh: [0.5, 0.75, 0.5, 0.5],
  yxyx: [0.5, 0.25, 1, 0.75],
  xywh: [0.25, 0.5, 0.5, 0.5],
} as const;
const image = { width: 128, height: 64, data: new Uint8Array(128 * 64 * 3) };
const base = {
  family: 'generic',
  boxes: { output: 'out', columns: [0, 4], last: 'rows' },
  boxForm: 'xyxy',
  boxUnit: 'normalised',
  scores: { output: 'out', columns: [4, 6], last: 'rows' },
  activation: 'sigmoid',
  given: 'logits',
} as const satisfies GenericContract;

function bind(contract: GenericContract, box: readonly number[] = FORMS.xyxy) {
  const graph = fakeGraph(() => ({
    out: tensor([1, 6, 84], (i) => [...box, 3, -3][Math.floor(i / 84)]),
    rows: tensor([84, 4], (i) => box[i % 4]),
    object: tensor([1, 84, 1], () => 2),
  }));
  return bindDetector(graph, 'm.onnx', contract, null);
}

describe('generic', () => {
  it.each(Object.entries(FORMS))('reads boxes as %s', async (boxForm, box) => {
    const detector = await bind({ ...base, boxForm: boxForm as keyof typeof FORMS }, box);
    const { preds, scores, grid } = await detector.detect(image);
    expect([preds.x1[7], preds.y1[7], preds.x2[7], preds.y2[7]]).toEqual([32, 32, 96, 64]);
    expect([...scores.slice(0, 4)]).toEqual([3, -3, 3, -3]);
    expect(grid).toBeNull();
    expect(detector).toMatchObject({ numClasses: 2, measureDefaults: { assigner: 'max-iou' } });
  });

  it('reads distances of a grid, in strides', async () => {
    const contract: GenericContract = { ...base, boxForm: 'ltrb', boxUnit: 'strides', strides: [8, 16, 32] };
    const detector = await bind({ ...contract, objectness: { output: 'object' } }, [0.5, 1, 1.5, 2]);
    const { preds, objectness } = await detector.detect(image);
    // The first cell's centre is (4, 4) of the input, its image twice as wide.
    expect([preds.x1[0], preds.y1[0], preds.x2[0], preds.y2[0]]).toEqual([0, -4, 32, 20]);
    expect(objectness?.[83]).toBe(2);
    expect(detector.measureDefaults.assigner).toBe('simota');
  });

  it('leaves a background out of a sigmoid, and moves that of a softmax to the end', async () => {
    const sigmoid = await bind({ ...base, background: 'first' });
    expect(sigmoid.numClasses).toBe(1);
    expect((await sigmoid.detect(image)).scores[0]).toBe(-3);
    const softmax = await bind({ ...base, activation: 'softmax', background: 'first' });
    expect([...(await softmax.detect(image)).scores.slice(0, 2)]).toEqual([-3, 3]);
    expect(softmax.measureDefaults.clsLoss).toBe('cross-entropy');
  });

  it.each([
    [{ boxes: { output: 'no' } }, 'contract.boxes.output: expected out, rows, object, received no'],
    [{ boxes: { output: 'rows', columns: [0, 3] } }, 'contract.boxes: expected 4 columns, received 3'],
    [{ scores: { output: 'rows', columns: [2, 9] } }, 'contract.scores.columns'],
    [{ boxForm: 'ltrb' }, 'contract.strides: expected strides, since ltrb needs cells'],
    [{ boxUnit: 'strides' }, 'contract.boxUnit'],
    [{ strides: [7] }, 'contract.strides: expected those whose cells are 84 rows'],
    [{ activation: 'softmax' }, 'contract.background: expected first or last'],
    [{ objectness: { output: 'rows', columns: [0, 0] } }, 'contract.objectness.columns'],
  ] as const)('refuses %j', async (changes, expected) => {
    await expect(bind({ ...base, ...changes } as GenericContract)).rejects.toThrow(expected);
  });
});
