/** From a loaded graph to a detector: find its input, run it once over a blank image, ask the families. */
import type { Graph, Tensor, TensorInfo } from '../core/graph.js';
import { MiningError, show } from '../core/mining-error.js';
import { checkNames, type ClassNames } from './files/class-names.js';
import type { GraphContract } from './files/contract.js';
import { GRAPH_DETECTORS } from './registry.js';
import type { Detector } from './detector.js';
import { describeOutput, type Decoder, type GraphFamily, type Outputs } from './families/family.js';
import { makePreprocessor, mergeSpec, type InputForm } from './pixels/preprocess.js';

/** A blank image's value: ordinary in raw pixels and in normalised ones. */
const BLANK = 0.5;
const BLANK_BYTE = 128;
const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/**
 * Binds a graph. Costs one forward, which also warms the backend up.
 * @param path the model file, named in errors.
 * @param contract checked by its family, which is then the only one that is tried.
 * @throws MiningError 'checkpoint' when no family fits (its outputs are listed) or names do not match the outputs.
 */
export async function bindDetector(
  graph: Graph,
  path: string,
  contract: GraphContract | null,
  names: ClassNames | null,
): Promise<Detector> {
  const families =
    contract === null ? GRAPH_DETECTORS : GRAPH_DETECTORS.filter((family) => family.id === contract.family);
  const input = imageInput(graph, path);
  checkScale(input, contract, path);
  const [likeliest] = families;
  if (likeliest === undefined) {
    const known = GRAPH_DETECTORS.map(({ id }) => id).join(', ');
    throw new MiningError('checkpoint', 'contract.family', known, show(contract?.family), { file: path });
  }
  const form = inputForm(input, contract, likeliest.defaultSizePx, path);
  const blank = new Float32Array(inputLength(form)).fill(takesBytes(input) ? BLANK_BYTE : BLANK);
  const outputs = await graph.run({ [input.name]: inputTensor(input, form, blank) });
  for (const family of families) {
    const decoder = family.match(outputs, form, { contract, numClasses: names?.names.length ?? null });
    if (decoder === null) continue;
    checkNames(names, decoder.numClasses, path);
    return detectorOf(graph, input, form, family, decoder, contract, names);
  }
  throw noFamily(outputs, form, families, path);
}

function imageInput(graph: Graph, path: string): TensorInfo {
  const [input] = graph.inputs;
  const shape = input?.shape;
  const fits = graph.inputs.length === 1 && shape?.length === 4 && (shape[1] === 3 || shape[3] === 3);
  if (input === undefined || !fits) {
    const received = graph.inputs
      .map((info) => `${info.name} ${info.type} [${info.shape?.join(',') ?? '…'}]`)
      .join('; ');
    throw new MiningError('checkpoint', 'inputs', 'one image, [1,3,H,W] or [1,H,W,3]', received || 'none', {
      file: path,
    });
  }
  return input;
}

/** Pixels as they are; TensorFlow.js has no bytes and takes integers for them. */
function takesBytes({ type }: TensorInfo): boolean {
  return type !== 'float32';
}

/** A network that takes bytes scales them inside. */
function checkScale(input: TensorInfo, contract: GraphContract | null, path: string): void {
  const { mean, std } = contract?.preprocess ?? {};
  if (!takesBytes(input) || (mean === undefined && std === undefined)) return;
  throw new MiningError(
    'checkpoint',
    'contract.preprocess',
    `neither mean nor std: input ${input.name} takes ${input.type}`,
    mean === undefined ? 'std' : 'mean',
    { file: path },
  );
}

function inputForm(input: TensorInfo, contract: GraphContract | null, defaultSizePx: number, path: string): InputForm {
  const shape = input.shape ?? [];
  const layout = shape[1] === 3 ? 'nchw' : 'nhwc';
  const [fixedHeight = -1, fixedWidth = -1] = layout === 'nchw' ? shape.slice(2) : shape.slice(1);
  const asked = contract?.input;
  const width = fixedWidth > 0 ? fixedWidth : (asked?.width ?? defaultSizePx);
  const height = fixedHeight > 0 ? fixedHeight : (asked?.height ?? defaultSizePx);
  if (asked !== undefined && (asked.width !== width || asked.height !== height)) {
    throw new MiningError(
      'checkpoint',
      'contract.input',
      `${width} x ${height} as the model has it`,
      `${asked.width} x ${asked.height}`,
      { file: path },
    );
  }
  return { width, height, layout };
}

function inputLength(form: InputForm): number {
  return 3 * form.width * form.height;
}

function inputTensor({ type }: TensorInfo, { width, height, layout }: InputForm, values: Float32Array): Tensor {
  const data = type === 'float32' ? values : type === 'uint8' ? Uint8Array.from(values) : Int32Array.from(values);
  return { shape: layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3], data };
}

function detectorOf(
  graph: Graph,
  input: TensorInfo,
  form: InputForm,
  family: GraphFamily,
  decoder: Decoder,
  contract: GraphContract | null,
  names: ClassNames | null,
): Detector {
  const spec = mergeSpec(family.preprocess, contract?.preprocess);
  const preprocessor = makePreprocessor(takesBytes(input) ? { ...spec, ...PLAIN } : spec, form);
  // One buffer for each call under way: an engine may still read the last one.
  const buffers: Float32Array[] = [];
  return {
    family: family.id,
    classes: names?.names ?? null,
    numClasses: decoder.numClasses,
    inputWidth: form.width,
    inputHeight: form.height,
    scoreForm: family.scoreForm,
    measureDefaults: family.measureDefaults,
    notes: [names === null ? 'classes are unnamed' : `classes from ${names.from}`, ...decoder.notes],
    async detect(image) {
      const data = buffers.pop() ?? new Float32Array(inputLength(form));
      const place = preprocessor.write(image, data);
      const outputs = await graph.run({ [input.name]: inputTensor(input, form, data) });
      buffers.push(data);
      return decoder.decode(outputs, place);
    },
    dispose: () => graph.dispose(),
  };
}

function noFamily(outputs: Outputs, form: InputForm, families: readonly GraphFamily[], path: string): MiningError {
  const expected = families.map((family) => `${family.id}: ${family.describe(form)}`).join('; or ');
  const received = Object.entries(outputs)
    .map(([name, tensor]) => `${name} ${describeOutput(tensor)}`)
    .join(', ');
  const todo =
    `Input ${form.width} x ${form.height} ${form.layout}. A file NAME.ohem.json beside the model can say what ` +
    'it is: docs/checkpoints.md';
  return new MiningError('checkpoint', 'outputs', expected, received || 'none', { file: path, todo });
}
