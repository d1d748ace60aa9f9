/** The resize kernels against those that they follow: OpenCV and Pillow (stored), and libvips (through sharp). */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { antialiasResizer } from '../../../src/checkpoint/pixels/resize-antialias.js';
import { opencvResizer } from '../../../src/checkpoint/pixels/resize-opencv.js';
import { pillowResizer } from '../../../src/checkpoint/pixels/resize-pillow.js';
import { copyRows, type Resizer, type Size } from '../../../src/checkpoint/pixels/resize-rows.js';
import { seededRandom } from '../../../src/core/seeded-random.js';

function resize(
  make: (source: Size, target: Size) => Resizer,
  data: Uint8Array,
  source: Size,
  target: Size,
): Uint8Array {
  const rows = new Uint8Array(target.width * target.height * 3);
  const writeRow = make(source, target)({ ...source, data });
  for (let j = 0; j < target.height; j++) writeRow(j, rows.subarray(j * target.width * 3, (j + 1) * target.width * 3));
  return rows;
}

/** Largest difference and share of bytes that differ. */
function difference(a: Uint8Array, b: Uint8Array): { largest: number; share: number } {
  let largest = 0;
  let count = 0;
  a.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value - b[i]));
    count += value === b[i] ? 0 : 1;
  });
  return { largest, share: count / a.length };
}

interface StoredCase {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly image: string;
  readonly resized: string;
}

describe.each([
  { name: 'opencv: INTER_LINEAR', make: opencvResizer, file: 'opencv-resize.json' },
  { name: 'pillow: BILINEAR', make: pillowResizer, file: 'pillow-resize.json' },
])('$name to the bit', ({ make, file }) => {
  const cases = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as StoredCase[];
  it.each(cases)('$from -> $to', ({ from, to, image, resized }) => {
    const ours = resize(
      make,
      Buffer.from(image, 'base64'),
      { width: from[0], height: from[1] },
      { width: to[0], height: to[1] },
    );
    expect(Buffer.from(ours).equals(Buffer.from(resized, 'base64'))).toBe(true);
  });
});

it.each([antialiasResizer, opencvResizer, pillowResizer])('%o leaves an image of the same size as it is', (make) => {
  const size = { width: 31, height: 17 };
  const image = testImage(size);
  const copied = resize(() => copyRows, image, size, size);
  expect(copied).toEqual(image);
  expect(resize(make, image, size, size)).toEqual(copied);
});

/** Noise over ramps: every weight shows. */
function testImage({ width, height }: Size): Uint8Array {
  const random = seededRandom(7);
  return Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => ((i / 3 / width) * 255) / height / 2 + random.below(128),
  );
}

async function libvips(data: Uint8Array, { width, height }: Size, to: Size): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
}

describe('antialias: libvips', () => {
  it.each([
    [640, 480, 416, 312],
    [333, 500, 277, 416],
    [416, 416, 416, 416],
    [500, 375, 499, 375],
    [301, 40, 79, 39],
    [17, 300, 5, 100],
  ])('is the same to the bit where both sides shrink by less than 4: %i x %i -> %i x %i', async (w, h, W, H) => {
    const [source, target] = [
      { width: w, height: h },
      { width: W, height: H },
    ];
    const image = testImage(source);
    expect(difference(resize(antialiasResizer, image, source, target), await libvips(image, source, target))).toEqual({
      largest: 0,
      share: 0,
    });
  });

  it.each([
    [1000, 750, 100, 75],
    [2000, 1501, 416, 312],
    [1999, 90, 313, 80],
  ])('is within 2 of it where one shrinks by 4 and more: %i x %i -> %i x %i', async (w, h, W, H) => {
    const [source, target] = [
      { width: w, height: h },
      { width: W, height: H },
    ];
    const image = testImage(source);
    const { largest } = difference(
      resize(antialiasResizer, image, source, target),
      await libvips(image, source, target),
    );
    expect(largest).toBeLessThanOrEqual(2);
  });

  it.each([
    [20, 15, 52, 39],
    [50, 33, 41, 41],
  ])('enlarges as OpenCV does, centres on centres: %i x %i -> %i x %i', (w, h, W, H) => {
    const [source, target] = [
      { width: w, height: h },
      { width: W, height: H },
    ];
    const ramp = Uint8Array.from({ length: w * h * 3 }, (_, i) => ((Math.floor(i / 3) % w) * 255) / w);
    const ours = resize(antialiasResizer, ramp, source, target);
    expect(difference(ours, resize(opencvResizer, ramp, source, target)).largest).toBeLessThanOrEqual(3);
  });
});
