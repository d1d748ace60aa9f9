/**
 * Roboflow: `class_names.txt`, `inference_config.json` (how images are fed), the older `environment.json`.
 * Source: github.com/roboflow/inference (Apache-2.0), inference_models' weights packages.
 */
import * as v from 'valibot';
import type { PreprocessChanges } from '../files/contract.js';
import { jsonOf, type Neighbours, type Sidecar } from './sidecar.js';

/** A class that only keeps the place of the background. */
const BACKGROUND = 'background_class83422';

const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16384));
const inference = v.looseObject({
  network_input: v.looseObject({
    training_input_size: v.optional(v.nullable(v.looseObject({ height: side, width: side }))),
    color_mode: v.optional(v.nullable(v.string())),
    resize_mode: v.optional(v.nullable(v.string())),
    padding_value: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)))),
    scaling_factor: v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0)))),
    normalization: v.optional(v.nullable(v.tuple([numbers(), numbers()]))),
  }),
});
const environment = v.looseObject({ CLASS_LIST: v.optional(v.array(v.string())) });

function numbers() {
  return v.tuple([v.number(), v.number(), v.number()]);
}

const RESIZES: Readonly<Record<string, PreprocessChanges['resize']>> = {
  stretch: 'stretch',
  letterbox: 'letterbox-centre',
};

/** @returns null where none of the three files is there. */
export async function readRoboflow({ text }: Neighbours): Promise<Sidecar | null> {
  const lines = await text('class_names.txt');
  const config = v.safeParse(inference, jsonOf(await text('inference_config.json')));
  const older = v.safeParse(environment, jsonOf(await text('environment.json')));
  const names = lines === null ? (older.success ? older.output.CLASS_LIST : undefined) : linesOf(lines);
  if (names === undefined && !config.success) return null;
  const classes = names?.filter((name) => name !== BACKGROUND) ?? [];
  return {
    from: config.success ? 'inference_config.json' : lines === null ? 'environment.json' : 'class_names.txt',
    ...(classes.length === 0 ? {} : { classes }),
    ...(config.success ? fed(config.output) : {}),
  };
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function fed({ network_input: given }: v.InferOutput<typeof inference>): Pick<Sidecar, 'input' | 'preprocess'> {
  const resize = RESIZES[given.resize_mode ?? ''];
  const factor = given.scaling_factor ?? 1;
  const [mean, std] = given.normalization ?? [
    [0, 0, 0],
    [1, 1, 1],
  ];
  const inPixels = ([a = 0, b = 0, c = 0]: readonly number[]): [number, number, number] => [
    a * factor,
    b * factor,
    c * factor,
  ];
  const size = given.training_input_size;
  return {
    ...(size === null || size === undefined ? {} : { input: { width: size.width, height: size.height } }),
    preprocess: {
      channels: given.color_mode === 'bgr' ? 'bgr' : 'rgb',
      ...(resize === undefined ? {} : { resize }),
      ...(typeof given.padding_value === 'number' ? { pad: given.padding_value } : {}),
      ...(std.every((value) => value > 0) ? { mean: inPixels(mean), std: inPixels(std) } : {}),
    },
  };
}
