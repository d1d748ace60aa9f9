/** The same detections in every format of predictions, over data sets of two formats, give one table bit for bit. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectionsOf } from '../../src/dataset/predictions/detection-rows.js';
import { openPredictions, predictionFormatAt, PREDICTION_FORMATS } from '../../src/dataset/predictions/registry.js';
import { FORMATS, openDataset } from '../../src/dataset/registry.js';
import { findInputs } from '../../src/run/find/find-inputs.js';
import { makeTree } from '../fixtures/dataset/folder-tree.js';
import { LAYOUTS, type Picture } from '../fixtures/dataset/layouts.js';
import { PREDICTION_LAYOUTS, type Detected } from '../fixtures/dataset/prediction-layouts.js';
import { plainPng } from '../fixtures/dataset/plain-png.js';

const [WIDTH, HEIGHT] = [64, 32];
const PICTURES: readonly Picture[] = ['a.png', 'b.png', 'c.png'].map((name, i) => ({
  name,
  width: WIDTH,
  height: HEIGHT,
  objects: [{ label: i === 1 ? 'dog' : 'cat', box: [8, 4, 16, 8] }],
}));
/** Shares of sides that are powers of two: exact in every format. */
const found: readonly Omit<Detected, 'width' | 'height'>[] = [
  { image: 'b.png', label: 1, box: [8, 4, 16.5, 8.25], score: 0.75 },
  { image: 'a.png', label: 0, box: [0, 0, 64, 32], score: 0.5 },
  { image: 'b.png', label: 0, box: [1, 2, 3, 4], score: 0.125 },
];
const DETECTED: readonly Detected[] = found.map((each) => ({ width: WIDTH, height: HEIGHT, ...each }));
const SETS = ['coco', 'yolo'].flatMap((kind) => LAYOUTS.filter((layout) => layout.kind === kind).slice(0, 1));

it('every format of predictions is in the list', () => {
  expect(new Set(PREDICTION_LAYOUTS.map(({ format }) => format))).toEqual(
    new Set(PREDICTION_FORMATS.map(({ id }) => id)),
  );
});

describe.each(SETS)('over $kind', (set) => {
  describe.each(PREDICTION_LAYOUTS)('$format: $title', (layout) => {
    const make = async () => {
      const png = await plainPng(WIDTH, HEIGHT);
      const images = Object.fromEntries(PICTURES.map(({ name }) => [`set/${set.images}${name}`, png]));
      const annotations = Object.entries(set.write(PICTURES)).map(([name, text]) => [`set/${name}`, text] as const);
      const root = await makeTree({ ...images, ...Object.fromEntries(annotations), ...layout.write(DETECTED) });
      return {
        location: path.join(root, layout.open),
        dataset: await openDataset(path.join(root, 'set', set.open), {}),
      };
    };

    it('is recognised by its own format only, and is no data set', async () => {
      const { location } = await make();
      for (const format of PREDICTION_FORMATS)
        expect([format.id, await format.recognise(location)]).toEqual([format.id, format.id === layout.format]);
      for (const format of FORMATS.filter(({ id }) => id !== 'yolo'))
        expect([format.id, await format.recognise(location)]).toEqual([format.id, false]);
    });

    it('is found from above', async () => {
      const { location } = await make();
      const { predictions } = await findInputs([path.dirname(location)]);
      const format = PREDICTION_FORMATS.find(({ id }) => id === layout.format);
      expect(predictions.map(({ what, task }) => [what, task])).toEqual([[format?.title, 'detection']]);
      expect((await predictionFormatAt(predictions[0].path))?.id).toBe(layout.format);
    });

    it('is the one table', async () => {
      const { location, dataset } = await make();
      const format = await predictionFormatAt(location);
      // Numbers of a COCO file over another data set are places.
      const isCoco = ['coco-results', 'detectron2'].includes(layout.format);
      if (format === undefined || (set.kind !== 'coco' && isCoco)) return expect(format).toBeDefined();
      const { table, classOf, mapping, notes, warnings } = await openPredictions(format, location, dataset);
      expect(mapping.classes).toEqual(['cat', 'dog']);
      expect(warnings).toEqual([]);
      expect(notes).toContain('1 of 3 images have no detection');
      const read = dataset.images.id.flatMap((id, index) => {
        const { numRois, x1, y1, x2, y2, score, predClass } = detectionsOf(table, classOf, 2, index);
        return Array.from({ length: numRois }, (_, row) => ({
          image: path.basename(id),
          label: predClass[row],
          box: [x1[row], y1[row], x2[row], y2[row]],
          score: score[row],
        }));
      });
      const [b1, a, b2] = DETECTED.map(({ image, label, box, score }) => ({ image, label, box, score }));
      expect(read).toEqual([a, b1, b2]);
    });
  });
});
