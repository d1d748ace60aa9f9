/**
 * PaddleDetection: `infer_cfg.yml` beside the exported model.
 * Source: PaddleDetection deploy/python/{infer.py,preprocess.py} (Apache-2.0): Resize, NormalizeImage, label_list.
 */
import * as v from 'valibot';
import { parseYaml } from '../../files/parse-yaml.js';
import type { PreprocessChanges } from '../files/contract.js';
import type { Neighbours, Sidecar } from './sidecar.js';

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const three = v.tuple([v.number(), v.number(), v.number()]);
const config = v.looseObject({
  arch: v.string(),
  label_list: v.optional(v.array(v.string())),
  Preprocess: v.array(
    v.looseObject({
      type: v.string(),
      target_size: v.optional(v.array(side)),
      keep_ratio: v.optional(v.boolean()),
      is_scale: v.optional(v.boolean()),
      mean: v.optional(three),
      std: v.optional(three),
      norm_type: v.optional(v.nullable(v.string())),
    }),
  ),
});
type Step = v.InferOutput<typeof config>['Preprocess'][number];

/** Architectures whose exports have a family here. */
const FAMILIES: Readonly<Record<string, string>> = { YOLO: 'pp-yoloe', PPYOLOE: 'pp-yoloe' };

/** @returns null where there is none, or it is not PaddleDetection's. */
export async function readPaddle({ text }: Neighbours): Promise<Sidecar | null> {
  const yaml = await text('infer_cfg.yml');
  const found = v.safeParse(config, yaml === null ? undefined : yamlOf(yaml));
  if (!found.success) return null;
  const { arch, label_list: classes, Preprocess: steps } = found.output;
  const family = Object.hasOwn(FAMILIES, arch) ? FAMILIES[arch] : undefined;
  const [height, width] = steps.find(({ type }) => type === 'Resize')?.target_size ?? [];
  return {
    from: 'infer_cfg.yml',
    ...(family === undefined ? {} : { family }),
    ...(classes === undefined ? {} : { classes }),
    ...(height === undefined || width === undefined ? {} : { input: { width, height } }),
    preprocess: changesOf(steps),
  };
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text, 0);
  } catch {
    return undefined;
  }
}

function changesOf(steps: readonly Step[]): PreprocessChanges {
  const resize = steps.find(({ type }) => type === 'Resize');
  const scale = steps.find(({ type }) => type === 'NormalizeImage');
  const factor = scale?.is_scale === false ? 1 : 255;
  const plain = scale?.norm_type === 'none';
  const inPixels = ([a = 0, b = 0, c = 0]: readonly number[]): [number, number, number] => [
    a * factor,
    b * factor,
    c * factor,
  ];
  const mean = plain ? [0, 0, 0] : (scale?.mean ?? [0, 0, 0]);
  const std = plain ? [1, 1, 1] : (scale?.std ?? [1, 1, 1]);
  return {
    channels: 'rgb',
    interpolation: 'opencv',
    resize: resize?.keep_ratio === true ? 'letterbox' : 'stretch',
    ...(scale === undefined || std.some((value) => !(value > 0)) ? {} : { mean: inPixels(mean), std: inPixels(std) }),
  };
}
