import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  makePreprocessor,
  placeImage,
  type InputForm,
  type PreprocessSpec,
} from '../../../../src/checkpoint/pixels/preprocess.js';
import { MiningError } from '../../../../src/core/mining-error.js';

const RAW: PreprocessSpec = { resize: 'stretch', channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1], pad: 114 };
const form = (width: number, height: number, layout: InputForm['layout'] = 'nhwc'): InputForm => ({
  width,
  height,
  layout,
});

/** An image whose pixel (x, y) has the channels (10 x, 10 y, 200). */
function rampImage(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [10 * (pixel % width), 10 * Math.floor(pixel / width), 200][i % 3];
  });
  return { width, height, data };
}

function preprocess(spec: PreprocessSpec, input: InputForm, image: ReturnType<typeof rampImage>): Float32Array {
  const out = new Float32Array(3 * input.width * input.height).fill(NaN);
  makePreprocessor(spec, input).write(image, out);
  return out;
}

describe('placeImage', () => {
  it.each([
    [640, 480, 416, 312],
    [480, 640, 312, 416],
    // 427 * 0.65 = 277.55: truncated as YOLOX does.
    [640, 427, 416, 277],
    [416, 416, 416, 416],
    [100, 50, 416, 208],
    // Never thinner than a pixel.
    [100_000, 10, 416, 1],
    // 23 * (416 / 23) is below 416 in floating point.
    [23, 23, 416, 416],
  ])('letterboxes %i x %i to %i x %i in 416 x 416', (width, height, widthPx, heightPx) => {
    const place = placeImage(width, height, form(416, 416), { resize: 'letterbox' });
    expect(place).toMatchObject({
      left: 0,
      top: 0,
      widthPx,
      heightPx,
      scaleX: widthPx / width,
      scaleY: heightPx / height,
    });
  });

  it('stretches to the whole input', () => {
    expect(placeImage(640, 480, form(320, 416), { resize: 'stretch' })).toMatchObject({
      widthPx: 320,
      heightPx: 416,
      scaleX: 0.5,
      scaleY: 416 / 480,
    });
  });

  it('undoes itself: the corners of the placed image are the corners of the image', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.constantFrom('letterbox' as const, 'letterbox-centre' as const, 'stretch' as const),
        (w, h, W, H, resize) => {
          const place = placeImage(w, h, form(W, H), { resize });
          expect(place.widthPx).toBeLessThanOrEqual(W);
          expect(place.heightPx).toBeLessThanOrEqual(H);
          expect(place.widthPx / place.scaleX).toBeCloseTo(w, 6);
          expect(place.heightPx / place.scaleY).toBeCloseTo(h, 6);
          expect(place.left + place.widthPx).toBeLessThanOrEqual(W);
          expect(place.top + place.heightPx).toBeLessThanOrEqual(H);
          if (resize !== 'stretch') expect(Math.max(place.widthPx - W, place.heightPx - H)).toBe(0);
        },
      ),
    );
  });

  it.each([
    // The image's size, the input's, and where it lies: an odd padding leaves its smaller half before the image.
    [640, 480, 640, { left: 0, top: 80, widthPx: 640, heightPx: 480 }],
    [640, 425, 640, { left: 0, top: 107, widthPx: 640, heightPx: 425 }],
    // 427 * 0.5 = 213.5 is rounded.
    [427, 640, 320, { left: 53, top: 0, widthPx: 214, heightPx: 320 }],
  ])('centres %i x %i in a square of %i', (width, height, side, expected) => {
    expect(placeImage(width, height, form(side, side), { resize: 'letterbox-centre' })).toMatchObject(expected);
  });

  it.each([
    [640, 480, { widthPx: 1066, heightPx: 800, inputWidth: 1066, inputHeight: 800 }],
    // The longer side would be 1600: 1333 * 500 / 1000 is rounded to 667 (666.5), of which twice is 1334.
    [1000, 500, { widthPx: 1334, heightPx: 667 }],
    [500, 1000, { widthPx: 667, heightPx: 1334 }],
  ])('brings the shorter side of %i x %i to 800, the longer to about 1333 at most', (width, height, expected) => {
    expect(placeImage(width, height, form(640, 640), { resize: 'shorter-side' })).toMatchObject(expected);
  });

  it('leaves the image as it is where the graph resizes', () => {
    const as = { widthPx: 7, heightPx: 5, inputWidth: 7, inputHeight: 5, left: 0, top: 0, scaleX: 1, scaleY: 1 };
    expect(placeImage(7, 5, form(640, 640), { resize: 'none' })).toEqual(as);
  });

  it('refuses an empty image', () => {
    expect(() => placeImage(0, 5, form(8, 8), { resize: 'letterbox' })).toThrow(MiningError);
    expect(() => placeImage(NaN, 5, form(8, 8), { resize: 'stretch' })).toThrow('at least 1 x 1 px');
  });
});

describe('makePreprocessor', () => {
  it('copies an image of the input size: RGB, interleaved', () => {
    expect([...preprocess(RAW, form(2, 2), rampImage(2, 2))]).toEqual([0, 0, 200, 10, 0, 200, 0, 10, 200, 10, 10, 200]);
  });

  it('pads all around a centred image', () => {
    const spec: PreprocessSpec = { ...RAW, resize: 'letterbox-centre', pad: 9 };
    const one = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect([...preprocess(spec, form(2, 4, 'nchw'), one)].slice(0, 8)).toEqual([9, 9, 1, 4, 9, 9, 9, 9]);
    const tall = { width: 1, height: 4, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4) };
    const plane = [1, 2, 3, 4].flatMap((value) => [9, value, 9, 9]);
    expect([...preprocess(spec, form(4, 4, 'nchw'), tall)].slice(0, 16)).toEqual(plane);
    expect([...preprocess(spec, form(4, 4), tall)].slice(0, 12)).toEqual([9, 9, 9, 1, 1, 1, 9, 9, 9, 9, 9, 9]);
  });

  it('lays planes out for nchw, in BGR order', () => {
    expect([...preprocess({ ...RAW, channels: 'bgr' }, form(2, 2, 'nchw'), rampImage(2, 2))]).toEqual([
      200, 200, 200, 200, 0, 0, 10, 10, 0, 10, 0, 10,
    ]);
  });

  it('takes mean and std in the order of the network', () => {
    const spec: PreprocessSpec = { ...RAW, channels: 'bgr', mean: [100, 1, 2], std: [50, 2, 4] };
    const [blue, green, red] = preprocess(spec, form(1, 1), { width: 1, height: 1, data: Uint8Array.of(10, 20, 30) });
    expect([blue, green, red]).toEqual([(30 - 100) / 50, (20 - 1) / 2, (10 - 2) / 4].map(Math.fround));
  });

  it.each(['nchw', 'nhwc'] as const)('pads right and below by the pad value after mean and std (%s)', (layout) => {
    const spec: PreprocessSpec = { ...RAW, resize: 'letterbox', mean: [14, 14, 14], std: [10, 10, 10] };
    const out = preprocess(spec, form(4, 3, layout), { width: 2, height: 1, data: new Uint8Array(6).fill(54) });
    const at = (x: number, y: number, c: number) => out[layout === 'nchw' ? c * 12 + y * 4 + x : (y * 4 + x) * 3 + c];
    for (const c of [0, 1, 2]) {
      expect([at(0, 0, c), at(3, 1, c)]).toEqual([4, 4]);
      expect([0, 1, 2, 3].map((x) => at(x, 2, c))).toEqual([10, 10, 10, 10]);
    }
  });

  it('overwrites all of its output, whatever the images before were like', () => {
    const preprocessor = makePreprocessor({ ...RAW, resize: 'letterbox' }, form(6, 6, 'nchw'));
    const used = new Float32Array(108);
    preprocessor.write({ width: 6, height: 6, data: new Uint8Array(108).fill(9) }, used);
    for (const image of [rampImage(6, 2), rampImage(2, 6), rampImage(3, 3), rampImage(6, 2)]) {
      const fresh = new Float32Array(108).fill(NaN);
      makePreprocessor({ ...RAW, resize: 'letterbox' }, form(6, 6, 'nchw')).write(image, fresh);
      preprocessor.write(image, used);
      expect(used).toEqual(fresh);
    }
  });

  it.each(['antialias', 'opencv'] as const)('keeps a plain image plain (%s)', (interpolation) => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, size, fc.constantFrom(0, 1, 127, 254, 255), (w, h, W, H, value) => {
        const image = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(value) };
        expect(new Set(preprocess({ ...RAW, interpolation }, form(W, H), image))).toEqual(new Set([value]));
      }),
      { numRuns: 60 },
    );
  });

  it('halves by antialias over 4 x 4 px and by opencv over 2 x 2 px', () => {
    const image = { width: 8, height: 8, data: new Uint8Array(192) };
    image.data.fill(255, (3 * 8 + 3) * 3, (3 * 8 + 4) * 3);
    // Triangle of reach 2: weights 3/8 and 1/8 along each axis; 2 px: a half along each.
    expect(preprocess(RAW, form(4, 4), image)[(1 * 4 + 1) * 3]).toBe(Math.round((255 * 3 * 3) / 64));
    expect(preprocess(RAW, form(4, 4), image)[(2 * 4 + 2) * 3]).toBe(Math.round(255 / 64));
    expect(preprocess({ ...RAW, interpolation: 'opencv' }, form(4, 4), image)[(1 * 4 + 1) * 3]).toBe(
      Math.round(255 / 4),
    );
    expect(preprocess({ ...RAW, interpolation: 'opencv' }, form(4, 4), image)[(2 * 4 + 2) * 3]).toBe(0);
  });

  it('refuses pixels of another length', () => {
    expect(() => preprocess(RAW, form(2, 2), { width: 2, height: 2, data: new Uint8Array(11) })).toThrow(
      'expected 2 x 2 x 3 bytes, received 11 bytes',
    );
  });
});
