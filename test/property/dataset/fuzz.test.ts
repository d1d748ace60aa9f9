/** Broken bytes give a MiningError or a sound data set: never another error, never a hang. */
import { rm, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import { decodeImage, imageSize } from '../../../src/dataset/pixels/decode-image.js';
import { FORMATS } from '../../../src/dataset/registry.js';
import { expectSound } from '../../fixtures/dataset/expect-sound.js';
import { makeTree } from '../../fixtures/dataset/folder-tree.js';
import { SMALL, bmpFile } from '../../fixtures/dataset/pictures.js';
import { SAMPLE_SETS } from '../../fixtures/dataset/sample-sets.js';

/** Pieces that mean something in one of the formats. */
const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r',
  '\t',
  ' ',
  '0',
  '-1',
  '1e999',
  'null',
  'NaN',
  '<',
  '>',
  '</',
  '/>',
  '&',
  '&#',
  ';',
  '<!DOCTYPE x>',
  '<!--',
  '<![CDATA[',
  ']]>',
  '<object>',
  '__proto__',
  '../',
  '/',
  'é',
  '🐈',
  '\0',
  '- ',
  '&a ',
  '*a',
  '!!js',
  '|',
  '? ',
].map((piece) => new TextEncoder().encode(piece));

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.nat(4), fc.nat(200)),
  put: fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 4 })),
  repeat: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 300 })),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 5 });
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, changes: readonly Edit[]): Uint8Array {
  return changes.reduce((current, { at, cut, put, repeat }) => {
    const i = Math.floor(at * current.length);
    return new Uint8Array([
      ...current.subarray(0, i),
      ...Array.from({ length: repeat }, () => [...put]).flat(),
      ...current.subarray(i + cut),
    ]);
  }, bytes);
}

describe.each(
  SAMPLE_SETS.filter((sample) => sample.kind !== 'folders').flatMap((sample) =>
    [
      sample.annotation,
      ...(sample.kind === 'yolo' ? ['data.yaml'] : sample.kind === 'voc' ? ['ImageSets/Main/train.txt'] : []),
    ].map((file) => ({ sample, kind: sample.kind, file })),
  ),
)('$kind: mutated $file', ({ sample, kind, file }) => {
  it('is refused or read soundly', async () => {
    const root = await makeTree(await sample.tree(['a.png', 'b.png']));
    const target = path.join(root, file);
    const original = await readFile(target);
    const readers = FORMATS.filter((format) => format.id === kind);
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        await writeFile(target, mutate(original, changes));
        for (const format of readers) {
          await format.recognise(path.join(root, sample.open));
          const result = await format.read(path.join(root, sample.open), {}).catch((error: unknown) => error);
          if (result instanceof Error) {
            expect(result).toBeInstanceOf(MiningError);
            expect(result.message).toMatch(/^dataset: [^\n]+$/);
          } else expectSound(result as Parameters<typeof expectSound>[0]);
        }
      }),
      { numRuns: 150 },
    );
    await rm(target);
  });
});

describe('mutated images', () => {
  const noise = sharp({
    create: {
      width: 24,
      height: 17,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
  const row = Array.from({ length: 9 }, (_, i) => i);
  it.each<[string, () => Promise<Uint8Array>]>([
    ['jpeg', () => noise.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer()],
    ['png', () => noise.clone().png().toBuffer()],
    ['webp', () => noise.clone().webp().toBuffer()],
    ['tiff', () => noise.clone().tiff().toBuffer()],
    ['gif', () => noise.clone().gif().toBuffer()],
    ['bmp', () => Promise.resolve(bmpFile({ width: SMALL.width, height: 2, bitsPerPixel: 24, rows: [row, row] }))],
    [
      'palette bmp',
      () =>
        Promise.resolve(
          bmpFile({
            width: 3,
            height: 2,
            bitsPerPixel: 8,
            rows: [
              [0, 1, 0],
              [1, 0, 1],
            ],
            extra: row.slice(0, 8),
            colours: 2,
          }),
        ),
    ],
  ])('%s', async (_, make) => {
    const original = await make();
    const file = path.join(await makeTree({}), 'x');
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = mutate(original, changes);
        await writeFile(file, bytes);
        for (const work of [() => decodeImage(bytes), () => imageSize(file)]) {
          const result: unknown = await work().catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toMatchObject({ name: 'MiningError', code: 'image' });
          else if (typeof result === 'object' && result !== null && 'data' in result) {
            const image = result as Awaited<ReturnType<typeof decodeImage>>;
            expect(image.data).toHaveLength(image.width * image.height * 3);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
