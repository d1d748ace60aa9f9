/**
 * Writes a .tflite file: what the probe measures with is made when it is needed, and tests make theirs.
 *
 * Source: tensorflow/compiler/mlir/lite/schema/schema.fbs (order of the fields below).
 */
import { flatbuffer, text, vector, type Field, type FlatValue } from './write-flatbuffer.js';

const ints = (values: readonly number[]): FlatValue => vector(Int32Array.from(values));

const VERSION = 3;
/** Values of the schema's enumerations. */
export const OPERATORS = { ADD: 0, CONV_2D: 3, LOGISTIC: 14, MUL: 18, RELU: 19, RESHAPE: 22, TOPK_V2: 48, CUSTOM: 32 };
export const TYPES = { FLOAT32: 0, FLOAT16: 1, INT32: 2, UINT8: 3, INT64: 4, INT8: 9 };

export interface WrittenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** One of TYPES; absent: float32. */
  readonly type?: number;
  /** With -1 where the converter left it open. */
  readonly shapeSignature?: readonly number[];
  /** Of a constant. */
  readonly data?: Uint8Array;
  readonly quantization?: { readonly scale: number; readonly zeroPoint: number };
}

export interface WrittenOperator {
  /** One of OPERATORS. */
  readonly code: number;
  /** Name of a custom operator. */
  readonly custom?: string;
  /** Names of tensors. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Its table in the schema's union of options. */
  readonly options?: { readonly type: number; readonly fields: readonly Field[] };
}

export interface WrittenModel {
  readonly tensors: readonly WrittenTensor[];
  readonly operators: readonly WrittenOperator[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names by which a caller knows outputs: of the signature, for names of tensors. */
  readonly signature?: Readonly<Record<string, string>>;
}

/** The bytes of a model of one subgraph. */
export function tfliteBytes(model: WrittenModel): Uint8Array {
  const { tensors, operators, inputs, outputs, signature } = model;
  const indexOf = (name: string) => tensors.findIndex((tensor) => tensor.name === name);
  const indices = (names: readonly string[]) => ints(names.map(indexOf));
  const constants = tensors.filter(({ data }) => data !== undefined);
  const tensorList = { list: tensors.map((tensor) => tensorTable(tensor, constants.indexOf(tensor) + 1)) };
  const operatorList = {
    list: operators.map((each, i): FlatValue => {
      const options = each.options && { table: each.options.fields };
      return { table: [i, indices(each.inputs), indices(each.outputs), each.options?.type, options] };
    }),
  };
  const subgraph = { table: [tensorList, indices(inputs), indices(outputs), operatorList] };
  const codes = operators.map(({ code, custom }): FlatValue => {
    return { table: [code, custom === undefined ? undefined : text(custom), 1, code] };
  });
  // The first buffer is that of tensors without data.
  const buffers: FlatValue[] = [
    { table: [] },
    ...constants.map(({ data = new Uint8Array() }) => ({ table: [{ count: data.length, bytes: data, align: 16 }] })),
  ];
  const maps = (entries: readonly (readonly [name: string, tensor: string])[]): FlatValue => ({
    list: entries.map(([name, tensor]) => ({ table: [text(name), indexOf(tensor)] })),
  });
  const own = inputs.map((name) => [name, name] as const);
  const signatures = signature && {
    list: [{ table: [maps(own), maps(Object.entries(signature)), text('serving_default'), undefined, 0] }],
  };
  const parts = [{ list: codes }, { list: [subgraph] }, text('made by OHEM Lens'), { list: buffers }];
  return flatbuffer({ table: [VERSION, ...parts, undefined, undefined, signatures] }, 'TFL3');
}

function tensorTable({ name, shape, type = TYPES.FLOAT32, ...rest }: WrittenTensor, buffer: number): FlatValue {
  const { quantization: given, shapeSignature } = rest;
  const quantization = given && {
    table: [
      undefined,
      undefined,
      vector(Float32Array.of(given.scale)),
      vector(BigInt64Array.of(BigInt(given.zeroPoint))),
    ],
  };
  const signature = shapeSignature && ints(shapeSignature);
  return { table: [ints(shape), type, buffer, text(name), quantization, undefined, undefined, signature] };
}
