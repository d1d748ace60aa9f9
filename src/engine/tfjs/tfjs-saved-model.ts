/**
 * A SavedModel as a graph, through TensorFlow's binding. Only what its signature names can be read: inner tensors
 * cannot.
 * Source: tfjs-node/src/saved_model.ts (getMetaGraphsFromSavedModel, TFSavedModel.predict: by the signature's keys).
 */
import type * as core from '@tensorflow/tfjs-core';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { Graph, Tensor, TensorData, TensorInfo, TensorType } from '../../core/graph.js';
import { reasonOf, unreadable } from '../failure.js';
import { checkFeeds, type Feeds } from '../feeds.js';
import { readRegular } from '../../files/reading.js';

const DEFAULT_SIGNATURE = 'serving_default';

interface SignatureTensor {
  readonly name: string;
  readonly tfDtype: string;
  /** Messages of google-protobuf. */
  readonly shape: readonly { getSize(): number }[];
}
interface Signature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>;
  readonly outputs: Readonly<Record<string, SignatureTensor>>;
}
interface MetaGraph {
  readonly tags: string[];
  readonly signatureDefs: Readonly<Record<string, Signature>>;
}
interface SavedModel {
  predict(inputs: Record<string, core.Tensor>): Record<string, core.Tensor>;
  dispose(): void;
}

/** `tf.node` of the package. */
export interface SavedModelApi {
  getMetaGraphsFromSavedModel(path: string): Promise<MetaGraph[]>;
  loadSavedModel(path: string, tags: string[], signature: string): Promise<SavedModel>;
}

/**
 * @param path folder with `saved_model.pb`.
 * @throws MiningError 'checkpoint' when it is none, has no signature that can be called, or TensorFlow refuses it.
 */
export async function loadSavedModel(tf: typeof core, api: SavedModelApi, path: string): Promise<Graph> {
  await requireReadable(path);
  const { tags, name, signature } = await api.getMetaGraphsFromSavedModel(path).then(
    (graphs) => chooseSignature(graphs, path),
    (error: unknown) => {
      throw refused(path, error);
    },
  );
  const inputs = Object.entries(signature.inputs).map(([key, tensor]) => infoOf(key, tensor, INPUT_TYPES, path));
  const outputs = Object.entries(signature.outputs).map(([key, tensor]) => infoOf(key, tensor, OUTPUT_TYPES, path));
  const model = await api.loadSavedModel(path, [...tags], name).catch((error: unknown) => {
    throw refused(path, error);
  });
  return {
    inputs,
    outputs,
    metadata: {},
    async run(feeds) {
      checkFeeds(inputs, feeds, path);
      return predict(tf, model, feeds).catch((error: unknown) => {
        throw new MiningError('engine', 'run', 'a forward pass', reasonOf(error), { file: path });
      });
    },
    dispose: () => model.dispose(),
  };
}

async function requireReadable(path: string): Promise<void> {
  const file = join(path, 'saved_model.pb');
  await access(path)
    .then(() => access(file))
    .then(() => readRegular(file))
    .catch((error: unknown) => {
      throw unreadable(path, error);
    });
}

function refused(path: string, error: unknown): MiningError {
  if (error instanceof MiningError) return error;
  return new MiningError('checkpoint', 'file', 'a SavedModel that TensorFlow opens', reasonOf(error), { file: path });
}

/** The graph for serving and its default signature, or the only one that there is. */
function chooseSignature(
  graphs: readonly MetaGraph[],
  path: string,
): { tags: string[]; name: string; signature: Signature } {
  const graph = graphs.find(({ tags }) => tags.includes('serve')) ?? graphs[0];
  const names = Object.keys(graph?.signatureDefs ?? {});
  const name = names.includes(DEFAULT_SIGNATURE) ? DEFAULT_SIGNATURE : names[0];
  const signature = graph?.signatureDefs[name ?? ''];
  const isMeant = name === DEFAULT_SIGNATURE || names.length === 1;
  if (graph === undefined || name === undefined || signature === undefined || !isMeant) {
    throw new MiningError('checkpoint', 'signatures', DEFAULT_SIGNATURE, names.join(', ') || 'none', {
      file: path,
      todo: 'Save it with signatures={"serving_default": …}',
    });
  }
  return { tags: graph.tags, name, signature };
}

/** What the package can feed. */
const INPUT_TYPES: Readonly<Record<string, TensorType>> = {
  DT_FLOAT: 'float32',
  DT_UINT8: 'uint8',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
};
/** What it can read; it hands out bytes as int32. */
const OUTPUT_TYPES: Readonly<Record<string, TensorType>> = {
  DT_FLOAT: 'float32',
  DT_UINT8: 'int32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_BOOL: 'uint8',
};

function infoOf(
  name: string,
  { tfDtype, shape }: SignatureTensor,
  types: Readonly<Record<string, TensorType>>,
  path: string,
): TensorInfo {
  const type = types[tfDtype] as TensorType | undefined;
  if (type === undefined)
    throw new MiningError('checkpoint', said`tensor ${name}`, Object.keys(types).join(', '), tfDtype, { file: path });
  // The package tells a scalar and an unknown rank alike; detectors have no scalars.
  return { name, type, shape: shape.length === 0 ? null : shape.map((dim) => dim.getSize()) };
}

async function predict(tf: typeof core, model: SavedModel, feeds: Feeds): Promise<Record<string, Tensor>> {
  const tensors = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(tf, feed)]));
  let results: Record<string, core.Tensor> = {};
  try {
    results = model.predict(tensors);
    const entries = await Promise.all(
      Object.entries(results).map(
        async ([name, result]) => [name, { shape: [...result.shape], data: numbers(await result.data()) }] as const,
      ),
    );
    return Object.fromEntries(entries);
  } finally {
    tf.dispose([Object.values(tensors), Object.values(results)]);
  }
}

/** The package hands int64 out as BigInt64Array. */
function numbers(data: TensorData | BigInt64Array): TensorData {
  return data instanceof BigInt64Array ? Int32Array.from(data, Number) : data;
}

/** uint8 goes in as int32; the package narrows it to what the signature says. */
function toTensor(tf: typeof core, { data, shape }: Tensor): core.Tensor {
  return tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32');
}
