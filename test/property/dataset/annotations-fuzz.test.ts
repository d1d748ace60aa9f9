/**
 * Broken bytes in every annotation file of every layout, and in every file of predictions, give a MiningError or sound
 * tables: never another error, a hang, or memory without bound. `npm run fuzz` runs 100,000 and prints the classes of
 * docs/annotations.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import type { Dataset } from '../../../src/dataset/dataset.js';
import { detectionsOf } from '../../../src/dataset/predictions/detection-rows.js';
import {
  openPredictions,
  PREDICTION_FORMATS,
  predictionFormatAt,
  type Predictions,
} from '../../../src/dataset/predictions/registry.js';
import { FORMATS, openDataset } from '../../../src/dataset/registry.js';
import { edits, mutate } from '../../fixtures/dataset/edits.js';
import { expectSound } from '../../fixtures/dataset/expect-sound.js';
import { makeTree } from '../../fixtures/dataset/folder-tree.js';
import { LAYOUTS, type Picture } from '../../fixtures/dataset/layouts.js';
import { PREDICTION_LAYOUTS } from '../../fixtures/dataset/prediction-layouts.js';
import { plainPng } from '../../fixtures/dataset/plain-png.js';

const PICTURES = ['a.png', 'b.png'].map((name, i): Picture => {
  const label = i === 0 ? 'cat' : 'dog';
  return { name, width: 40, height: 30, objects: [{ label, box: [5, 5, 15, 25.5] }] };
});
const SEED = 12;
const NUM_RUNS = Number(process.env['FUZZ_RUNS'] ?? 0);
const MAX_MS = 10_000;
const MAX_RSS = 2 ** 30;

/** Each file that a reader of a layout opens once. */
const targets = LAYOUTS.flatMap((layout) => {
  const names = Object.keys(layout.write(PICTURES));
  const others = names.filter((name) => path.extname(name) !== path.extname(layout.annotation));
  return [layout.annotation, ...others].map((file) => ({ ...layout, file }));
});
const numTargets = targets.length + PREDICTION_LAYOUTS.length;
const runsEach = NUM_RUNS > 0 ? Math.ceil(NUM_RUNS / numTargets) : 60;
const classes = { refused: 0, 'read, flaws told': 0, 'read without a word': 0 };
let slowestMs = 0;
let highestRss = 0;

describe.each(targets)('$kind, $title: mutated $file', ({ kind, open, images, write, file }) => {
  it('is refused or read soundly', { timeout: 60_000 + runsEach * 1000 }, async () => {
    const png = await plainPng(40, 30);
    const pictures = Object.fromEntries(PICTURES.map(({ name }) => [images + name, png]));
    const root = await makeTree({ ...pictures, ...write(PICTURES) });
    const [target, location] = [path.join(root, file), path.join(root, open)];
    const original = await readFile(target);
    const format = FORMATS.find(({ id }) => id === kind);
    if (format === undefined) throw new Error(`no format ${kind}`);
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = mutate(original, changes);
        await writeFile(target, bytes);
        const set = await judged(async () => {
          await format.recognise(location);
          await format.splits?.(location);
          const read = await format.read(location, {}).catch((error: unknown) => error);
          format.place(Buffer.from(bytes).toString(), 1);
          return read;
        });
        if (set === null) return;
        expectSound(set as Dataset);
        classes[(set as Dataset).warnings.length > 0 ? 'read, flaws told' : 'read without a word']++;
      }),
      { numRuns: runsEach, seed: SEED },
    );
  });
});

describe.each(PREDICTION_LAYOUTS)('$format, $title: mutated $file', ({ format: id, open, file, write }) => {
  it('is refused or read soundly', { timeout: 60_000 + runsEach * 1000 }, async () => {
    const png = await plainPng(40, 30);
    const [layout] = LAYOUTS;
    const images = PICTURES.map(({ name }) => [`set/${layout.images}${name}`, png] as const);
    const annotations = Object.entries(layout.write(PICTURES)).map(([name, text]) => [`set/${name}`, text] as const);
    const detected = PICTURES.map(({ name, width, height, objects: [{ box }] }, label) => {
      return { image: name, width, height, label, box, score: 0.5 };
    });
    const root = await makeTree({ ...Object.fromEntries([...images, ...annotations]), ...write(detected) });
    const [target, location] = [path.join(root, file), path.join(root, open)];
    const original = await readFile(target);
    const dataset = await openDataset(path.join(root, 'set'), {});
    const format = PREDICTION_FORMATS.find((each) => each.id === id);
    if (format === undefined) throw new Error(`no format ${id}`);
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        await writeFile(target, mutate(original, changes));
        const read = await judged(async () => {
          await predictionFormatAt(location);
          return openPredictions(format, location, dataset).catch((error: unknown) => error);
        });
        if (read === null) return;
        const predictions = read as Predictions;
        expectSoundDetections(predictions, dataset);
        classes[predictions.warnings.length > 0 ? 'read, flaws told' : 'read without a word']++;
      }),
      { numRuns: runsEach, seed: SEED },
    );
  });
});

/** Reads within bounds. @returns null where it was refused in our words. */
async function judged(read: () => Promise<unknown>): Promise<unknown> {
  const startedAt = performance.now();
  const result = await read();
  const ms = performance.now() - startedAt;
  expect(ms).toBeLessThan(MAX_MS);
  slowestMs = Math.max(slowestMs, ms);
  highestRss = Math.max(highestRss, process.memoryUsage.rss());
  if (!(result instanceof Error)) return result;
  expect(result).toBeInstanceOf(MiningError);
  expect(result.message).toMatch(/^dataset: [^\n]+$/);
  classes.refused++;
  return null;
}

/** Boxes with an area, scores and classes in range, rows of every image in order. */
function expectSoundDetections({ table, classOf, mapping }: Predictions, { images }: Dataset): void {
  expect(table.start).toHaveLength(images.numImages + 1);
  expect(table.start.at(-1)).toBe(table.score.length);
  expect(mapping.classes.length).toBeGreaterThan(0);
  images.id.forEach((_, index) => {
    const { numRois, x1, y1, x2, y2, score, predClass } = detectionsOf(table, classOf, mapping.classes.length, index);
    for (let row = 0; row < numRois; row++) {
      expect(x2[row] >= x1[row] && y2[row] >= y1[row]).toBe(true);
      expect(score[row] >= 0 && score[row] <= 1).toBe(true);
      expect(predClass[row] >= 0 && predClass[row] < mapping.classes.length).toBe(true);
    }
  });
}

afterAll(() => {
  if (NUM_RUNS === 0) return;
  const memory = Math.round(highestRss / 2 ** 20);
  console.log(JSON.stringify({ seed: SEED, ...classes, slowestMs: Math.round(slowestMs), highestRssMiB: memory }));
  expect(highestRss).toBeLessThan(MAX_RSS);
});
