/**
 * Image classifiers: one output [N, K] of logits or of softmax probabilities, no background class.
 *
 * Nothing in a graph says how pixels are scaled. Keras and torch models take 0..1, so that is the default; the MNIST
 * network of CNTK (input `Input3` [1,1,28,28]), which most ONNX tutorials bring, takes 0..255.
 * Checked on ../shared/data/mnist-a: exactly the errors that its SOURCE.md counts.
 */
import type { ScoreForm } from '../core/detector-output.js';
import type { Graph, RgbImage, Tensor, TensorInfo } from '../core/graph.js';
import { MiningError } from '../core/mining-error.js';
import { checkNames, type ClassNames } from './class-names.js';
import type { ClassifierContract } from './contract.js';
import type { GraphFormat, LoadGraph } from './detector.js';
import { describeOutput, type Outputs } from './family.js';
import { makePreprocessor, mergeSpec, type InputForm, type PreprocessSpec } from './preprocess.js';

/** A classifier bound to its meaning. */
export interface Classifier {
  readonly family: 'classifier';
  /** K class names; null when nothing names them. */
  readonly classes: readonly string[] | null;
  readonly numClasses: number;
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** Softmax over K columns, none of them background. */
  readonly scoreForm: ScoreForm;
  /** What a person should know of the binding: how pixels are scaled, where names come from. */
  readonly notes: readonly string[];
  /**
   * Scores of N images, N * K row-major; zero images give none. NaN passes through.
   * @throws MiningError 'checkpoint' when the output does not have the shape that it had at binding.
   */
  classify(images: readonly RgbImage[]): Promise<Float32Array>;
  dispose(): void;
}

/** As `CheckpointFiles`, for a classifier. */
export interface ClassifierFiles {
  readonly path: string;
  readonly format: GraphFormat;
  readonly sha256: string;
  open(load: LoadGraph): Promise<Classifier>;
}

const UNIT: PreprocessSpec = { resize: 'stretch', channels: 'rgb', mean: [0, 0, 0], std: [255, 255, 255], pad: 0 };
const BYTES: PreprocessSpec = { ...UNIT, std: [1, 1, 1] };
/** ITU-R BT.601, as OpenCV and PIL make grey; a grey image keeps its values. */
const LUMA = [0.299, 0.587, 0.114];
const BLANK = 0.5;

interface ClassifierInput {
  readonly name: string;
  readonly form: InputForm;
  readonly numChannels: 1 | 3;
  /** Shape without the batch. */
  readonly shape: readonly number[];
  /** Images a call: the batch that the graph fixes; null: any. */
  readonly batch: number | null;
  readonly takesBytes: boolean;
}

/**
 * Binds a graph as a classifier. Costs one forward over a blank image.
 * @throws MiningError 'checkpoint' when input or output do not fit, or names do not match K.
 */
export async function bindClassifier(
  graph: Graph,
  path: string,
  contract: ClassifierContract | null,
  names: ClassNames | null,
): Promise<Classifier> {
  const input = classifierInput(graph.inputs, contract, path);
  const blank = new Float32Array(sizeOf(input) * (input.batch ?? 1)).fill(BLANK);
  const output = scoresOutput(await graph.run({ [input.name]: tensorOf(input, blank) }), path);
  const numClasses = output.tensor.shape[1];
  checkNames(names, numClasses, path);
  const isSoftmax = contract?.scores === undefined ? sumsToOne(output.tensor) : contract.scores === 'probabilities';
  const write = imageWriter(input, mergeSpec(input.takesBytes ? BYTES : UNIT, contract?.preprocess));
  return {
    family: 'classifier',
    classes: names?.names ?? null,
    numClasses,
    inputWidth: input.form.width,
    inputHeight: input.form.height,
    scoreForm: { activation: 'softmax', given: isSoftmax ? 'probabilities' : 'logits' },
    notes: notesOf(input, contract, names, isSoftmax),
    classify: (images) => classify(graph, input, output.name, numClasses, write, images),
    dispose: () => graph.dispose(),
  };
}

function notesOf(input: ClassifierInput, contract: ClassifierContract | null, names: ClassNames | null, isSoftmax: boolean): string[] {
  const scaled = contract?.preprocess?.std === undefined ? [`pixels are scaled to 0..${input.takesBytes ? 255 : 1}`] : [];
  return [names === null ? 'classes are unnamed' : `classes from ${names.from}`, ...scaled, ...(isSoftmax ? ['from probabilities'] : [])];
}

function classifierInput(inputs: readonly TensorInfo[], contract: ClassifierContract | null, path: string): ClassifierInput {
  const [info] = inputs;
  const shape = info?.shape ?? [];
  const layout = layoutOf(shape);
  if (inputs.length !== 1 || info.type !== 'float32' || layout === null) {
    const received = inputs.map(({ name, type, shape: dims }) => `${name} ${type} [${dims?.join(',') ?? '…'}]`).join('; ');
    throw new MiningError('checkpoint', 'inputs', 'one float32 [N,H,W], [N,H,W,C] or [N,C,H,W] of 1 or 3 channels', received || 'none', { file: path });
  }
  const { numChannels } = layout;
  const height = layout.height > 0 ? layout.height : contract?.input?.height;
  const width = layout.width > 0 ? layout.width : contract?.input?.width;
  if (height === undefined || width === undefined) {
    throw new MiningError('checkpoint', 'contract.input', 'a size, which the model leaves open', 'none', { file: path });
  }
  const perImage = shape.length === 3 ? [height, width] : layout.isNchw ? [numChannels, height, width] : [height, width, numChannels];
  return {
    name: info.name,
    form: { width, height, layout: layout.isNchw ? 'nchw' : 'nhwc' },
    numChannels,
    shape: perImage,
    batch: shape[0] > 0 ? shape[0] : null,
    takesBytes: info.name === 'Input3' && perImage.join() === '1,28,28',
  };
}

interface Layout {
  readonly isNchw: boolean;
  readonly numChannels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

function layoutOf(shape: readonly number[]): Layout | null {
  const isChannels = (dim: number): dim is 1 | 3 => dim === 1 || dim === 3;
  const [, a, b, c] = shape;
  if (shape.length === 3) return { isNchw: false, numChannels: 1, height: a, width: b };
  if (shape.length !== 4) return null;
  if (isChannels(c) && !isChannels(a)) return { isNchw: false, numChannels: c, height: a, width: b };
  return isChannels(a) ? { isNchw: true, numChannels: a, height: b, width: c } : null;
}

function sizeOf(input: ClassifierInput): number {
  return input.shape.reduce((a, b) => a * b, 1);
}

function tensorOf(input: ClassifierInput, data: Float32Array): Tensor {
  return { shape: [data.length / sizeOf(input), ...input.shape], data };
}

function scoresOutput(outputs: Outputs, path: string): { name: string; tensor: Tensor } {
  const fitting = Object.entries(outputs).filter(([, { shape, data }]) => shape.length === 2 && shape[1] > 1 && data instanceof Float32Array);
  if (fitting.length !== 1) {
    const received = Object.entries(outputs).map(([name, tensor]) => `${name} ${describeOutput(tensor)}`).join(', ');
    throw new MiningError('checkpoint', 'outputs', 'classifier: one float32 [N,K]', received || 'none', { file: path });
  }
  return { name: fitting[0][0], tensor: fitting[0][1] };
}

/** Rows of a softmax are not negative and sum to 1. */
function sumsToOne({ shape, data }: Tensor): boolean {
  const row = [...data.slice(0, shape[1])];
  return row.every((value) => value >= 0) && Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-3;
}

/** Writes an image at the start of `out`. */
type WriteImage = (image: RgbImage, out: Float32Array) => void;

function imageWriter({ form, numChannels }: ClassifierInput, spec: PreprocessSpec): WriteImage {
  if (numChannels === 3) {
    const preprocessor = makePreprocessor(spec, form);
    return (image, out) => void preprocessor.write(image, out);
  }
  const preprocessor = makePreprocessor({ ...BYTES, resize: spec.resize, pad: spec.pad, ...interpolationOf(spec) }, { ...form, layout: 'nhwc' });
  const colour = new Float32Array(form.width * form.height * 3);
  return (image, out) => {
    preprocessor.write(image, colour);
    for (let i = 0, at = 0; i < out.length; i++, at += 3) {
      const grey = Math.round(colour[at] * LUMA[0] + colour[at + 1] * LUMA[1] + colour[at + 2] * LUMA[2]);
      out[i] = (grey - spec.mean[0]) / spec.std[0];
    }
  };
}

function interpolationOf(spec: PreprocessSpec): Pick<PreprocessSpec, 'interpolation'> {
  return spec.interpolation === undefined ? {} : { interpolation: spec.interpolation };
}

/** Whole batches where the graph fixes their size, the last one filled up with zeros. */
async function classify(
  graph: Graph,
  input: ClassifierInput,
  output: string,
  numClasses: number,
  write: WriteImage,
  images: readonly RgbImage[],
): Promise<Float32Array> {
  const size = sizeOf(input);
  const batch = input.batch ?? images.length;
  const scores = new Float32Array(images.length * numClasses);
  for (let first = 0; first < images.length; first += batch) {
    const data = new Float32Array(batch * size);
    const some = images.slice(first, first + batch);
    some.forEach((image, i) => write(image, data.subarray(i * size, (i + 1) * size)));
    const { shape, data: rows } = (await graph.run({ [input.name]: tensorOf(input, data) }))[output];
    if (shape.join() !== `${batch},${numClasses}` || rows.length !== batch * numClasses) {
      throw new MiningError('checkpoint', `output ${output}`, `float32 [${batch},${numClasses}]`, describeOutput({ shape, data: rows }));
    }
    scores.set(rows.subarray(0, some.length * numClasses), first * numClasses);
  }
  return scores;
}
