/**
 * Broken bytes in every annotation file of every layout give a MiningError or a sound data set: never another error,
 * a hang, or memory without bound. `npm run fuzz` runs 100,000 and prints the classes of docs/annotations.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import { FORMATS } from '../../../src/dataset/registry.js';
import { edits, mutate } from '../../fixtures/dataset/edits.js';
import { expectSound } from '../../fixtures/dataset/expect-sound.js';
import { makeTree } from '../../fixtures/dataset/folder-tree.js';
import { LAYOUTS, type Picture } from '../../fixtures/dataset/layouts.js';
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
const runsEach = NUM_RUNS > 0 ? Math.ceil(NUM_RUNS / targets.length) : 60;
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
        const startedAt = performance.now();
        await format.recognise(location);
        await format.splits?.(location);
        const result = await format.read(location, {}).catch((error: unknown) => error);
        format.place(Buffer.from(bytes).toString(), 1);
        const ms = performance.now() - startedAt;
        expect(ms).toBeLessThan(MAX_MS);
        slowestMs = Math.max(slowestMs, ms);
        highestRss = Math.max(highestRss, process.memoryUsage.rss());
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(MiningError);
          expect(result.message).toMatch(/^dataset: [^\n]+$/);
          classes.refused++;
          return;
        }
        const set = result as Parameters<typeof expectSound>[0];
        expectSound(set);
        classes[set.warnings.length > 0 ? 'read, flaws told' : 'read without a word']++;
      }),
      { numRuns: runsEach, seed: SEED },
    );
  });
});

afterAll(() => {
  if (NUM_RUNS === 0) return;
  const memory = Math.round(highestRss / 2 ** 20);
  console.log(JSON.stringify({ seed: SEED, ...classes, slowestMs: Math.round(slowestMs), highestRssMiB: memory }));
  expect(highestRss).toBeLessThan(MAX_RSS);
});
