/** Bytes of TensorFlow Lite's tensors as numbers, and back: other types are converted, quantised ones dequantised. */
import type { TensorData, TensorInfo, TensorType } from '../../core/graph.js';
import { fromHalfFloats, toHalfFloats } from '../../core/half-float.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { sizeOf } from '../feeds.js';
import type { TfliteTensor } from './tflite-model.js';

type Numbers = TensorData | Int8Array | Int16Array;

interface Kind {
  /** What values become that are not quantised. */
  readonly type: TensorType;
  readonly numBytes: number;
  /** Smallest and largest value of a type that may be quantised. */
  readonly range?: readonly [low: number, high: number];
  read(bytes: ArrayBuffer): Numbers;
  write(values: Numbers): ArrayBufferView;
}

const INT8: Kind = {
  type: 'int32',
  numBytes: 1,
  range: [-128, 127],
  read: (bytes) => new Int8Array(bytes),
  write: (x) => Int8Array.from(x),
};
/** By the schema's TensorType; absent: refused. */
const KINDS: Readonly<Record<number, Kind>> = {
  0: { type: 'float32', numBytes: 4, read: (bytes) => new Float32Array(bytes), write: (x) => Float32Array.from(x) },
  1: {
    type: 'float32',
    numBytes: 2,
    read: (bytes) => fromHalfFloats(new Uint16Array(bytes)),
    write: (x) => toHalfFloats(Float32Array.from(x)),
  },
  2: { type: 'int32', numBytes: 4, read: (bytes) => new Int32Array(bytes), write: (x) => Int32Array.from(x) },
  3: {
    type: 'uint8',
    numBytes: 1,
    range: [0, 255],
    read: (bytes) => new Uint8Array(bytes),
    write: (x) => Uint8Array.from(x),
  },
  4: {
    type: 'int32',
    numBytes: 8,
    read: (bytes) => Int32Array.from(new BigInt64Array(bytes), Number),
    write: (x) => BigInt64Array.from(x, BigInt),
  },
  6: { type: 'uint8', numBytes: 1, read: (bytes) => new Uint8Array(bytes), write: (x) => Uint8Array.from(x) },
  7: {
    type: 'int32',
    numBytes: 2,
    range: [-32768, 32767],
    read: (bytes) => new Int16Array(bytes),
    write: (x) => Int16Array.from(x),
  },
  9: INT8,
};
/** Larger ones than any network of images has are of made-up files, values. */
const MOST_VALUES = 2 ** 28;

/** An input or output as a caller sees it, and as the runtime does. */
export interface Port {
  readonly info: TensorInfo;
  readonly numBytes: number;
  /** @param values as many as the shape says. */
  encode(values: TensorData): ArrayBufferView;
  decode(bytes: ArrayBuffer): TensorData;
}

/**
 * @throws MiningError 'checkpoint' for a type that is no number of ours, an int8 input that is not quantised as a
 * whole, an open axis, and a size beyond reason.
 */
export function portOf(tensor: TfliteTensor, side: 'input' | 'output', path: string): Port {
  const where = `${side} ${tensor.name}`;
  const kind = KINDS[tensor.type];
  if (kind === undefined) {
    const expected = 'a tensor of floats, integers or bools';
    throw new MiningError('checkpoint', where, expected, said`type ${tensor.type} of the schema`, { file: path });
  }
  // The batch is one image.
  if (tensor.openAxes.some((axis) => axis > 0)) {
    const todo = 'LiteRT.js opens no dynamic shapes: convert it with a fixed input size, or to ONNX';
    throw new MiningError('checkpoint', where, 'a fixed shape', openShape(tensor), { file: path, todo });
  }
  const { name, shape } = tensor;
  const size = sizeOf(shape);
  if (!(size > 0 && size <= MOST_VALUES))
    throw new MiningError('checkpoint', where, said`1 to ${MOST_VALUES} values`, `[${shape.join()}]`, { file: path });
  const { range } = kind;
  const quantised = tensor.quantization === null || range === undefined ? null : { ...tensor.quantization, range };
  const numBytes = size * kind.numBytes;
  // Pixels above 127 would come out negative: what its steps mean is not known.
  if (side === 'input' && quantised === null && kind === INT8)
    throw new MiningError('checkpoint', where, 'int8 with one scale and zero point', 'int8', { file: path });
  if (quantised === null)
    return {
      info: { name, type: kind.type, shape },
      numBytes,
      encode: kind.write,
      decode: (x) => asData(kind.read(x)),
    };
  // What takes whole pixels is fed them: a network that was quantised for them has mean and scale inside.
  const isPixels = side === 'input' && takesPixels(quantised);
  return {
    info: { name, type: isPixels ? 'uint8' : 'float32', shape },
    numBytes,
    encode: (values) =>
      kind.write(isPixels ? Int16Array.from(values, (x) => x + quantised.range[0]) : quantise(values, quantised)),
    decode: (bytes) => dequantise(kind.read(bytes), quantised),
  };
}

interface Quantised {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly range: readonly [low: number, high: number];
}

/** What 0…255 is scaled to before networks. */
const PIXEL_RANGES = [
  [0, 1],
  [-1, 1],
  [0, 255],
] as const;

/** Are the 256 values those of a pixel: the whole range of one of the usual scales, but for rounding? */
function takesPixels({ scale, zeroPoint, range: [low, high] }: Quantised): boolean {
  if (high - low !== 255) return false;
  const near = (a: number, b: number) => Math.abs(a - b) <= 255 * scale * 0.01;
  return PIXEL_RANGES.some(([a, b]) => near((low - zeroPoint) * scale, a) && near((high - zeroPoint) * scale, b));
}

function quantise(values: TensorData, { scale, zeroPoint, range: [low, high] }: Quantised): Int16Array {
  return Int16Array.from(values, (x) => Math.min(high, Math.max(low, Math.round(x / scale) + zeroPoint)));
}

function dequantise(values: Numbers, { scale, zeroPoint }: Quantised): Float32Array {
  return Float32Array.from(values, (x) => (x - zeroPoint) * scale);
}

function asData(values: Numbers): TensorData {
  return values instanceof Int8Array || values instanceof Int16Array ? Int32Array.from(values) : values;
}

/** `[1,?,4]`. */
function openShape({ shape, openAxes }: TfliteTensor): string {
  return `[${shape.map((dim, axis) => (openAxes.includes(axis) ? '?' : dim)).join()}]`;
}
