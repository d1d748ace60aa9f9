/**
 * Hugging Face: `config.json` (architecture, classes) and `preprocessor_config.json` (size, scale).
 * Source: huggingface.co/docs/transformers, and the processors of its DETR and RT-DETR (Apache-2.0):
 * pixel values = (pixels * rescale_factor - image_mean) / image_std.
 */
import { said } from '../../core/said.js';
import * as v from 'valibot';
import type { PreprocessChanges } from '../files/contract.js';
import { jsonOf, namesByIndex, type Neighbours, type Sidecar } from './sidecar.js';

type Triple = [number, number, number];

const IMAGENET_MEAN: Triple = [0.485, 0.456, 0.406];
const IMAGENET_STD: Triple = [0.229, 0.224, 0.225];

/** The family of a `model_type`, and whether its processor normalises by ImageNet's mean and std. */
const MODEL_TYPES: Readonly<Record<string, { readonly family: string; readonly normalises: boolean }>> = {
  detr: { family: 'detr', normalises: true },
  yolos: { family: 'detr', normalises: true },
  'table-transformer': { family: 'detr', normalises: true },
  conditional_detr: { family: 'rt-detr', normalises: true },
  deformable_detr: { family: 'rt-detr', normalises: true },
  rt_detr: { family: 'rt-detr', normalises: false },
  rt_detr_v2: { family: 'rt-detr', normalises: false },
  d_fine: { family: 'rt-detr', normalises: false },
};

const config = v.looseObject({
  model_type: v.string(),
  id2label: v.optional(v.record(v.string(), v.string())),
});

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const three = v.tuple([v.number(), v.number(), v.number()]);
const processor = v.looseObject({
  do_rescale: v.optional(v.nullable(v.boolean())),
  rescale_factor: v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0)))),
  do_normalize: v.optional(v.nullable(v.boolean())),
  image_mean: v.optional(v.nullable(three)),
  image_std: v.optional(v.nullable(three)),
  size: v.optional(
    v.union([
      v.looseObject({ height: side, width: side }),
      v.looseObject({ shortest_edge: side, longest_edge: v.optional(v.nullable(side)) }),
      side,
    ]),
  ),
  max_size: v.optional(v.nullable(side)),
});
type Processor = v.InferOutput<typeof processor>;

/** @returns null where there is no `config.json` with a `model_type`. */
export async function readHuggingFace({ text }: Neighbours): Promise<Sidecar | null> {
  const found = v.safeParse(config, jsonOf(await text('config.json')));
  if (!found.success) return null;
  const { model_type: modelType, id2label } = found.output;
  const known = Object.hasOwn(MODEL_TYPES, modelType) ? MODEL_TYPES[modelType] : undefined;
  const classes = id2label === undefined ? undefined : namesByIndex(Object.entries(id2label));
  const given = v.safeParse(processor, jsonOf(await text('preprocessor_config.json')));
  const changes = given.success ? changesOf(given.output) : known === undefined ? {} : usual(known.normalises);
  return {
    from: given.success ? 'config.json and preprocessor_config.json' : 'config.json',
    ...(known === undefined ? {} : { family: known.family }),
    architecture: modelType,
    ...(classes === undefined ? {} : { classes }),
    ...(given.success ? inputOf(given.output) : {}),
    preprocess: { channels: 'rgb', ...changes },
    ...(given.success
      ? {}
      : { notes: [said`no preprocessor_config.json beside config.json: the usual scale is taken`] }),
  };
}

function usual(normalises: boolean): PreprocessChanges {
  return normalises ? scaled(1 / 255, IMAGENET_MEAN, IMAGENET_STD) : scaled(1 / 255, [0, 0, 0], [1, 1, 1]);
}

function scaled(factor: number, mean: Triple, std: Triple): PreprocessChanges {
  const inPixels = ([a, b, c]: Triple): Triple => [a / factor, b / factor, c / factor];
  return { mean: inPixels(mean), std: inPixels(std) };
}

function changesOf(given: Processor): PreprocessChanges {
  const factor = given.do_rescale === false ? 1 : (given.rescale_factor ?? 1 / 255);
  const normalises = given.do_normalize !== false;
  const mean = normalises ? (given.image_mean ?? IMAGENET_MEAN) : ([0, 0, 0] satisfies Triple);
  const std = normalises ? (given.image_std ?? IMAGENET_STD) : ([1, 1, 1] satisfies Triple);
  if (std.some((value) => !(value > 0))) return {};
  return { ...scaled(factor, mean, std), ...resizeOf(given) };
}

function resizeOf({ size, max_size: maxSize }: Processor): PreprocessChanges {
  if (size === undefined) return {};
  if (typeof size === 'number') return { resize: 'shorter-side', shorterSide: size, longerSide: maxSize ?? 1333 };
  if (!('shortest_edge' in size)) return { resize: 'stretch' };
  return {
    resize: 'shorter-side',
    shorterSide: Number(size.shortest_edge),
    longerSide: Number(size.longest_edge ?? maxSize ?? 1333),
  };
}

function inputOf({ size }: Processor): Pick<Sidecar, 'input'> {
  return typeof size === 'object' && 'height' in size
    ? { input: { width: Number(size.width), height: Number(size.height) } }
    : {};
}
