/**
 * Image classifiers: one output [N, K] or [K] of logits or of softmax probabilities, no background class.
 *
 * A graph does not say how pixels are scaled nor whether its output went through a softmax. Both are learnt from some
 * labelled images of the data set (`settle`), unless a contract says: see classifier-scaling.ts.
 */
import * as v from 'valibot';
import type { ScoreForm } from '../../core/losses/detector-output.js';
import type { ClassMap } from '../../core/class-names.js';
import type { FeatureSource } from '../detector.js';
import { unnamedFeatures, wholeFeatures } from '../families/features.js';
import { firstOfBatch } from '../image-input.js';
import type { Graph, RgbImage, Tensor } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { checkNames, type ClassNames } from '../sidecars/class-names.js';
import { classifierInput, numValues, tensorOf, type ClassifierInput } from './classifier-input.js';
import { BYTE_SCALE, chooseScaling, cropped, COLOUR_SCALINGS, GREY_SCALINGS } from './classifier-scaling.js';
import type { Scaling, ScalingChoice } from './classifier-scaling.js';
import { graphContract, optionalKey, type GraphContract } from '../files/contract.js';
import { describeOutput, type FamilyFacts, type Outputs } from '../families/family.js';
import { makePreprocessor, mergeSpec, type PreprocessSpec } from '../pixels/preprocess.js';

interface ClassifierFacts {
  readonly family: 'classifier';
  /** K class names; null when nothing names them. */
  readonly classes: readonly string[] | null;
  readonly numClasses: number;
  /** What its contract says of data sets' names. */
  readonly classMap?: ClassMap;
  readonly inputWidth: number;
  readonly inputHeight: number;
  dispose(): void;
}

/** A classifier whose input and output are found, but perhaps not how pixels are scaled. */
export interface BoundClassifier extends ClassifierFacts {
  /**
   * Learns from images what the file does not say: the scale of pixels, softmax or logits, whether a batch works.
   * @param images some of the data set, at best of all classes; none: pixels are taken as 0..1, the output as logits.
   * @param labels one an image, [0, K); others are left out.
   * @throws MiningError 'checkpoint' when the output does not have the shape that it had at binding.
   * Cost: one forward an image for each scale that is tried, at most seven.
   */
  settle(images: readonly RgbImage[], labels: Int32Array): Promise<Classifier>;
}

/** A classifier ready to look at images. */
export interface Classifier extends ClassifierFacts {
  /** Softmax over K columns, none of them background. */
  readonly scoreForm: ScoreForm;
  /** Images that are best given at once. */
  readonly batchSize: number;
  /** What a person should know of the binding: how pixels are scaled, where names come from. */
  readonly notes: readonly string[];
  /**
   * Scores of N images, N * K row-major; zero images give none. NaN passes through.
   * @throws MiningError 'checkpoint' when the output does not have the shape that it had at binding.
   */
  classify(images: readonly RgbImage[]): Promise<Float32Array>;
  /**
   * Its own features, which the caller disposes before it.
   * @throws MiningError 'checkpoint' where nothing names them.
   * Cost: opens the graph again.
   */
  features(): Promise<FeatureSource>;
}

const contractSchema = graphContract('classifier', {
  scores: optionalKey(
    'Whether the output has been through a softmax; without it its last operation or its values tell.',
    v.picklist(['logits', 'probabilities']),
  ),
  crop: optionalKey(
    'Part of the shorter side that is kept in the middle, as a square; torchvision: 0.875. Without it: stretched.',
    v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  ),
});
export type ClassifierContract = v.InferOutput<typeof contractSchema>;

export const classifier = {
  kind: 'classifier',
  id: 'classifier',
  title: 'image classifiers',
  docs: {
    recognisedBy: 'one output [N, K]',
    input: 'float32 [N,H,W], [N,H,W,C] or [N,C,H,W], C 1 or 3',
    ranked: 'every image',
  },
  contract: contractSchema,
} as const satisfies FamilyFacts & { readonly kind: 'classifier' };

/** Pixels as they are: a scale is applied behind it. */
const BYTES: PreprocessSpec = { resize: 'stretch', channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1], pad: 0 };
/** ITU-R BT.601, as OpenCV and PIL make grey; a grey image keeps its values. */
const LUMA = [0.299, 0.587, 0.114];
const BLANK = 0.5;
/** Images a call where the graph leaves the batch open: more bring little, and memory is finite. */
const MAX_BATCH = 32;
/** Images through a batch may differ by so much from the same images alone. */
const BATCH_TOLERANCE = 1e-3;

/** What is known of a classifier beside its graph. */
export interface ClassifierKnowledge {
  readonly contract: GraphContract | null;
  readonly names: ClassNames | null;
  /** Opens the graph again, with inner tensors as its outputs. */
  reload(outputs: readonly string[]): Promise<Graph>;
}

/**
 * Binds a graph as a classifier. Costs one forward over a blank image.
 * @throws MiningError 'checkpoint' when input or output do not fit, or names do not match K.
 */
export async function bindClassifier(
  graph: Graph,
  path: string,
  { contract: given, names, reload }: ClassifierKnowledge,
): Promise<BoundClassifier> {
  const contract = given === null ? null : v.parse(contractSchema, given);
  const input = classifierInput(graph.inputs, contract, path);
  const blank = new Float32Array(numValues(input) * (input.batch ?? 1)).fill(BLANK);
  const output = scoresOutput(await graph.run({ [input.name]: tensorOf(input, blank) }), input.batch ?? 1, path);
  checkNames(names, output.numClasses, path);
  const facts: ClassifierFacts = {
    family: 'classifier',
    classes: names?.names ?? null,
    numClasses: output.numClasses,
    classMap: contract?.classMap ?? {},
    inputWidth: input.form.width,
    inputHeight: input.form.height,
    dispose: () => graph.dispose(),
  };
  const bytes = mergeSpec(BYTES, { ...contract?.preprocess, mean: undefined, std: undefined });
  const bound: Bound = {
    graph,
    input,
    output,
    writers: {
      rgb: imageWriter(input, mergeSpec(bytes, { channels: 'rgb' })),
      bgr: imageWriter(input, mergeSpec(bytes, { channels: 'bgr' })),
    },
  };
  const from = names === null ? 'classes are unnamed' : `classes from ${names.from}`;
  return {
    ...facts,
    async settle(images, labels) {
      const batch = await settleBatch(bound, images);
      const run = (scaling: Scaling) => (given: readonly RgbImage[]) => classify(bound, scaling, batch.size, given);
      const scores = contract?.scores ?? (endsInSoftmax(graph, output.name) ? 'probabilities' : null);
      const trial = { images, labels, numClasses: output.numClasses, scores };
      const whole = await chooseScaling(candidatesFor(input, contract), trial, run);
      const mayCrop = contract === null && input.numChannels === 3 && whole.isTried;
      const both = [whole.scaling, cropped(whole.scaling)];
      const chosen = mayCrop ? await chooseScaling({ candidates: both, documented: null }, trial, run) : whole;
      const { scaling, given } = chosen;
      const figures = new Set([...whole.figures, ...chosen.figures]);
      return {
        ...facts,
        scoreForm: { activation: 'softmax', given },
        batchSize: batch.size,
        notes: [from, ...figures, ...whole.notes, ...batch.notes],
        classify: run(scaling),
        async features() {
          const name = contract?.features;
          if (name === undefined) throw unnamedFeatures(path, graph.nodes ?? [], [output.name]);
          return featureSource({ ...bound, graph: await reload([name]) }, name, scaling);
        },
      };
    },
  };
}

/** They leave values what they are, but for rounding. */
const PASSING = new Set(['DequantizeLinear', 'QuantizeLinear', 'Reshape', 'Flatten', 'Squeeze', 'Identity', 'Cast']);

/** Is a softmax the last thing that is done to an output? Quantised ones do not sum to 1. */
function endsInSoftmax({ nodes = [] }: Graph, output: string): boolean {
  let name = output;
  for (const { op, inputs, outputs } of nodes.toReversed()) {
    if (!outputs.includes(name)) continue;
    if (!PASSING.has(op)) return op === 'Softmax';
    name = inputs[0] ?? '';
  }
  return false;
}

interface Bound {
  readonly graph: Graph;
  readonly input: ClassifierInput;
  readonly output: ScoresOutput;
  readonly writers: Readonly<Record<'rgb' | 'bgr', WriteImage>>;
}

/** A contract's scale; integers as they are; what is known of a network; else every usual scale. */
function candidatesFor(
  { name, numChannels, shape, type }: ClassifierInput,
  contract: ClassifierContract | null,
): ScalingChoice {
  const { mean, std, channels } = contract?.preprocess ?? {};
  const said = {
    ...(channels === undefined ? {} : { isBgr: channels === 'bgr' }),
    ...(contract?.crop === undefined ? {} : { crop: contract.crop }),
  };
  if (mean !== undefined || std !== undefined) {
    return {
      candidates: [{ name: '', mean: mean ?? [0, 0, 0], std: std ?? [255, 255, 255], ...said }],
      documented: null,
    };
  }
  if (type !== 'float32') return { candidates: [{ ...BYTE_SCALE, ...said }], documented: null };
  // Of CNTK's tutorial 103D. microsoft/Windows-Machine-Learning feeds it 0..255, the ONNX model zoo's page says 0..1.
  const isCntkMnist = name === 'Input3' && shape.join() === '1,28,28';
  const withSaid = contract === null ? COLOUR_SCALINGS : COLOUR_SCALINGS.map((scaling) => ({ ...scaling, ...said }));
  return {
    candidates: numChannels === 1 ? GREY_SCALINGS : withSaid,
    documented: isCntkMnist ? BYTE_SCALE : null,
  };
}

/** An open batch dimension is no promise: some graphs reshape to one image. */
async function settleBatch(
  bound: Bound,
  images: readonly RgbImage[],
): Promise<{ readonly size: number; readonly notes: readonly string[] }> {
  if (bound.input.batch !== null) return { size: bound.input.batch, notes: [] };
  const pair = images.slice(0, 2);
  const alone = await classify(bound, BYTE_SCALE, 1, pair);
  const together = await classify(bound, BYTE_SCALE, 2, pair).catch(() => null);
  const agrees =
    together?.every(
      (score, i) =>
        score === alone[i] || !(Math.abs(score - alone[i]) > BATCH_TOLERANCE * Math.max(1, Math.abs(alone[i]))),
    ) ?? false;
  return agrees
    ? { size: MAX_BATCH, notes: [] }
    : { size: 1, notes: ['the graph takes one image at a time, though its batch is open'] };
}

interface ScoresOutput {
  readonly name: string;
  readonly numClasses: number;
}

/** The only float output that has a batch of rows, sizes of 1 aside: [N, K], [N, K, 1, 1], for one image also [K]. */
function scoresOutput(outputs: Outputs, batch: number, path: string): ScoresOutput {
  const fitting = Object.entries(outputs).flatMap(([name, tensor]) => {
    const numClasses = columnsOf(tensor, batch);
    return numClasses > 1 && tensor.data instanceof Float32Array ? [{ name, numClasses }] : [];
  });
  if (fitting.length === 1) return fitting[0];
  const received = Object.entries(outputs)
    .map(([name, tensor]) => `${name} ${describeOutput(tensor)}`)
    .join(', ');
  throw new MiningError(
    'checkpoint',
    'outputs',
    'classifier: one float32 [N,K] or [K], K at least 2',
    received || 'none',
    { file: path },
  );
}

/** K of an output; 0 where it is no batch of rows. */
function columnsOf({ shape }: Tensor, batch: number): number {
  const rest = shape[0] === batch && shape.length > 1 ? shape.slice(1) : batch === 1 ? shape : [];
  const sizes = rest.filter((size) => size !== 1);
  return sizes.length === 1 ? sizes[0] : 0;
}

/** Writes an image at the start of `out`. */
type WriteImage = (image: RgbImage, out: Float32Array) => void;

/** Pixels 0..255 in the input's layout. */
function imageWriter({ form, numChannels }: ClassifierInput, spec: PreprocessSpec): WriteImage {
  if (numChannels === 3) {
    const preprocessor = makePreprocessor(spec, form);
    return (image, out) => void preprocessor.write(image, out);
  }
  const preprocessor = makePreprocessor({ ...spec, channels: 'rgb' }, { ...form, layout: 'nhwc' });
  const colour = new Float32Array(form.width * form.height * 3);
  return (image, out) => {
    preprocessor.write(image, colour);
    for (let i = 0, at = 0; i < out.length; i++, at += 3) {
      out[i] = Math.round(colour[at] * LUMA[0] + colour[at + 1] * LUMA[1] + colour[at + 2] * LUMA[2]);
    }
  };
}

/** The square in the middle, of a part of the shorter side. */
function middleOf({ width, height, data }: RgbImage, part: number): RgbImage {
  const side = Math.max(1, Math.round(Math.min(width, height) * part));
  const [left, top] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
  const square = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    const from = ((top + row) * width + left) * 3;
    square.set(data.subarray(from, from + side * 3), row * side * 3);
  }
  return { width: side, height: side, data: square };
}

/** Pixels 0..255 to what the network takes, in place. */
function scalePixels(pixels: Float32Array, { form, numChannels }: ClassifierInput, { mean, std }: Scaling): void {
  const plane = form.width * form.height;
  for (let i = 0; i < pixels.length; i++) {
    const channel = form.layout === 'nchw' ? Math.floor(i / plane) % numChannels : i % numChannels;
    pixels[i] = (pixels[i] - mean[channel]) / std[channel];
  }
}

/** One image after the other. @param bound its graph's only output holds the features. */
function featureSource(bound: Bound, name: string, scaling: Scaling): FeatureSource {
  const { graph, input } = bound;
  return {
    name,
    async at(image, { x1 }) {
      const outputs = await graph.run(feedOf(bound, scaling, [image]));
      const vector = wholeFeatures(firstOfBatch(outputs, input.batch)[name], name, input.form);
      const data = new Float32Array(x1.length * vector.length);
      for (let row = 0; row < x1.length; row++) data.set(vector, row * vector.length);
      return { size: vector.length, data };
    },
    dispose: () => graph.dispose(),
  };
}

/** A batch as the graph takes it. */
function feedOf({ input, writers }: Bound, scaling: Scaling, images: readonly RgbImage[]): Record<string, Tensor> {
  const pixels = numValues(input);
  const { crop, isBgr } = scaling;
  const write = writers[isBgr === true ? 'bgr' : 'rgb'];
  const data = new Float32Array((input.batch ?? images.length) * pixels);
  images.forEach((image, i) => {
    const own = data.subarray(i * pixels, (i + 1) * pixels);
    write(crop === undefined ? image : middleOf(image, crop), own);
    scalePixels(own, input, scaling);
  });
  return { [input.name]: tensorOf(input, data) };
}

/** Batches of `size`; the last one is filled up with zeros where the graph fixes its batch. */
async function classify(
  bound: Bound,
  scaling: Scaling,
  size: number,
  images: readonly RgbImage[],
): Promise<Float32Array> {
  const { graph, input, output } = bound;
  const { name, numClasses } = output;
  const scores = new Float32Array(images.length * numClasses);
  for (let first = 0; first < images.length; first += size) {
    const some = images.slice(first, first + size);
    const batch = input.batch ?? some.length;
    const { shape, data: rows } = (await graph.run(feedOf(bound, scaling, some)))[name];
    if (columnsOf({ shape, data: rows }, batch) !== numClasses || rows.length !== batch * numClasses) {
      throw new MiningError(
        'checkpoint',
        said`output ${name}`,
        `float32 [${batch},${numClasses}]`,
        describeOutput({ shape, data: rows }),
      );
    }
    scores.set(rows.subarray(0, some.length * numClasses), first * numClasses);
  }
  return scores;
}
