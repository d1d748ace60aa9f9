import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindDetector } from '../bind.js';
import type { NanodetContract } from '../../../../src/checkpoint/families/nanodet.js';
import type { Tensor } from '../../../../src/core/graph.js';
import { fakeGraph, tensor } from '../fake-graph.js';

/** 64 x 64: levels of 64, 16 and 4 rows. */
const LEVELS = [64, 16, 4];
const BINS = 8;

/** All mass on bin 1 to the left, 2 to the top, 3 to the right, 4 to the bottom. */
function distributions(rows: number, bins = BINS): Tensor {
  return tensor([1, rows, 4 * bins], (i) => (i % bins === Math.floor((i % (4 * bins)) / bins) + 1 ? 50 : -50));
}
const scores = (rows: number, classes: number): Tensor => tensor([1, rows, classes], (i) => (i % 97) / 100);

function outputs(classes: number, bins = BINS): Record<string, Tensor> {
  const entries = LEVELS.flatMap((rows, l) => [
    [`s${l}`, scores(rows, classes)] as const,
    [`d${l}`, distributions(rows, bins)] as const,
  ]);
  return Object.fromEntries(entries);
}

const image = (width: number, height: number) => ({ width, height, data: new Uint8Array(width * height * 3) });
const bind = (answer: Record<string, Tensor>, contract: NanodetContract | null = null, names: string[] | null = null) =>
  bindDetector(
    fakeGraph(() => answer),
    'm.json',
    contract,
    names === null ? null : { names, from: 'contract' },
  );

describe('nanodet', () => {
  it('is recognised by its levels', async () => {
    const detector = await bind(outputs(3));
    expect(detector).toMatchObject({ family: 'nanodet', numClasses: 3, inputWidth: 64 });
    expect(detector.measureDefaults).toMatchObject({
      assigner: 'atss',
      clsLoss: 'qfl',
      locLoss: 'giou',
      roiBox: 'regressed',
    });
  });

  it('decodes distances from the centre, stretched axes each by its scale', async () => {
    const out = await (await bind(outputs(3))).detect(image(128, 32));
    const box = (row: number, of = out.preds) => [of.x1[row], of.y1[row], of.x2[row], of.y2[row]];
    // Row 9: cell (1, 1) of stride 8, centre 8 + 3.5 = 11.5; sides 8, 16, 24, 32; x twice, y half.
    expect(box(9)).toEqual([2 * (11.5 - 8), (11.5 - 16) / 2, 2 * (11.5 + 24), (11.5 + 32) / 2]);
    expect(box(9, out.regions)).toEqual([2 * (11.5 - 20), (11.5 - 20) / 2, 2 * (11.5 + 20), (11.5 + 20) / 2]);
    expect([out.grid?.centreX[9], out.grid?.centreY[9], out.grid?.strideX[9], out.grid?.strideY[9]]).toEqual([
      23, 5.75, 16, 4,
    ]);
    // Row 83: cell (1, 1) of stride 32, centre 32 + 15.5.
    expect([out.grid?.centreX[83], out.grid?.centreY[83]]).toEqual([95, 23.75]);
    expect([...(out.grid?.levelStart ?? [])]).toEqual([0, 64, 80, 84]);
    expect(out.objectness).toBeNull();
  });

  it('takes the expectation of a softmax: uniform logits give the middle bin', async () => {
    const flat = outputs(3);
    for (const l of [0, 1, 2]) flat[`d${l}`] = tensor([1, LEVELS[l], 32], () => 1e4);
    const { preds } = await (await bind(flat)).detect(image(64, 64));
    expect([preds.x1[0], preds.x2[0]]).toEqual([3.5 - 3.5 * 8, 3.5 + 3.5 * 8]);
  });

  it('binds by shape whatever the order and the names, also where K is a multiple of 4', async () => {
    const expected = await (await bind(outputs(80))).detect(image(64, 64));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(Object.entries(outputs(80)), { minLength: 6 }), async (shuffled) => {
        const renamed = Object.fromEntries(shuffled.map(([, value], i) => [`Identity_${i}`, value]));
        const out = await (await bind(renamed)).detect(image(64, 64));
        expect(out.scores).toEqual(expected.scores);
        expect(out.preds).toEqual(expected.preds);
      }),
      { numRuns: 20 },
    );
  });

  it('tells scores from distributions of the same width by their values', async () => {
    const detector = await bind(outputs(32));
    expect(detector.numClasses).toBe(32);
    const { preds, scores: given } = await detector.detect(image(64, 64));
    expect(preds.x1[0]).toBe(3.5 - 8);
    expect(given[5]).toBeCloseTo(0.05);
  });

  it('goes by the number of names where values leave it open', async () => {
    const open = outputs(80);
    for (const l of [0, 1, 2]) open[`d${l}`] = tensor([1, LEVELS[l], 32], () => 0.5);
    await expect(bind(open)).rejects.toThrow('nanodet: for each of 64, 16, 4 rows');
    expect(
      (
        await bind(
          open,
          null,
          Array.from({ length: 80 }, (_, i) => `c${i}`),
        )
      ).numClasses,
    ).toBe(80);
    expect((await bind(open, { family: 'nanodet', regMax: 7 })).numClasses).toBe(80);
  });

  it('lets NaN through', async () => {
    const nan = outputs(3);
    (nan['d0'].data as Float32Array).fill(NaN, 0, 32);
    (nan['s0'].data as Float32Array)[0] = NaN;
    const out = await (await bind(nan)).detect(image(64, 64));
    expect([out.preds.x1[0], out.preds.y2[0], out.scores[0]]).toEqual([NaN, NaN, NaN]);
    expect([out.preds.x1[1], out.scores[1]]).not.toContain(NaN);
  });

  it('takes strides of the contract', async () => {
    const two = { s0: scores(64, 3), d0: distributions(64), s1: scores(16, 3), d1: distributions(16) };
    await expect(bind(two)).rejects.toThrow('nanodet');
    expect((await bind(two, { family: 'nanodet', strides: [8, 16] })).numClasses).toBe(3);
  });

  it('refuses a level that has three outputs or another width', async () => {
    await expect(bind({ ...outputs(3), more: scores(64, 3) })).rejects.toThrow('yolox: one [');
    await expect(bind({ ...outputs(3), s1: scores(16, 4) })).rejects.toThrow('yolox: one [');
  });
});
