/** A session of ONNX Runtime as a Graph: the same for its native and its WASM package, which share one interface. */
import { dirname } from 'node:path';
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { Graph, Tensor, TensorData, TensorInfo, TensorType } from '../../core/graph.js';
import { fromHalfFloats, toHalfFloats } from '../../core/half-float.js';
import { reasonOf } from '../failure.js';
import { checkFeeds, type Feeds } from '../feeds.js';
import type { OnnxSource } from './onnx-rewrite.js';

/** What a value of ONNX's types becomes. Absent: refused. */
const TYPES: Readonly<Record<string, TensorType>> = {
  float32: 'float32',
  float16: 'float32',
  float64: 'float32',
  int32: 'int32',
  int64: 'int32',
  uint8: 'uint8',
  bool: 'uint8',
};
/** How a feed becomes what the graph takes. */
const INPUTS: Readonly<Record<string, (data: TensorData) => OrtTensor.DataType>> = {
  float32: (data) => data,
  float16: (data) => toHalfFloats(Float32Array.from(data)),
  int32: (data) => data,
  int64: (data) => BigInt64Array.from(data, BigInt),
  uint8: (data) => data,
};

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
 * Opens a model with the native package; the file itself where it is not rewritten.
 * @throws Error of the runtime.
 */
export async function createSession(
  runtime: FileRuntime,
  { bytes }: OnnxSource,
  path: string,
  options: SessionOptions,
): Promise<InferenceSession> {
  if (bytes === null) return runtime.InferenceSession.create(path, options);
  // Weights in external files are looked for beside the file, which bytes do not have.
  const extra = options.extra as { session?: object } | undefined;
  const session = { ...extra?.session, model_external_initializers_file_folder_path: dirname(path) };
  return runtime.InferenceSession.create(bytes, { ...options, extra: { ...extra, session } });
}

/** What is said where ONNX Runtime does not open a model. */
export function refused(path: string, { model }: OnnxSource, error: unknown): MiningError {
  if (model.bfloat16.length > 0) {
    const received = `bfloat16: ${show(model.bfloat16.join(', '))}`;
    const todo = 'ONNX Runtime hardly computes with bfloat16: export in float32 or float16';
    return new MiningError('checkpoint', 'file', 'numbers that ONNX Runtime computes with', received, {
      file: path,
      todo,
    });
  }
  // What counts stands behind the name and the place of a C++ function.
  const newer = /Unsupported model IR version.*|Current official support.*/.exec(String(error))?.[0];
  const todo = newer ? { todo: 'The file is newer than this runtime: export with opset 17 to 20' } : {};
  return new MiningError('checkpoint', 'file', 'an ONNX model that ONNX Runtime opens', newer ?? reasonOf(error), {
    file: path,
    ...todo,
  });
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
  { model, notes }: OnnxSource,
  path: string,
): Graph {
  const inputs = session.inputMetadata.map((info) => tensorInfo(info, 'input', Object.keys(INPUTS), path));
  const outputs = session.outputMetadata.map((info) => tensorInfo(info, 'output', Object.keys(TYPES), path));
  return {
    inputs,
    outputs,
    metadata: model.metadata,
    nodes: model.nodes,
    notes,
    async run(feeds) {
      checkFeeds(inputs, feeds, path);
      const results = await session.run(toOrtFeeds(session, runtime, feeds)).catch((error: unknown) => {
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
    throw new MiningError('checkpoint', `${kind} ${show(info.name)}`, said`a tensor of ${accepted.join(', ')}`, type, {
      file: path,
    });
  }
  const shape = info.shape.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : -1));
  // The runtime gives [] for a shape that it does not know.
  return { name: info.name, type: known, shape: shape.length === 0 ? null : shape };
}

/** Feeds that fit the graph, as the runtime takes them: of the session's own types. */
export function toOrtFeeds(session: InferenceSession, runtime: Runtime, feeds: Feeds): Record<string, OrtTensor> {
  return Object.fromEntries(
    session.inputMetadata.flatMap((info) => {
      const feed = feeds[info.name];
      if (feed === undefined || !info.isTensor) return [];
      const data = INPUTS[info.type]?.(feed.data) ?? feed.data;
      return [[info.name, new runtime.Tensor(info.type, data, feed.shape)]];
    }),
  );
}

function fromOrt(value: OrtTensor): Tensor {
  return { shape: [...value.dims], data: numbers(value) };
}

function numbers({ type, data }: OrtTensor): TensorData {
  // By its bits: Float16Array is not in every Node.js.
  if (type === 'float16' && ArrayBuffer.isView(data)) {
    return fromHalfFloats(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2));
  }
  if (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) return data;
  if (data instanceof BigInt64Array) return Int32Array.from(data, Number);
  return Float32Array.from(data as Float64Array);
}
