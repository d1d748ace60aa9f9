import { describe, expect, it } from 'vitest';
import { chosenBatch } from '../../../../src/run/train/chosen-batch.js';
import type { ImagePlace } from '../../../../src/run/train/train-images.js';
import type { ChosenRois } from '../../../../src/train/trainer.js';
import { makeRois } from '../../core/make-rois.js';

const rois = makeRois([
  { image: 0, box: [0, 0, 10, 20], label: 1, cls: 1, loc: 0.5 },
  { image: 0, box: [20, 0, 30, 20], cls: 3, loc: 9 },
  { image: 1, box: [0, 10, 16, 26], cls: 2 },
  { image: 1, box: [1, 1, 2, 2], cls: 9 },
]);
const batch = { imageIndex: [7, 4], isFlipped: [false, true], images: [], seed: 0 };
const chosen: ChosenRois = { step: 4, batch, rois, rows: Int32Array.of(2, 0, 1) };
const places: Readonly<Record<number, ImagePlace>> = {
  7: { id: 'a.png', path: '/a.png', scaleX: 0.5, scaleY: 0.25, widthPx: 50, heightPx: 40 },
  4: { id: 'b.png', path: '/b.png', scaleX: 1, scaleY: 1, widthPx: 32, heightPx: 32 },
};

describe('chosenBatch', () => {
  it('puts boxes back into the files, mirrored ones too, each image hardest first', () => {
    const told = chosenBatch(chosen, (index) => places[index], true, ['nut', 'coin', 'key']);
    expect(told).toMatchObject({
      step: 5,
      numRois: 4,
      classes: ['nut', 'coin', 'key'],
      image: [0, 0, 1],
      gtClass: [3, 1, 3],
      loss: [3, 1.5, 2],
    });
    expect(told.images).toEqual([
      { path: '/a.png', width: 100, height: 160, isFlipped: false },
      { path: '/b.png', width: 32, height: 32, isFlipped: true },
    ]);
    expect([told.x1, told.y1, told.x2, told.y2]).toEqual([
      [40, 0, 16],
      [0, 0, 10],
      [60, 20, 32],
      [80, 80, 26],
    ]);
  });

  it('knows no losses where the sampler did not look, and tells nothing of nothing', () => {
    expect(chosenBatch(chosen, (index) => places[index], false, [])).toMatchObject({
      image: [0, 0, 1],
      gtClass: [1, 3, 3],
      loss: [null, null, null],
    });
    expect(
      chosenBatch({ ...chosen, rows: new Int32Array(0) }, (index) => places[index], true, ['nut', 'coin', 'key']),
    ).toMatchObject({ image: [], x1: [], loss: [] });
  });
});
