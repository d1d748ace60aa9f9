/** The same decoder where no native sharp is installed: sharp falls back to its WebAssembly build by itself. */
import Module from 'node:module';
import path from 'node:path';
import type Sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as Dataset from '../../../src/dataset/pixels/decode-image.js';
import { addFiles, makeTree } from '../../fixtures/dataset/folder-tree.js';
import { SMALL } from '../../fixtures/dataset/pictures.js';

type Resolve = (request: string, ...rest: unknown[]) => string;
const loader = Module as unknown as { _resolveFilename: Resolve };

describe('decodeImage on @img/sharp-wasm32', () => {
  let sharp: typeof Sharp;
  let dataset: typeof Dataset;

  beforeAll(async () => {
    const resolve = loader._resolveFilename;
    loader._resolveFilename = function (request, ...rest) {
      if (/@img\/sharp-(linux|darwin|win32)/.test(request)) throw new Error(`${request} is not installed`);
      return resolve.call(this, request, ...rest);
    };
    ({ default: sharp } = await import('sharp'));
    dataset = await import('../../../src/dataset/pixels/decode-image.js');
  });

  it('is the WebAssembly build', () => {
    expect(sharp.versions).toHaveProperty('emscripten');
  });

  it.each(['png', 'webp', 'tiff', 'gif'] as const)(
    'decodes %s to the very pixels, in memory of its own',
    async (format) => {
      const options = { png: {}, webp: { lossless: true }, tiff: { compression: 'lzw' }, gif: { dither: 0 } }[format];
      const bytes = await sharp(SMALL.data, { raw: { width: 3, height: 2, channels: 3 } })
        .toFormat(format, options)
        .toBuffer();
      const image = await dataset.decodeImage(bytes);
      expect(image).toEqual(SMALL);
      expect(image.data.buffer).toBeInstanceOf(ArrayBuffer);
    },
  );

  it('reads paths, orientation and sizes; writes PNG', async () => {
    const file = path.join(await makeTree({}), 'a ü.png');
    await dataset.encodePng(SMALL, file);
    expect(await dataset.decodeImage(file)).toEqual(SMALL);
    await addFiles(path.dirname(file), {
      'b.jpg': await sharp(file).resize(30, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    });
    const turned = path.join(path.dirname(file), 'b.jpg');
    expect(await dataset.imageSize(turned)).toEqual({ width: 20, height: 30 });
    expect(await dataset.decodeImage(turned)).toMatchObject({ width: 20, height: 30 });
  });

  it('refuses broken files in one line', async () => {
    const bytes = await sharp({
      create: {
        width: 300,
        height: 200,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    })
      .jpeg()
      .toBuffer();
    await expect(dataset.decodeImage(bytes.subarray(0, bytes.length / 2))).rejects.toThrow(
      /^image: image bytes: expected an image that decodes/,
    );
    await expect(dataset.decodeImage(Buffer.from('hello'))).rejects.toThrow(
      /^image: image bytes: expected an image that decodes, received .*unsupported image format/,
    );
  });
});
