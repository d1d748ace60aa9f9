/** Broken images give a MiningError or an image of the size that it says: never another error, never a hang. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, imageSize } from '../../../src/dataset/pixels/decode-image.js';
import { edits, mutate } from '../../fixtures/dataset/edits.js';
import { makeTree } from '../../fixtures/dataset/folder-tree.js';
import { SMALL, bmpFile } from '../../fixtures/dataset/pictures.js';

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
