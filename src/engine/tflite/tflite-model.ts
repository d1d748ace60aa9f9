/**
 * What a .tflite file says beside its weights, which LiteRT's JavaScript interface does not give: how tensors are
 * quantised, how its operators hang together, and where that stands in the bytes.
 *
 * Source: tensorflow/compiler/mlir/lite/schema/schema.fbs (numbers of the fields and values of the enumerations below).
 */
import { FlatReader } from '../../core/flatbuffer.js';
import type { GraphNode } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';

const MODEL = { operatorCodes: 1, subgraphs: 2, signatures: 7 };
const OPERATOR_CODE = { deprecatedCode: 0, customName: 1, code: 3 };
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 };
const TENSOR = { shape: 0, type: 1, name: 3, quantization: 4, shapeSignature: 7 };
const QUANTIZATION = { scale: 2, zeroPoint: 3 };
const OPERATOR = { opcode: 0, inputs: 1, outputs: 2 };
const SIGNATURE = { inputs: 0, outputs: 1, subgraph: 4 };
const TENSOR_MAP = { name: 0, tensor: 1 };
const CUSTOM = 32;

/** Operators that others ask for, in the words of ONNX; any other is called by its number. */
const OPERATORS: Readonly<Record<number, string>> = {
  0: 'Add',
  3: 'Conv',
  4: 'Conv',
  6: 'DequantizeLinear',
  9: 'Gemm',
  18: 'Mul',
  22: 'Reshape',
  25: 'Softmax',
  43: 'Squeeze',
  48: 'TopK',
  56: 'ArgMax',
  67: 'ConvTranspose',
  109: 'NonZero',
  114: 'QuantizeLinear',
  120: 'NonMaxSuppression',
  121: 'NonMaxSuppression',
  126: 'MatMul',
};

const IDENTIFIER = 'TFL3';
/** Numbers and names that are read of one file. Large graphs have some 10,000; offsets of made-up ones may overlap. */
const MOST = 1 << 22;
const LONGEST_NAME = 4096;
const MOST_AXES = 8;

export interface TfliteTensor {
  readonly index: number;
  /** Unique: of the signature, else its own; `#index` tells those apart that share one. */
  readonly name: string;
  /** A value of the schema's TensorType. */
  readonly type: number;
  /** Axes that the converter left open stand at 1. */
  readonly shape: readonly number[];
  /** Axes that were left open, by their places. */
  readonly openAxes: readonly number[];
  /** real = (value - zeroPoint) * scale; null: values are what they are. */
  readonly quantization: { readonly scale: number; readonly zeroPoint: number } | null;
  /** Positions of the fields `shape` and `shape_signature` in the file; 0: not there. */
  readonly shapeAt: number;
  readonly shapeSignatureAt: number;
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly TfliteTensor[];
  readonly outputs: readonly TfliteTensor[];
  /** In the file's order, in which each stands behind those that it reads. */
  readonly nodes: readonly GraphNode[];
  /** Positions of fields in the file; 0: not there. */
  readonly outputsAt: number;
  readonly operatorsAt: number;
  readonly signaturesAt: number;
}

/** What every reader of such a file says of other bytes. */
export function notTflite(received: string, path: string): MiningError {
  return new MiningError('checkpoint', 'file', 'a TensorFlow Lite model', received, { file: path });
}

/**
 * Reads the first subgraph, which is the one that a caller runs.
 * @throws MiningError 'checkpoint' for a file that is empty, truncated or no such model.
 * Cost: linear in the number of its tensors and operators; weights are not looked at.
 */
export function readTflite(bytes: Uint8Array, path: string): TfliteModel {
  if (bytes.length === 0) throw notTflite('an empty file', path);
  if (Buffer.from(bytes.subarray(4, 8)).toString('latin1') !== IDENTIFIER) throw notTflite('other bytes', path);
  try {
    return new TfliteReader(bytes).model();
  } catch (error) {
    // An offset that leads out of the file, of one that is cut off or made up.
    if (error instanceof RangeError) throw notTflite('a file that is truncated or damaged', path);
    throw error;
  }
}

class TfliteReader {
  readonly #flat: FlatReader;
  #left = MOST;

  constructor(bytes: Uint8Array) {
    this.#flat = new FlatReader(bytes);
  }

  model(): TfliteModel {
    const flat = this.#flat;
    const root = flat.root();
    const [graph] = this.#tables(flat.field(root, MODEL.subgraphs));
    if (graph === undefined) throw new RangeError('no subgraph');
    const signaturesAt = flat.field(root, MODEL.signatures);
    const tensors = this.#tensors(flat.field(graph, SUBGRAPH.tensors), this.#signatureNames(signaturesAt));
    const named = (at: number) =>
      this.#ints(at).map((index) => {
        const tensor = tensors[index];
        if (tensor === undefined) throw new RangeError(`tensor ${index}`);
        return tensor;
      });
    const operatorsAt = flat.field(graph, SUBGRAPH.operators);
    const outputsAt = flat.field(graph, SUBGRAPH.outputs);
    const codes = this.#tables(flat.field(root, MODEL.operatorCodes)).map((table) => this.#operatorCode(table));
    // An optional input that is not given is tensor -1.
    const namesOf = (indices: readonly number[]) => indices.flatMap((index) => tensors[index]?.name ?? []);
    const outputs = named(outputsAt);
    if (outputs.length === 0) throw new RangeError('no output');
    return {
      tensors,
      inputs: named(flat.field(graph, SUBGRAPH.inputs)),
      outputs,
      nodes: this.#tables(operatorsAt).map((table) => ({
        op: codes[flat.uint32(flat.field(table, OPERATOR.opcode), 0)] ?? '',
        inputs: namesOf(this.#ints(flat.field(table, OPERATOR.inputs))),
        outputs: namesOf(this.#ints(flat.field(table, OPERATOR.outputs))),
        inside: [],
      })),
      outputsAt,
      operatorsAt,
      signaturesAt,
    };
  }

  /**
   * Names of tensors by their indices, of the signature that runs the first subgraph. Where an input and an output
   * share one, it is the output's, which contracts speak of.
   */
  #signatureNames(at: number): ReadonlyMap<number, string> {
    const flat = this.#flat;
    const indices = new Map<string, number>();
    for (const signature of this.#tables(at)) {
      if (flat.uint32(flat.field(signature, SIGNATURE.subgraph), 0) !== 0) continue;
      for (const side of [SIGNATURE.inputs, SIGNATURE.outputs])
        for (const map of this.#tables(flat.field(signature, side)))
          indices.set(this.#text(flat.field(map, TENSOR_MAP.name)), flat.uint32(flat.field(map, TENSOR_MAP.tensor), 0));
      break;
    }
    return new Map([...indices].map(([name, index]) => [index, name]));
  }

  #tensors(at: number, given: ReadonlyMap<number, string>): TfliteTensor[] {
    const taken = new Set(given.values());
    return this.#tables(at).map((table, index) => {
      const own = this.#text(this.#flat.field(table, TENSOR.name));
      const name = given.get(index) ?? (own === '' || taken.has(own) ? `${own}#${index}` : own);
      taken.add(name);
      return this.#tensor(table, index, name);
    });
  }

  #tensor(table: number, index: number, name: string): TfliteTensor {
    const flat = this.#flat;
    const shapeAt = flat.field(table, TENSOR.shape);
    const shape = this.#ints(shapeAt);
    if (shape.length > MOST_AXES || shape.some((dim) => dim < 0)) throw new RangeError(`a shape [${shape.join()}]`);
    const shapeSignatureAt = flat.field(table, TENSOR.shapeSignature);
    return {
      index,
      name,
      type: flat.uint8(flat.field(table, TENSOR.type), 0),
      shape,
      openAxes: this.#ints(shapeSignatureAt).flatMap((dim, axis) => (dim < 0 ? [axis] : [])),
      quantization: this.#quantization(flat.field(table, TENSOR.quantization)),
      shapeAt,
      shapeSignatureAt,
    };
  }

  /** Of a whole tensor: what is read and written is never quantised by channel. */
  #quantization(at: number): TfliteTensor['quantization'] {
    if (at === 0) return null;
    const flat = this.#flat;
    const table = flat.follow(at);
    const scale = flat.vector(flat.field(table, QUANTIZATION.scale), 4);
    const zeroPoint = flat.vector(flat.field(table, QUANTIZATION.zeroPoint), 8);
    const step = scale.count === 1 ? flat.float32(scale.start, 0) : 0;
    if (!(step > 0)) return null;
    // The low half of an int64: zero points are values of at most 32 bits.
    return { scale: step, zeroPoint: zeroPoint.count === 1 ? flat.int32(zeroPoint.start, 0) : 0 };
  }

  #operatorCode(table: number): string {
    const flat = this.#flat;
    // The older of the two fields is a byte and was kept for codes below 127.
    const older = flat.uint8(flat.field(table, OPERATOR_CODE.deprecatedCode), 0);
    const code = Math.max(flat.int32(flat.field(table, OPERATOR_CODE.code), 0), older);
    if (code === CUSTOM) return this.#text(flat.field(table, OPERATOR_CODE.customName));
    return OPERATORS[code] ?? `operator ${code}`;
  }

  /** Positions of the tables of a vector. */
  #tables(at: number): number[] {
    const { start, count } = this.#spend(this.#flat.vector(at, 4));
    return Array.from({ length: count }, (_, i) => this.#flat.follow(start + 4 * i));
  }

  #ints(at: number): number[] {
    const { start, count } = this.#spend(this.#flat.vector(at, 4));
    return Array.from({ length: count }, (_, i) => this.#flat.int32(start + 4 * i, 0));
  }

  #text(at: number): string {
    if (this.#spend(this.#flat.vector(at, 1)).count > LONGEST_NAME) throw new RangeError('a long name');
    return new TextDecoder().decode(this.#flat.utf8(at));
  }

  #spend<T extends { readonly count: number }>(vector: T): T {
    this.#left -= vector.count + 1;
    if (this.#left < 0) throw new RangeError('more than any model has');
    return vector;
  }
}
