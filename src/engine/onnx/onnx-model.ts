/**
 * What an .onnx file says beside its weights, which ONNX Runtime's JavaScript interface does not give: metadata, and
 * how its nodes hang together.
 *
 * Source: onnx/onnx.proto (field numbers below); protobuf.ts.
 */
import type { GraphNode } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { openRegular } from '../../files/reading.js';
import { unreadable } from '../failure.js';
import { ProtobufFile, type Field, type Span } from './protobuf.js';

const MODEL = { graph: 7, metadata: 14 };
/** StringStringEntryProto. */
const ENTRY = { key: 1, value: 2 };
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 };
/** Fields of GRAPH that have a type. */
const TYPED = [GRAPH.initializer, GRAPH.input, GRAPH.output];
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 };
const ATTRIBUTE = { graph: 6, graphs: 11 };
const VALUE_INFO = { name: 1, type: 2 };
/** TypeProto, and its Tensor. */
const TYPE = { tensor: 1, element: 1 };
const TENSOR = { dataType: 2, name: 8, externalData: 13 };
/** TensorProto.DataType. */
const BFLOAT16 = 16;
/** `If` within `Loop` within … */
const DEEPEST = 16;

/** Where a model's graph stands in its file, and what it computes. */
export interface OnnxModel {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the file's order, in which each stands behind those that it reads. */
  readonly nodes: readonly (GraphNode & Span)[];
  readonly outputs: readonly (Span & { readonly name: string })[];
  /** The graph's fields, usually one: what several give is merged. */
  readonly graphs: readonly (Span & { readonly body: number })[];
  /** Files that hold weights, as the model names them: relative to its folder. Those of subgraphs are not counted. */
  readonly weightFiles: readonly string[];
  /** Inputs, outputs and weights of this type, which ONNX Runtime stores but hardly computes with. */
  readonly bfloat16: readonly string[];
  readonly numBytes: number;
}

/**
 * Reads an ONNX file without its weights; a later metadata entry of the same key wins.
 * @throws MiningError 'checkpoint' for a file that is missing, empty, truncated or no protobuf.
 * Cost: linear in the number of its nodes and tensors; yolov8n (12.8 MB, 418 nodes) takes 3 ms.
 */
export async function readOnnxModel(path: string): Promise<OnnxModel> {
  const file = await openRegular(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { size } = await file.stat();
    if (size === 0) throw new MiningError('checkpoint', 'file', 'an ONNX model', 'an empty file', { file: path });
    return readModel(new ProtobufFile(file, size, path));
  } finally {
    await file.close();
  }
}

function readModel(file: ProtobufFile): OnnxModel {
  const metadata: (readonly [key: string, value: string])[] = [];
  const graphs: Field[] = [];
  for (const field of file.fields()) {
    if (!field.isDelimited) continue;
    if (field.number === MODEL.metadata) metadata.push(readEntry(file, field));
    if (field.number === MODEL.graph) graphs.push(field);
  }
  const parts = graphs.map((graph) => readGraph(file, graph));
  return {
    // Not by assignment: a key may be `__proto__`.
    metadata: Object.fromEntries(metadata),
    nodes: parts.flatMap(({ nodes }) => nodes),
    outputs: parts.flatMap(({ outputs }) => outputs),
    graphs,
    weightFiles: [...new Set(parts.flatMap(({ weightFiles }) => weightFiles))],
    bfloat16: parts.flatMap(({ bfloat16 }) => bfloat16),
    numBytes: file.size,
  };
}

function readEntry(file: ProtobufFile, { body, to }: Field): [string, string] {
  const entry: [string, string] = ['', ''];
  for (const field of file.fields(body, to)) {
    if (field.number === ENTRY.key || field.number === ENTRY.value) entry[field.number - 1] = file.text(field);
  }
  return entry;
}

function readGraph(file: ProtobufFile, { body, to }: Field, depth = 0) {
  if (depth > DEEPEST) throw file.notOnnx();
  const nodes: OnnxModel['nodes'][number][] = [];
  const outputs: OnnxModel['outputs'][number][] = [];
  const weightFiles: string[] = [];
  const bfloat16: string[] = [];
  for (const field of file.fields(body, to)) {
    if (!field.isDelimited) continue;
    if (field.number === GRAPH.node) nodes.push(readNode(file, field, depth));
    if (field.number === GRAPH.output) outputs.push({ name: nameOf(file, field), from: field.from, to: field.to });
    if (field.number === GRAPH.initializer) weightFiles.push(...externalFiles(file, field));
    if (TYPED.includes(field.number) && typeOf(file, field) === BFLOAT16) bfloat16.push(nameOf(file, field));
  }
  return { nodes, outputs, weightFiles, bfloat16 };
}

function readNode(file: ProtobufFile, { from, body, to }: Field, depth: number): GraphNode & Span {
  let op = '';
  const inputs: string[] = [];
  const outputs: string[] = [];
  const inside: GraphNode[] = [];
  for (const field of file.fields(body, to)) {
    if (field.number === NODE.input) inputs.push(file.text(field));
    if (field.number === NODE.output) outputs.push(file.text(field));
    if (field.number === NODE.opType) op = file.text(field);
    if (field.number === NODE.attribute && field.isDelimited) inside.push(...nodesOfAttribute(file, field, depth));
  }
  // What a subgraph reads and does not make comes from the outside.
  const made = new Set(inside.flatMap((node) => node.outputs));
  const captured = inside.flatMap((node) => node.inputs.filter((name) => !made.has(name)));
  return { op, inputs: [...inputs, ...captured].filter((name) => name !== ''), outputs, inside, from, to };
}

function nodesOfAttribute(file: ProtobufFile, { body, to }: Field, depth: number): GraphNode[] {
  const nodes: GraphNode[] = [];
  for (const field of file.fields(body, to)) {
    const isGraph = field.number === ATTRIBUTE.graph || field.number === ATTRIBUTE.graphs;
    if (isGraph && field.isDelimited) nodes.push(...readGraph(file, field, depth + 1).nodes);
  }
  return nodes;
}

/** Of an input, output or initializer. */
function nameOf(file: ProtobufFile, field: Field): string {
  const name = fieldAt(file, field, field.number === GRAPH.initializer ? TENSOR.name : VALUE_INFO.name);
  return name === null ? '' : file.text(name);
}

/** Type of the elements of an input, output or initializer; 0: unknown. */
function typeOf(file: ProtobufFile, field: Field): number {
  const isWeight = field.number === GRAPH.initializer;
  const type = fieldAt(file, field, ...(isWeight ? [TENSOR.dataType] : [VALUE_INFO.type, TYPE.tensor, TYPE.element]));
  return type?.value ?? 0;
}

/** The first field of a number inside another, and so on inwards. */
function fieldAt(file: ProtobufFile, outer: Field, ...numbers: readonly number[]): Field | null {
  const [number, ...rest] = numbers;
  if (number === undefined) return outer;
  if (!outer.isDelimited) return null;
  for (const field of file.fields(outer.body, outer.to))
    if (field.number === number) return fieldAt(file, field, ...rest);
  return null;
}

/** `location` of a tensor whose values lie in another file. */
function externalFiles(file: ProtobufFile, { body, to }: Field): string[] {
  const files: string[] = [];
  for (const field of file.fields(body, to)) {
    if (field.number !== TENSOR.externalData || !field.isDelimited) continue;
    const [key, value] = readEntry(file, field);
    if (key === 'location') files.push(value);
  }
  return files;
}
