import { readFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, encodePng, hasMorePages, imageSize } from '../../../../src/dataset/pixels/decode-image.js';
import { makeTree } from '../../../fixtures/dataset/folder-tree.js';
import { SMALL, bmpFile, tiffOf16Bit } from '../../../fixtures/dataset/pictures.js';

const small = () => sharp(SMALL.data, { raw: { width: 3, height: 2, channels: 3 } });
const flat = (colour: { r: number; g: number; b: number; alpha?: number }, channels: 3 | 4 = 3) =>
  sharp({ create: { width: 16, height: 16, channels, background: colour } });
const TEAL = { r: 0, g: 128, b: 144 };
const pixel = (image: { width: number; data: Uint8Array }, x: number, y: number) => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: Error) => `${error.name} ${error.message}`,
  );

describe('decodeImage: lossless formats give the very pixels', () => {
  it.each([
    ['png', () => small().png().toBuffer()],
    ['palette png', () => small().png({ palette: true, colours: 8, dither: 0 }).toBuffer()],
    ['webp', () => small().webp({ lossless: true }).toBuffer()],
    ['tiff', () => small().tiff({ compression: 'lzw' }).toBuffer()],
    ['gif', () => small().gif({ dither: 0 }).toBuffer()],
  ])('%s', async (_, encode) => {
    expect(await decodeImage(await encode())).toEqual(SMALL);
  });

  it('bmp', async () => {
    const row = (y: number) => [0, 1, 2].flatMap((x) => pixel(SMALL, x, y).reverse());
    expect(await decodeImage(bmpFile({ width: 3, height: 2, bitsPerPixel: 24, rows: [row(1), row(0)] }))).toEqual(
      SMALL,
    );
  });

  it('gives memory of its own', async () => {
    const bytes = await small().png().toBuffer();
    const [a, b] = [await decodeImage(bytes), await decodeImage(bytes)];
    expect(a.data.buffer).toBeInstanceOf(ArrayBuffer);
    expect(a.data.constructor).toBe(Uint8Array);
    a.data.fill(0);
    expect(b).toEqual(SMALL);
  });
});

describe('decodeImage: everything becomes 8-bit RGB', () => {
  const near = (received: number[], expected: number[], tolerance: number) =>
    received.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance));

  it('jpeg, within its loss', async () => {
    near(
      pixel(await decodeImage(await flat({ r: 200, g: 30, b: 60 }).jpeg({ quality: 100 }).toBuffer()), 8, 8),
      [200, 30, 60],
      2,
    );
  });

  it('grey is repeated', async () => {
    const grey = sharp(Uint8Array.of(0, 77, 128, 255), { raw: { width: 4, height: 1, channels: 1 } });
    const expected = [0, 0, 0, 77, 77, 77, 128, 128, 128, 255, 255, 255];
    expect([...(await decodeImage(await grey.clone().png().toBuffer())).data]).toEqual(expected);
    expect([...(await decodeImage(await grey.clone().toColourspace('b-w').png().toBuffer())).data]).toEqual(expected);
  });

  it('alpha is dropped, the colour under it kept', async () => {
    const image = await decodeImage(await flat({ r: 200, g: 30, b: 60, alpha: 0.5 }, 4).png().toBuffer());
    expect(pixel(image, 3, 3)).toEqual([200, 30, 60]);
    expect(image.data).toHaveLength(16 * 16 * 3);
    const greyAlpha = sharp(Uint8Array.of(90, 0), { raw: { width: 1, height: 1, channels: 2 } });
    expect([...(await decodeImage(await greyAlpha.png().toBuffer())).data]).toEqual([90, 90, 90]);
  });

  it('CMYK is converted', async () => {
    for (const [r, g, b] of [
      [255, 255, 255],
      [100, 120, 140],
      [180, 90, 70],
    ]) {
      const bytes = await flat({ r, g, b }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
      expect((await sharp(bytes).metadata()).space).toBe('cmyk');
      near(pixel(await decodeImage(bytes), 8, 8), [r, g, b], 16); // the way to CMYK and back loses as much
    }
  });

  it('16 bit is scaled, not truncated', async () => {
    const deep = Uint16Array.from({ length: 256 }, (_, i) => i * 257);
    const expected = Uint8Array.from({ length: 256 }, (_, i) => i);
    const grey = await sharp(deep, { raw: { width: 256, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).depth).toBe('ushort');
    expect((await decodeImage(grey)).data.filter((_, i) => i % 3 === 0)).toEqual(expected);
    const colour = Uint16Array.from({ length: 768 }, (_, i) => Math.floor(i / 3) * 257);
    const png = await sharp(colour, { raw: { width: 256, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    for (const bytes of [png, tiffOf16Bit(256, colour)]) {
      expect((await sharp(bytes).metadata()).depth).toBe('ushort');
      expect((await decodeImage(bytes)).data.filter((_, i) => i % 3 === 1)).toEqual(expected);
    }
  });

  it.each<[string, () => Promise<Buffer>]>([
    [
      'a progressive JPEG',
      () => flat(TEAL).jpeg({ progressive: true, quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
    ],
    ['a PNG with a palette', () => flat(TEAL).png({ palette: true }).toBuffer()],
    ['an interlaced PNG', () => flat(TEAL).png({ progressive: true }).toBuffer()],
    ['a tiled TIFF', () => flat(TEAL).tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer()],
    ['AVIF', () => flat(TEAL).avif({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()],
  ])('%s', async (_, make) => {
    const image = await decodeImage(await make());
    expect([image.width, image.height]).toEqual([16, 16]);
    near(pixel(image, 8, 8), [TEAL.r, TEAL.g, TEAL.b], 2);
  });

  it('takes the first frame and the first page', async () => {
    const frames = Buffer.concat([SMALL.data, SMALL.data.map((v) => 255 - v)]);
    const raw = { width: 3, height: 4, channels: 3, pageHeight: 2 } as const;
    const tiff = await sharp(frames, { raw }).tiff({ compression: 'lzw' }).toBuffer();
    const root = await makeTree({ 'two.tif': tiff, 'one.TIFF': await small().tiff().toBuffer(), 'broken.tif': 'II*' });
    const files = ['two.tif', 'one.TIFF', 'broken.tif', 'gone.tif', 'two.png'];
    const more = await Promise.all(files.map((name) => hasMorePages(path.join(root, name))));
    expect(more).toEqual([true, false, false, false, false]);
    for (const bytes of [
      tiff,
      await sharp(frames, { raw }).gif({ dither: 0 }).toBuffer(),
      await sharp(frames, { raw }).webp({ lossless: true }).toBuffer(),
    ]) {
      expect((await sharp(bytes).metadata()).pages).toBe(2);
      expect(await decodeImage(bytes)).toEqual(SMALL);
    }
  });

  it('applies colour profiles, as a browser does', async () => {
    const bytes = await flat({ r: 200, g: 30, b: 60 }).png().withIccProfile('p3').toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored.subarray(0, 3)]).not.toEqual([200, 30, 60]);
    const [r, g, b] = pixel(await decodeImage(bytes), 0, 0);
    expect(Math.max(Math.abs(r - 200), Math.abs(g - 30), Math.abs(b - 60))).toBeLessThanOrEqual(2);
  });
});

describe('EXIF orientation', () => {
  /** Where the pixel that is stored at (x, y) of a 3 x 2 image stands upright. Source: EXIF 2.3, tag 274. */
  const upright: Record<number, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [2 - x, y],
    3: (x, y) => [2 - x, 1 - y],
    4: (x, y) => [x, 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [1 - y, x],
    7: (x, y) => [1 - y, 2 - x],
    8: (x, y) => [y, 2 - x],
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is applied to pixels and size', async (orientation) => {
    const bytes = await small().png().withMetadata({ orientation }).toBuffer();
    const image = await decodeImage(bytes);
    const size = orientation >= 5 ? { width: 2, height: 3 } : { width: 3, height: 2 };
    expect(image).toMatchObject(size);
    for (let y = 0; y < 2; y++)
      for (let x = 0; x < 3; x++) expect(pixel(image, ...upright[orientation](x, y))).toEqual(pixel(SMALL, x, y));
    const root = await makeTree({ 'a.png': bytes });
    expect(await imageSize(path.join(root, 'a.png'))).toEqual(size);
  });
});

describe('what cannot be decoded is one clear line', () => {
  it('names the file', async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: 'white',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    });
    const jpeg = await noise.clone().jpeg().toBuffer();
    const png = await noise.png().toBuffer();
    const root = await makeTree({
      'empty.jpg': '',
      'text.jpg': 'just text',
      'page.jpg': '  <!DOCTYPE html><html></html>',
      'phone.heic': Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      'drawing.png': '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>',
      'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      // Without the marker of the end alone the noise decides whether a decoder misses anything.
      'no end.jpg': jpeg.subarray(0, jpeg.length - 20),
      'more behind.jpg': Buffer.concat([jpeg, Buffer.from('what a camera adds')]),
      'cut.png': png.subarray(0, png.length / 2),
      'cut.bmp': bmpFile({ width: 50, height: 50, bitsPerPixel: 24, rows: [[1, 2, 3]] }),
      'folder.jpg/x': '',
    });
    const of = (name: string) => errorOf(decodeImage(path.join(root, name)));
    expect(await of('empty.jpg')).toMatch(
      /^MiningError image: empty\.jpg: expected an image that decodes, received an empty file \(.*empty\.jpg\)$/,
    );
    expect(await of('text.jpg')).toMatch(
      /^MiningError image: text\.jpg: expected an image that decodes, received .*unsupported image format/,
    );
    expect(await of('page.jpg')).toMatch(/^MiningError image: page\.jpg: .*received markup/);
    expect(await of('phone.heic')).toMatch(/received HEIC \(.*phone\.heic\)\. Convert it to JPEG or PNG$/);
    expect(await of('drawing.png')).toMatch(/received markup/);
    expect(await of('cut.jpg')).toMatch(/^MiningError image: cut\.jpg: expected an image that decodes/);
    // A training that decodes what there is has seen another picture: the image is recorded as one that failed.
    expect(await of('no end.jpg')).toMatch(/received VipsJpeg: premature end of JPEG image/);
    expect(await decodeImage(path.join(root, 'more behind.jpg'))).toMatchObject({ width: 200, height: 200 });
    expect(await of('cut.png')).toMatch(/^MiningError image: cut\.png: expected an image that decodes/);
    expect(await of('cut.bmp')).toMatch(/^MiningError image: BMP pixels: .*truncated \(.*cut\.bmp\)/);
    expect(await of('folder.jpg')).toMatch(
      /^MiningError image: folder\.jpg: expected an image file, received a folder/,
    );
    expect(await of('gone.jpg')).toMatch(
      /^MiningError image: gone\.jpg: expected an image file, received no such file/,
    );
    expect(await of('null\0byte.jpg')).toMatch(/^MiningError image/);
    expect(await errorOf(imageSize(path.join(root, 'text.jpg')))).toMatch(/^MiningError image: text\.jpg/);
    expect(await errorOf(imageSize(path.join(root, 'gone.jpg')))).toMatch(/^MiningError image: gone\.jpg/);
  });

  it('refuses a decompression bomb by its header', async () => {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await errorOf(decodeImage(bomb))).toMatch(/^MiningError image: image bytes: .*pixel limit/);
  });
});

describe('encodePng', () => {
  it('writes pixels that decode to the same', async () => {
    const root = await makeTree({ 'old.png': 'something good' });
    const file = path.join(root, 'old.png');
    await encodePng(SMALL, file);
    expect(await decodeImage(file)).toEqual(SMALL);
  });

  it('leaves what is there where it fails', async () => {
    const root = await makeTree({ 'old.png': 'something good', 'folder/x': '' });
    expect(await errorOf(encodePng({ ...SMALL, width: 4 }, path.join(root, 'old.png')))).toMatch(
      /^MiningError image: pixels: expected 24 bytes, received 18/,
    );
    expect(await readFile(path.join(root, 'old.png'), 'utf8')).toBe('something good');
    expect(await errorOf(encodePng(SMALL, path.join(root, 'no', 'where.png')))).toMatch(
      /^MiningError options: output: expected a folder that exists/,
    );
    expect(await errorOf(encodePng(SMALL, path.join(root, 'folder')))).toMatch(
      /^MiningError options: .*received a folder/,
    );
  });
});

/** CRC-32 of PNG chunks. Source: PNG specification, annex D. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
