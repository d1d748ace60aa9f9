/** A session of ONNX Runtime as a Graph: the same for its native and its WASM package, which share one interface. */
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node';
import { MiningError, show } from '../../core/mining-error.js';
import type { Graph, Tensor, TensorData, TensorInfo, TensorType } from '../../core/graph.js';
import { reasonOf } from '../failure.js';
import { checkFeeds, typeOf, type Feeds } from '../feeds.js';

/** What a value of ONNX's types becomes. Absent: refused. */
const TYPES: Readonly<Record<string, TensorType>> = {
  float32: 'float32',
  float64: 'float32',
  int32: 'int32',
  int64: 'int32',
  uint8: 'uint8',
  bool: 'uint8',
};
/** Inputs are fed as they are: no conversion. */
const INPUT_TYPES = ['float32', 'int32', 'uint8'];

/**
 * y = x + x over float32 [2], opset 13: what a backend computes to show that it runs. Made by
 * test/contract/tiny-models.ts.
 */
const SMOKE_MODEL = 'CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAmIPCgF5EgoKCAgBEgQKAggCQgQKABAN';

type SessionOptions = InferenceSession.SessionOptions;
/** What both packages export, as far as it is used here. */
export interface Runtime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: SessionOptions): Promise<InferenceSession> };
  readonly Tensor: TensorConstructor;
}

/** The native package: it opens files, and finds weights beside them. */
export interface FileRuntime extends Runtime {
  readonly InferenceSession: Runtime['InferenceSession'] & {
    create(path: string, options: SessionOptions): Promise<InferenceSession>;
  };
}

/**
 * Runs the smoke model once.
 * @throws Error when the runtime does not start or gives a wrong sum.
 */
export async function smokeTest(runtime: Runtime, options: SessionOptions): Promise<void> {
  const session = await runtime.InferenceSession.create(Buffer.from(SMOKE_MODEL, 'base64'), options);
  const { y } = await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1, 2), [2]) });
  const [a, b] = (y?.data ?? []) as Float32Array;
  await session.release();
  if (a !== 2 || b !== 4) throw new Error(`x + x of [1, 2] gave [${a}, ${b}]`);
}

/**
 * Wraps a session. Outputs of both packages are copies out of the runtime's memory, owned by the caller.
 * @param path the model file, named in errors.
 * @throws MiningError 'checkpoint' for inputs or outputs of a type that is not a number of ours.
 */
export function sessionGraph(
  session: InferenceSession,
  runtime: Runtime,
  metadata: Readonly<Record<string, string>>,
  path: string,
): Graph {
  const inputs = session.inputMetadata.map((info) => tensorInfo(info, 'input', INPUT_TYPES, path));
  const outputs = session.outputMetadata.map((info) => tensorInfo(info, 'output', Object.keys(TYPES), path));
  return {
    inputs,
    outputs,
    metadata,
    async run(feeds) {
      checkFeeds(inputs, feeds, path);
      const results = await session.run(toOrtFeeds(runtime, feeds)).catch((error: unknown) => {
        throw new MiningError('engine', 'run', 'a forward pass', reasonOf(error), { file: path });
      });
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
    },
    dispose: () => void session.release().catch(() => undefined),
  };
}

function tensorInfo(
  info: InferenceSession.ValueMetadata,
  kind: 'input' | 'output',
  accepted: readonly string[],
  path: string,
): TensorInfo {
  const type = info.isTensor ? info.type : 'no tensor';
  const known = TYPES[type];
  if (!info.isTensor || known === undefined || !accepted.includes(type)) {
    throw new MiningError('checkpoint', `${kind} ${show(info.name)}`, `a tensor of ${accepted.join(', ')}`, type, {
      file: path,
    });
  }
  const shape = info.shape.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : -1));
  // The runtime gives [] for a shape that it does not know.
  return { name: info.name, type: known, shape: shape.length === 0 ? null : shape };
}

/** Feeds that fit the graph, as the runtime takes them. */
export function toOrtFeeds(runtime: Runtime, feeds: Feeds): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [name, new runtime.Tensor(typeOf(feed), feed.data, feed.shape)]),
  );
}

function fromOrt(value: OrtTensor): Tensor {
  return { shape: [...value.dims], data: numbers(value.data) };
}

function numbers(data: OrtTensor.DataType): TensorData {
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  return Float32Array.from(data as Float64Array);
}
