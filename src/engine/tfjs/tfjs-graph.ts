/** TensorFlow.js models as graphs, on whichever of its backends is registered. */
import type * as core from '@tensorflow/tfjs-core';
import type * as converter from '@tensorflow/tfjs-converter';
import type * as layers from '@tensorflow/tfjs-layers';
import { MiningError } from '../../core/mining-error.js';
import { inWords, said } from '../../core/said.js';
import type { Graph, GraphNode, Tensor, TensorInfo, TensorType } from '../../core/graph.js';
import type { Engine } from '../engine.js';
import { reasonOf } from '../failure.js';
import { checkFeeds, type Feeds } from '../feeds.js';
import { readTfjsModel } from './tfjs-files.js';

export const TFJS_FORMATS = ['tfjs-graph', 'tfjs-layers'];

/** The packages, imported by a backend's `start`. */
export interface Tfjs {
  readonly core: typeof core;
  readonly converter: typeof converter;
  readonly layers: typeof layers;
}

/** Imports the packages that every backend of TensorFlow.js needs. @throws Error when one is missing. */
export async function importTfjs(): Promise<Tfjs> {
  const [core, converter, layers] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-converter'),
    import('@tensorflow/tfjs-layers'),
  ]);
  // Its advice to install tfjs-node stays out of the logs.
  core.enableProdMode();
  return { core, converter, layers };
}

/** Errors of a device that reports them beside the results, so far. */
export interface Faults {
  readonly count: number;
  readonly last: string;
  /** The device is gone for good. */
  readonly lost: boolean;
}
const NO_FAULTS: Faults = { count: 0, last: '', lost: false };

/**
 * An engine on a registered backend of TensorFlow.js.
 * @param name the backend's name in TensorFlow.js: `wasm`, `cpu`.
 * @param faults a forward during which it counts on is refused.
 * @throws Error when that backend does not start or convolves wrongly.
 */
export async function tfjsEngine(
  tfjs: Tfjs,
  name: string,
  id: string,
  device: string,
  faults = NO_FAULTS,
): Promise<Engine> {
  await activate(tfjs, name);
  await smokeTest(tfjs.core);
  return {
    facts: { id, version: tfjs.core.version_core, device },
    async loadGraph(path, format, outputs = []) {
      if (format === 'tfjs-layers' && outputs.length > 0) throw noInnerTensors(format, outputs, path);
      await activate(tfjs, name);
      const artifacts = await readTfjsModel(path);
      return loadModel(tfjs, artifacts, format, path, outputs, () => activate(tfjs, name), faults);
    },
    dispose: async () => undefined,
  };
}

/** The backend is global to the package: another engine of this process may have changed it. */
async function activate({ core }: Tfjs, name: string): Promise<void> {
  if (core.getBackend() === name) return;
  if (!(await core.setBackend(name))) throw new Error(`TensorFlow.js could not start its backend ${name}`);
}

async function smokeTest(tf: typeof core): Promise<void> {
  const sum = tf.tidy(() =>
    tf.conv2d(tf.ones<core.Rank.R4>([1, 2, 2, 1]), tf.ones<core.Rank.R4>([2, 2, 1, 1]), 1, 'valid'),
  );
  const [value] = await sum.data();
  sum.dispose();
  if (value !== 4) throw new Error(`a convolution of ones gave ${value}, not 4`);
}

/** Formats whose inner tensors cannot be had. */
export function noInnerTensors(format: string, outputs: readonly string[], path: string): MiningError {
  const todo =
    'Inner tensors can be had of .onnx, .tflite and of TensorFlow.js graph models: convert it to one of them';
  return new MiningError('checkpoint', 'outputs', said`the outputs of a ${format} model`, outputs.join(', '), {
    file: path,
    todo,
  });
}

interface Model {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Gives the outputs in the order of `outputs`. */
  execute(tensors: Record<string, core.Tensor>): Promise<core.Tensor[]>;
  dispose(): void;
}

async function loadModel(
  tfjs: Tfjs,
  artifacts: core.io.ModelArtifacts,
  format: string,
  path: string,
  outputs: readonly string[],
  ready: () => Promise<void>,
  faults: Faults,
): Promise<Graph> {
  const open = format === 'tfjs-layers' ? openLayersModel : openGraphModel;
  const model = await open(tfjs, artifacts, outputs).catch((error: unknown) => {
    throw new MiningError('checkpoint', 'file', said`a ${format} model that TensorFlow.js opens`, reasonOf(error), {
      file: path,
    });
  });
  return {
    inputs: model.inputs,
    outputs: model.outputs,
    metadata: metadataOf(artifacts),
    nodes: nodesOf(artifacts),
    async run(feeds) {
      checkFeeds(model.inputs, feeds, path);
      const before = faults.count;
      await ready();
      const sound = () => {
        if (faults.lost || faults.count > before) throw new Error(faults.last);
      };
      return execute(tfjs.core, model, feeds, sound).catch((error: unknown) => {
        throw new MiningError('engine', 'run', 'a forward pass', reasonOf(error), { file: path });
      });
    },
    dispose: model.dispose,
  };
}

async function execute(
  tf: typeof core,
  model: Model,
  feeds: Feeds,
  sound: () => void,
): Promise<Record<string, Tensor>> {
  const tensors = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(tf, feed)]));
  let results: core.Tensor[] = [];
  try {
    results = await model.execute(tensors);
    const data = await Promise.all(results.map((result) => result.data()));
    sound();
    return Object.fromEntries(
      model.outputs.flatMap(({ name }, i) => {
        const [result, values] = [results[i], data[i]];
        return result && values ? [[name, { shape: [...result.shape], data: values }]] : [];
      }),
    );
  } finally {
    tf.dispose([tensors, results]);
  }
}

function toTensor(tf: typeof core, feed: Tensor): core.Tensor {
  return tf.tensor(feed.data, [...feed.shape], feed.data instanceof Float32Array ? 'float32' : 'int32');
}

async function openLayersModel({ layers }: Tfjs, artifacts: core.io.ModelArtifacts): Promise<Model> {
  const model = await layers.loadLayersModel({ load: async () => artifacts });
  // A sequential model has no lists of names before its first call; its layers have them.
  const inputs = model.inputs.map((tensor, i) =>
    infoOf(model.inputNames[i] ?? tensor.sourceLayer.name, tensor.dtype, tensor.shape),
  );
  const outputs = model.outputs.map((tensor, i) =>
    infoOf(model.outputNames[i] ?? tensor.sourceLayer.name, tensor.dtype, tensor.shape),
  );
  return {
    inputs,
    outputs,
    execute: async (tensors) => [model.predict(inputs.flatMap(({ name }) => tensors[name] ?? []))].flat(),
    dispose: () => void model.dispose(),
  };
}

/**
 * Inputs and outputs carry the names of the model's signature, which its author chose; node names where it has none.
 */
async function openGraphModel(
  { converter }: Tfjs,
  artifacts: core.io.ModelArtifacts,
  wanted: readonly string[],
): Promise<Model> {
  const model = await converter.loadGraphModel({ load: async () => artifacts });
  const inputs = signatureEntries(artifacts, 'inputs') ?? model.inputs.map(entryOf);
  const own = () => signatureEntries(artifacts, 'outputs') ?? model.outputs.map(entryOf);
  const outputs = wanted.length > 0 ? wanted.map((name) => entryOf({ name })) : own();
  const nodes = outputs.map((output) => output.node);
  let dynamic = false;
  const run = async (tensors: Record<string, core.Tensor>) => {
    const byNode = Object.fromEntries(
      inputs.flatMap(({ node, info }) => {
        const tensor = tensors[info.name];
        return tensor ? [[node, tensor] as const] : [];
      }),
    );
    if (!dynamic) {
      try {
        return model.execute(byNode, nodes);
      } catch (error) {
        // Control flow and NMS need the asynchronous call, and only running tells.
        if (!inWords(reasonOf(error)).includes('executeAsync')) throw error;
        dynamic = true;
      }
    }
    return model.executeAsync(byNode, nodes);
  };
  return {
    inputs: inputs.map((input) => input.info),
    outputs: outputs.map((output) => output.info),
    execute: async (tensors) => [await run(tensors)].flat(),
    dispose: () => model.dispose(),
  };
}

interface Entry {
  /** Name of the node in the graph. */
  readonly node: string;
  readonly info: TensorInfo;
}

interface SignatureTensor {
  readonly name: string;
  readonly dtype?: string;
  readonly tensorShape?: { readonly dim?: readonly { readonly size?: string }[]; readonly unknownRank?: boolean };
}

function signatureEntries(artifacts: core.io.ModelArtifacts, side: 'inputs' | 'outputs'): Entry[] | null {
  const signature = artifacts.signature as Partial<Record<typeof side, Record<string, SignatureTensor>>> | undefined;
  const entries = Object.entries(signature?.[side] ?? {});
  if (entries.length === 0) return null;
  return entries.map(([key, tensor]) => {
    const shape = tensor.tensorShape?.unknownRank
      ? null
      : (tensor.tensorShape?.dim?.map((dim) => Number(dim.size ?? -1)) ?? null);
    return { node: tensor.name, info: infoOf(key.replace(/:0$/, ''), tensor.dtype ?? 'DT_FLOAT', shape) };
  });
}

function entryOf(tensor: { name: string; shape?: readonly number[]; dtype?: string }): Entry {
  return { node: tensor.name, info: infoOf(tensor.name, tensor.dtype ?? 'float32', tensor.shape ?? null) };
}

/** TensorFlow.js knows no uint8 tensors: such an input is int32. */
function infoOf(name: string, dtype: string, shape: readonly (number | null)[] | null): TensorInfo {
  const type: TensorType = /^(float32|DT_FLOAT|DT_HALF|DT_DOUBLE)$/.test(dtype) ? 'float32' : 'int32';
  return { name, type, shape: shape?.map((dim) => dim ?? -1) ?? null };
}

/** The operations of a graph model; a layers model has none. `name:1` is a node's second output, `^name` an order. */
function nodesOf({ modelTopology }: core.io.ModelArtifacts): GraphNode[] {
  const { node = [] } = modelTopology as { node?: { name: string; op: string; input?: string[] }[] };
  return node.map(({ name, op, input = [] }) => ({
    op,
    inputs: input.filter((from) => !from.startsWith('^')).map((from) => from.replace(/:0$/, '')),
    outputs: [name],
    inside: [],
  }));
}

function metadataOf(artifacts: core.io.ModelArtifacts): Record<string, string> {
  const entries = Object.entries(artifacts.userDefinedMetadata ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
