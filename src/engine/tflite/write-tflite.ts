/**
 * Writes a .tflite file: what the probe measures with is made when it is needed, and tests make theirs.
 *
 * Source: flatbuffers' internals (a table's vtable lists where its fields stand; offsets point forward);
 * tensorflow/compiler/mlir/lite/schema/schema.fbs (order of the fields below).
 */

/** A field of a table: a number takes four bytes, which also hold a byte or a bool; undefined is not written. */
type Field = number | FlatValue | undefined;
/** What an offset leads to. Bytes are a vector of `count` elements, `align`ed in the file. */
type FlatValue =
  | { readonly table: readonly Field[] }
  | { readonly list: readonly FlatValue[] }
  | { readonly count: number; readonly bytes: Uint8Array; readonly align: number };

const text = (value: string): FlatValue => {
  const bytes = Buffer.from(`${value}\0`);
  return { count: bytes.length - 1, bytes, align: 4 };
};
const numbers = (values: Float32Array | Int32Array | BigInt64Array): FlatValue => ({
  count: values.length,
  bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  align: values.BYTES_PER_ELEMENT,
});
const ints = (values: readonly number[]): FlatValue => numbers(Int32Array.from(values));

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
export function tfliteBytes({ tensors, operators, inputs, outputs, signature }: WrittenModel): Uint8Array {
  const indexOf = (name: string) => tensors.findIndex((tensor) => tensor.name === name);
  const indices = (names: readonly string[]) => ints(names.map(indexOf));
  const constants = tensors.filter(({ data }) => data !== undefined);
  const subgraph: FlatValue = {
    table: [
      { list: tensors.map((tensor) => tensorTable(tensor, constants.indexOf(tensor) + 1)) },
      indices(inputs),
      indices(outputs),
      {
        list: operators.map((each, i): FlatValue => {
          const options = each.options && { table: each.options.fields };
          return { table: [i, indices(each.inputs), indices(each.outputs), each.options?.type, options] };
        }),
      },
    ],
  };
  // The first buffer is that of tensors without data.
  const buffers: FlatValue[] = [
    { table: [] },
    ...constants.map(({ data = new Uint8Array() }) => ({ table: [{ count: data.length, bytes: data, align: 16 }] })),
  ];
  const codes = operators.map(({ code, custom }): FlatValue => ({
    table: [code, custom === undefined ? undefined : text(custom), 1, code],
  }));
  const maps = (entries: readonly (readonly [string, string])[]): FlatValue => ({
    list: entries.map(([name, tensor]) => ({ table: [text(name), indexOf(tensor)] })),
  });
  const signatures = signature && {
    list: [
      {
        table: [
          maps(inputs.map((name) => [name, name])),
          maps(Object.entries(signature)),
          text('serving_default'),
          undefined,
          0,
        ],
      },
    ],
  };
  const model = { list: codes };
  return bytesOf({
    table: [
      3,
      model,
      { list: [subgraph] },
      text('made by OHEM Lens'),
      { list: buffers },
      undefined,
      undefined,
      signatures,
    ],
  });
}

function tensorTable({ name, shape, type = TYPES.FLOAT32, ...rest }: WrittenTensor, buffer: number): FlatValue {
  const { quantization: given, shapeSignature } = rest;
  const quantization = given && {
    table: [
      undefined,
      undefined,
      numbers(Float32Array.of(given.scale)),
      numbers(BigInt64Array.of(BigInt(given.zeroPoint))),
    ],
  };
  const signature = shapeSignature && ints(shapeSignature);
  return { table: [ints(shape), type, buffer, text(name), quantization, undefined, undefined, signature] };
}

const IDENTIFIER = 'TFL3';

/** A table and what it leads to as a file; each value stands behind those that point at it. */
function bytesOf(root: FlatValue): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    size += bytes.length;
  };
  const align = (multiple: number, offset = 0) =>
    put(new Uint8Array((multiple - ((size + offset) % multiple)) % multiple));
  const head = new Uint8Array(8);
  head.set(Buffer.from(IDENTIFIER), 4);
  put(head);
  const waiting: {
    readonly value: FlatValue;
    readonly bytes: Uint8Array;
    readonly at: number;
    readonly from: number;
  }[] = [{ value: root, bytes: head, at: 0, from: 0 }];
  const offsets = (values: readonly (FlatValue | number)[]): Uint8Array => {
    const bytes = new Uint8Array(4 * values.length);
    values.forEach((value, i) => {
      if (typeof value === 'number') viewOf(bytes).setInt32(4 * i, value, true);
      else waiting.push({ value, bytes, at: 4 * i, from: size + 4 + 4 * i });
    });
    return bytes;
  };
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { value, bytes, at, from } = next;
    if ('table' in value) {
      const given = value.table.filter((field) => field !== undefined);
      put(vtableOf(value.table));
      align(4);
      viewOf(bytes).setUint32(at, size - from, true);
      const back = new Uint8Array(4);
      viewOf(back).setInt32(0, vtableLength(value.table), true);
      const fields = offsets(given);
      put(back);
      put(fields);
    } else {
      const count = 'list' in value ? value.list.length : value.count;
      align('list' in value ? 4 : Math.max(4, value.align), 4);
      viewOf(bytes).setUint32(at, size - from, true);
      const fields = 'list' in value ? offsets(value.list) : value.bytes;
      const length = new Uint8Array(4);
      viewOf(length).setUint32(0, count, true);
      put(length);
      put(fields);
      align(4);
    }
  }
  return Buffer.concat(parts);
}

/** A multiple of four. */
function vtableLength(fields: readonly Field[]): number {
  return 4 * Math.ceil((4 + 2 * fields.length) / 4);
}

/** Its own length, the table's, and where in the table each field stands; 0: it is not there. */
function vtableOf(fields: readonly Field[]): Uint8Array {
  const bytes = new Uint8Array(vtableLength(fields));
  const view = viewOf(bytes);
  let end = 4;
  fields.forEach((field, i) => {
    if (field === undefined) return;
    view.setUint16(4 + 2 * i, end, true);
    end += 4;
  });
  view.setUint16(0, 4 + 2 * fields.length, true);
  view.setUint16(2, end, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
