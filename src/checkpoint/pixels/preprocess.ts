/**
 * From 8-bit pixels to a network's input: resize, channel order, mean and std, layout, row by row without a copy of
 * the resized image.
 *
 * The shared detectors' reference detections were made with an antialiased bilinear resize, and large photographs need
 * one; training code of YOLOX and NanoDet uses OpenCV's, which moves scores by about 0.01 (docs/checkpoints.md has
 * the figures). So antialiased is the default and `opencv` a contract's choice.
 *
 * Measured letterboxing into 416 x 416 (ms, best on two shared cores): 640 x 480 4.5, opencv 3.3; 1920 x 1080 26;
 * 4032 x 3024 70.
 */
import type { RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { PreprocessChanges } from '../files/contract.js';
import { keepLast } from './keep-last.js';
import { antialiasResizer } from './resize-antialias.js';
import { opencvResizer } from './resize-opencv.js';
import { pillowResizer } from './resize-pillow.js';
import { copyRows, type Resizer } from './resize-rows.js';

export type Triple = readonly [number, number, number];

export const INTERPOLATIONS = { antialias: antialiasResizer, opencv: opencvResizer, pillow: pillowResizer } as const;
export type Interpolation = keyof typeof INTERPOLATIONS;

/** What a family does to an image before its network. */
export interface PreprocessSpec {
  /**
   * `letterbox`: aspect ratio kept, image at the top left, the rest padded; `letterbox-centre`: padded on both sides.
   * `stretch`: both sides fill the input. `shorter-side`: aspect ratio kept, nothing padded; the input's size follows
   * the image, so the network must take any. `none`: the same, and it is not resized either; the graph does that.
   */
  readonly resize: NonNullable<PreprocessChanges['resize']>;
  /** `shorter-side`: px of the shorter side, and the most that the longer one may have. Absent: 800 and 1333. */
  readonly shorterSide?: number;
  readonly longerSide?: number;
  /** Absent: antialias. */
  readonly interpolation?: Interpolation;
  readonly channels: 'rgb' | 'bgr';
  /** input = (pixel - mean) / std, in the network's channel order, pixels 0..255. */
  readonly mean: Triple;
  readonly std: Triple;
  /** 8-bit value of the padding, before mean and std. */
  readonly pad: number;
}

/** A spec with the keys that a contract gives in place of the family's own. */
export function mergeSpec(spec: PreprocessSpec, changes: PreprocessChanges = {}): PreprocessSpec {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...spec, ...given };
}

/** The tensor that a network takes: float32 [1, 3, height, width] or [1, height, width, 3]. */
export interface InputForm {
  readonly width: number;
  readonly height: number;
  readonly layout: 'nchw' | 'nhwc';
}

/**
 * Where an image lies in the input: `widthPx` x `heightPx` px with the top left at (`left`, `top`).
 * Input px = image px * scale + offset, along each axis for itself, since rounding the size makes the two differ
 * slightly.
 */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scaleX: number;
  readonly scaleY: number;
  /** The whole input, padding included. */
  readonly inputWidth: number;
  readonly inputHeight: number;
}

/**
 * Places an image of `width` x `height` px.
 * A size letterboxed at the top left is truncated to whole px, a centred one rounded; at least 1. The left of an odd
 * padding is the smaller half.
 * Source: YOLOX `yolox/data/data_augment.py` `preproc` (top left); Hugging Face transformers
 * `image_transforms.get_resize_output_image_size` (shorter side). Centred: as the exports' references have it,
 * offset = round(padding / 2 - 0.1).
 * @throws MiningError 'image' for an empty image.
 */
export function placeImage(
  width: number,
  height: number,
  form: InputForm,
  spec: Pick<PreprocessSpec, 'resize' | 'shorterSide' | 'longerSide'>,
): Placement {
  if (!(width > 0 && height > 0))
    throw new MiningError('image', 'size', 'at least 1 x 1 px', said`${width} x ${height} px`);
  const inputWidth = form.width;
  const inputHeight = form.height;
  if (spec.resize === 'stretch') return placed(width, height, inputWidth, inputHeight, inputWidth, inputHeight, 0);
  if (spec.resize === 'none') return placed(width, height, width, height, width, height, 0);
  if (spec.resize === 'shorter-side') {
    const [wide, high] = shorterSideSize(width, height, spec.shorterSide ?? 800, spec.longerSide ?? 1333);
    return placed(width, height, wide, high, wide, high, 0);
  }
  const ratio = Math.min(inputWidth / width, inputHeight / height);
  const centred = spec.resize === 'letterbox-centre';
  // 23 * (416 / 23) is 415.99…: the longer side must fill the input.
  const whole = (size: number) => Math.max(1, centred ? Math.round(size * ratio) : Math.trunc(size * ratio + 1e-9));
  return placed(width, height, whole(width), whole(height), inputWidth, inputHeight, centred ? 0.5 : 0);
}

/** @param share of the padding that lies left of the image and above it. */
function placed(
  width: number,
  height: number,
  widthPx: number,
  heightPx: number,
  inputWidth: number,
  inputHeight: number,
  share: number,
): Placement {
  const before = (padding: number) => Math.max(0, Math.round(padding * share - 0.1));
  return {
    left: before(inputWidth - widthPx),
    top: before(inputHeight - heightPx),
    widthPx,
    heightPx,
    scaleX: widthPx / width,
    scaleY: heightPx / height,
    inputWidth,
    inputHeight,
  };
}

function shorterSideSize(width: number, height: number, shorter: number, limit: number): [number, number] {
  const [least, most] = [Math.min(width, height), Math.max(width, height)];
  const short = (most / least) * shorter > limit ? Math.max(1, Math.round((limit * least) / most)) : shorter;
  const long = Math.max(1, Math.trunc((short * most) / least));
  return width < height ? [short, long] : [long, short];
}

export interface Preprocessor {
  /** Where an image of this size will lie. */
  place(width: number, height: number): Placement;
  /**
   * Writes one image into an input, padding included.
   * @param out 3 * inputWidth * inputHeight values of its placement, all overwritten.
   * @throws MiningError 'image' when the pixels do not have the length that the size says.
   */
  write(image: RgbImage, out: Float32Array): Placement;
}

/** Makes a preprocessor. It holds no image; tables are kept while images have one size, as most of a data set do. */
export function makePreprocessor(spec: PreprocessSpec, form: InputForm): Preprocessor {
  const tables = lookupTables(spec);
  const plan = keepLast(
    MAX_PLANS,
    (width: number, height: number) => `${width} ${height}`,
    (width, height) => planOf(width, height, spec, form),
  );
  return {
    place: (width, height) => plan(width, height).place,
    write(image, out) {
      checkPixels(image);
      const { place, resizer, row } = plan(image.width, image.height);
      const target: Target = { ...place, layout: form.layout };
      fillPadding(out, target, tables, spec.pad);
      const writeRow = resizer(image);
      for (let j = 0; j < place.heightPx; j++) {
        writeRow(j, row);
        normaliseRow(row, j, tables, target, out);
      }
      return place;
    },
  };
}

/** Where rows go. */
type Target = Placement & Pick<InputForm, 'layout'>;

interface Plan {
  readonly place: Placement;
  readonly resizer: Resizer;
  readonly row: Uint8Array;
}

function planOf(width: number, height: number, spec: PreprocessSpec, form: InputForm): Plan {
  const place = placeImage(width, height, form, spec);
  const target = { width: place.widthPx, height: place.heightPx };
  const isSame = width === target.width && height === target.height;
  const resizer = isSame ? copyRows : INTERPOLATIONS[spec.interpolation ?? 'antialias']({ width, height }, target);
  return { place, resizer, row: new Uint8Array(place.widthPx * 3) };
}

/** A plan is up to some 100 KB. */
const MAX_PLANS = 16;

function checkPixels({ width, height, data }: RgbImage): void {
  if (data.length !== width * height * 3) {
    throw new MiningError('image', 'pixels', said`${width} x ${height} x 3 bytes`, said`${data.length} bytes`);
  }
}

interface LookupTables {
  /** Place in an RGB pixel of each of the network's channels. */
  readonly order: Triple;
  /** 256 input values for each of them. */
  readonly values: readonly [Float32Array, Float32Array, Float32Array];
}

function lookupTables(spec: PreprocessSpec): LookupTables {
  const table = (c: number) => Float32Array.from({ length: 256 }, (_, value) => (value - spec.mean[c]) / spec.std[c]);
  return { order: spec.channels === 'rgb' ? [0, 1, 2] : [2, 1, 0], values: [table(0), table(1), table(2)] };
}

/** All around the image. */
function fillPadding(out: Float32Array, target: Target, { values }: LookupTables, pad: number): void {
  const { inputWidth: width, inputHeight: height, widthPx, heightPx, left, top, layout } = target;
  if (widthPx === width && heightPx === height) return;
  for (let c = 0; c < 3; c++) {
    const value = values[c][pad];
    if (layout === 'nhwc') {
      for (let i = c; i < out.length; i += 3) out[i] = value;
      continue;
    }
    const plane = c * width * height;
    out.fill(value, plane, plane + top * width);
    for (let j = top; j < top + heightPx; j++) {
      const row = plane + j * width;
      out.fill(value, row, row + left);
      out.fill(value, row + left + widthPx, row + width);
    }
    out.fill(value, plane + (top + heightPx) * width, plane + height * width);
  }
}

function normaliseRow(
  row: Uint8Array,
  j: number,
  { order, values }: LookupTables,
  { inputWidth: width, inputHeight: height, left, top, layout }: Target,
  out: Float32Array,
): void {
  const [o0, o1, o2] = order;
  const [v0, v1, v2] = values;
  const step = layout === 'nchw' ? 1 : 3;
  const channelStep = layout === 'nchw' ? width * height : 1;
  for (let i = 0, at = ((top + j) * width + left) * step; i < row.length; i += 3, at += step) {
    out[at] = v0[row[i + o0]];
    out[at + channelStep] = v1[row[i + o1]];
    out[at + 2 * channelStep] = v2[row[i + o2]];
  }
}
