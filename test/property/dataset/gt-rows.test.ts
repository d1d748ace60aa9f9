import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GtRows } from '../../../src/dataset/rows/gt-rows.js';
import { ImageRows } from '../../../src/dataset/rows/image-rows.js';
import { Warnings } from '../../../src/dataset/rows/warnings.js';

const SIZES: readonly (readonly [number, number])[] = [
  [100, 50],
  [0, 0],
  [30, 300],
];
const number = fc.oneof(
  fc.double({ min: -400, max: 400, noNaN: true }),
  fc.integer({ min: -50, max: 320 }),
  fc.double(),
);
const object = fc.record({
  image: fc.nat(2),
  box: fc.tuple(number, number, number, number),
  label: fc.integer({ min: -1, max: 5 }),
  isCrowd: fc.boolean(),
  isDifficult: fc.boolean(),
});

describe('GtRows', () => {
  it('keeps order within an image, groups by image, clips what is partly outside, drops what is no box', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 200 }), (objects) => {
        const images = new ImageRows('/data', new Warnings());
        SIZES.forEach(([width, height], i) => images.add(`${i}.png`, width, height, '', 'test'));
        const rows = new GtRows(images);
        const verdicts = objects.map((o, i) => rows.add(o.image, o.box, o.label, i, o.isCrowd, o.isDifficult));
        const { gts, gtStart } = rows.finish();
        const expected = [0, 1, 2].flatMap((image) =>
          objects.flatMap((o, i) => (o.image === image ? expectedRow(o, i) : [])),
        );
        const received = Array.from({ length: gts.numGts }, (_, r) => ({
          image: gts.imageIndex[r],
          box: [gts.x1[r], gts.y1[r], gts.x2[r], gts.y2[r]],
          label: gts.gtClass[r],
          flags: [gts.isCrowd[r], gts.isDifficult[r]],
          annotation: gts.annotation[r],
        }));
        expect(received).toEqual(expected);
        expect([...gtStart]).toEqual([0, 1, 2, 3].map((image) => expected.filter((row) => row.image < image).length));
        expect(verdicts.filter((verdict) => verdict === 'kept' || verdict === 'clipped')).toHaveLength(expected.length);
      }),
      { numRuns: 300 },
    );
  });
});

/** The rule in plain words: an area, overlapping the image, cut to it. */
function expectedRow(
  o: { image: number; box: [number, number, number, number]; label: number; isCrowd: boolean; isDifficult: boolean },
  annotation: number,
) {
  const [x1, y1, x2, y2] = o.box;
  const [width, height] = SIZES[o.image];
  if (!o.box.every(Number.isFinite) || !Number.isFinite(x2 - x1) || !Number.isFinite(y2 - y1) || x2 <= x1 || y2 <= y1)
    return [];
  const clip = (value: number, most: number) => (width === 0 ? value : Math.min(Math.max(value, 0), most));
  const box = [clip(x1, width), clip(y1, height), clip(x2, width), clip(y2, height)];
  if (box[2] - box[0] <= 0 || box[3] - box[1] <= 0) return [];
  return [{ image: o.image, box, label: o.label, flags: [Number(o.isCrowd), Number(o.isDifficult)], annotation }];
}
