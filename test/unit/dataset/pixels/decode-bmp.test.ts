import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { bmpSize, decodeBmp, isBmp } from '../../../../src/dataset/pixels/decode-bmp.js';
import { bmpFile } from '../../../fixtures/dataset/pictures.js';

const decode = (bytes: Uint8Array) => decodeBmp(bytes, 'a.bmp', 1e6);
const pixels = (bytes: Uint8Array) => [...decode(bytes).data];
const PALETTE = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 30, 20, 10, 0]; // red, green, blue, (10, 20, 30) as BGR0

describe('decodeBmp', () => {
  it('reads 24 bit rows bottom-up, padded to 4 bytes', () => {
    const bytes = bmpFile({
      width: 1,
      height: 2,
      bitsPerPixel: 24,
      rows: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    });
    expect(decode(bytes)).toEqual({ width: 1, height: 2, data: Uint8Array.of(6, 5, 4, 3, 2, 1) });
  });

  it('reads a negative height top-down', () => {
    expect(
      pixels(
        bmpFile({
          width: 1,
          height: -2,
          bitsPerPixel: 24,
          rows: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        }),
      ),
    ).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it('reads a palette of 8, 4 and 1 bit', () => {
    const expected = [255, 0, 0, 0, 255, 0, 255, 0, 0];
    const of = (bitsPerPixel: number, row: number[]) =>
      bmpFile({ width: 3, height: 1, bitsPerPixel, rows: [row], extra: PALETTE, colours: 4 });
    expect(pixels(of(8, [0, 1, 0]))).toEqual(expected);
    expect(pixels(of(4, [0x01, 0x00]))).toEqual(expected);
    expect(pixels(of(1, [0b01000000]))).toEqual(expected);
  });

  it('shows palette indices that are not stored as black', () => {
    expect(
      pixels(bmpFile({ width: 2, height: 1, bitsPerPixel: 8, rows: [[3, 200]], extra: PALETTE, colours: 4 })),
    ).toEqual([10, 20, 30, 0, 0, 0]);
  });

  it('reads the old 12-byte header with a palette of triples', () => {
    expect(
      pixels(
        bmpFile({
          width: 2,
          height: 1,
          bitsPerPixel: 1,
          headerBytes: 12,
          rows: [[0b10000000]],
          extra: [1, 2, 3, 4, 5, 6],
        }),
      ),
    ).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('reads 16 bit as 5-5-5, and as 5-6-5 by masks, full scale at 255', () => {
    expect(pixels(bmpFile({ width: 2, height: 1, bitsPerPixel: 16, rows: [[0xff, 0x7f, 0x00, 0x7c]] }))).toEqual([
      255, 255, 255, 255, 0, 0,
    ]);
    const masks = [0x00, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
    expect(
      pixels(
        bmpFile({
          width: 2,
          height: 1,
          bitsPerPixel: 16,
          compression: 3,
          extra: masks,
          rows: [[0xe0, 0x07, 0x10, 0x84]],
        }),
      ),
    ).toEqual([0, 255, 0, 132, 130, 132]);
  });

  it('reads 32 bit and drops alpha; masks may sit anywhere, also in the top bits', () => {
    expect(pixels(bmpFile({ width: 1, height: 1, bitsPerPixel: 32, rows: [[3, 2, 1, 0]] }))).toEqual([1, 2, 3]);
    const masks = [0, 0, 0, 0xff, 0, 0, 0xff, 0, 0, 0xff, 0, 0];
    expect(
      pixels(bmpFile({ width: 1, height: 1, bitsPerPixel: 32, compression: 3, extra: masks, rows: [[9, 3, 2, 201]] })),
    ).toEqual([201, 2, 3]);
  });

  it('tells the size of a top-down bitmap without its pixels', () => {
    const bytes = bmpFile({ width: 7, height: -5, bitsPerPixel: 24, rows: [] });
    expect(isBmp(bytes)).toBe(true);
    expect(bmpSize(bytes, 'a.bmp')).toEqual({ width: 7, height: 5 });
  });

  it.each([
    [
      'run lengths',
      bmpFile({ width: 1, height: 1, bitsPerPixel: 8, compression: 1, rows: [[0, 1]] }),
      /compression: expected an uncompressed bitmap, received run lengths \(RLE8\)/,
    ],
    [
      'an unknown depth',
      bmpFile({ width: 1, height: 1, bitsPerPixel: 2, rows: [[0]] }),
      /bits per pixel: expected one of 1, 4, 8, 16, 24, 32, received 2/,
    ],
    [
      'missing rows',
      bmpFile({ width: 9, height: 9, bitsPerPixel: 24, rows: [[1, 2, 3]] }),
      /expected 252 bytes, received 4: the file is truncated \(a\.bmp\)/,
    ],
    [
      'a bomb',
      bmpFile({ width: 2 ** 30, height: 2 ** 30, bitsPerPixel: 24, rows: [] }),
      /at most 1000000 pixels, received 1073741824 x 1073741824/,
    ],
    ['no width', bmpFile({ width: 0, height: 4, bitsPerPixel: 24, rows: [] }), /received 0 x 4/],
    [
      'half a header',
      bmpFile({ width: 1, height: 1, bitsPerPixel: 24, rows: [] }).slice(0, 30),
      /complete bitmap header, received 30 bytes/,
    ],
    [
      'compression with no name',
      bmpFile({ width: 1, height: 1, bitsPerPixel: 24, compression: 77, rows: [[1, 2, 3]] }),
      /received 77/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(MiningError);
  });
});
