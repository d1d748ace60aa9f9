/**
 * An .onnx file with other outputs: inner tensors made outputs, and the nodes that none of them needs left out, so that
 * a graph that ends in nodes which ONNX Runtime lacks can be opened up to them.
 */
import type { GraphNode } from '../../core/graph.js';
import { MiningError, show } from '../../core/mining-error.js';
import { readRegular } from '../../files/reading.js';
import { reasonOf } from '../failure.js';
import { GRAPH, readOnnxModel, type OnnxModel } from './onnx-model.js';
import { delimited, type Span } from './protobuf.js';

/** A model as ONNX Runtime is given it. */
export interface OnnxSource {
  readonly model: OnnxModel;
  /** What is opened in the place of the file; null: the file itself. */
  readonly bytes: Uint8Array | null;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** TensorRT's and mmdeploy's nodes for NMS, and TensorFlow Lite's: no operator of ONNX Runtime is called so. */
const LACKING = /NMS|Detection_?PostProcess/;

/**
 * Reads a model, rewritten where it must be.
 * @param outputs names of inner tensors that are to be its outputs, in the place of its own; []: its own. Where a node
 * that ONNX Runtime lacks stands before some of its own, they are that node's inputs.
 * @throws MiningError 'checkpoint' as readOnnxModel, and for a name that no node makes.
 */
export async function openOnnx(path: string, outputs: readonly string[]): Promise<OnnxSource> {
  const model = await readOnnxModel(path);
  const lacking = model.nodes.filter(({ op }) => LACKING.test(op));
  if (outputs.length === 0 && lacking.length === 0) return { model, bytes: null, notes: [] };
  const wanted = outputs.length > 0 ? outputs : outputsWithout(model, lacking);
  checkOutputs(model, wanted, path);
  const bytes = await readRegular(path).catch((error: unknown) => {
    // Protobuf has no messages above 2 GiB: such a model must keep its weights in files beside it.
    throw new MiningError('checkpoint', 'file', 'an ONNX model of at most 2 GiB', reasonOf(error), { file: path });
  });
  const ops = [...new Set(lacking.map(({ op }) => op))].join(', ');
  const note = `the graph is opened up to ${ops}, which ONNX Runtime lacks: ${wanted.join(', ')}`;
  return { model, bytes: withOutputs(bytes, model, wanted), notes: outputs.length > 0 ? [] : [note] };
}

/** The inputs of the nodes that are lacking which are computed, then the outputs that do not hang on one of them. */
function outputsWithout({ nodes, outputs }: OnnxModel, lacking: readonly GraphNode[]): string[] {
  const behind = new Set<string>();
  const made = new Set<string>();
  for (const node of nodes) {
    const isBehind = lacking.includes(node) || node.inputs.some((name) => behind.has(name));
    for (const name of node.outputs) (isBehind ? behind : made).add(name);
  }
  const constants = new Set(nodes.filter(({ op }) => op === 'Constant').flatMap((node) => node.outputs));
  const inputs = lacking.flatMap((node) => node.inputs).filter((name) => made.has(name) && !constants.has(name));
  return [...new Set([...inputs, ...outputs.map(({ name }) => name).filter((name) => !behind.has(name))])];
}

function checkOutputs({ nodes }: OnnxModel, wanted: readonly string[], path: string): void {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const missing = wanted.find((name) => !made.has(name));
  if (missing === undefined && wanted.length > 0) return;
  throw new MiningError('checkpoint', 'outputs', 'names of tensors that a node makes', show(missing ?? 'none'), {
    file: path,
  });
}

/** The file's bytes with the nodes that `wanted` needs, and `wanted` as outputs; the weights stay where they are. */
function withOutputs(bytes: Uint8Array, model: OnnxModel, wanted: readonly string[]): Uint8Array {
  const needed = new Set(wanted);
  const dropped: Span[] = [...model.outputs];
  for (const node of [...model.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) dropped.push(node);
    else for (const name of node.inputs) needed.add(name);
  }
  dropped.sort((a, b) => a.from - b.from);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const graph of model.graphs) {
    parts.push(bytes.subarray(at, graph.from));
    at = graph.body;
    // Each piece becomes a graph of its own: the parser merges them.
    for (const span of dropped.filter(({ from }) => from >= graph.body && from < graph.to)) {
      parts.push(...piece(bytes, at, span.from));
      at = span.to;
    }
    parts.push(...piece(bytes, at, graph.to));
    at = graph.to;
  }
  parts.push(bytes.subarray(at));
  const names = wanted.flatMap((name) => delimited(GRAPH.output, ...delimited(1, Buffer.from(name))));
  return Buffer.concat([...parts, ...delimited(7, ...names)]);
}

function piece(bytes: Uint8Array, from: number, to: number): Uint8Array[] {
  return from === to ? [] : delimited(7, bytes.subarray(from, to));
}
