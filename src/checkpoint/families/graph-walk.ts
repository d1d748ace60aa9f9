/** Upwards through a graph, from what NMS or a top-k takes to the head that made it. */
import type { GraphNode } from '../../core/graph.js';

/** Layers: a raw head stands behind them, what stands before is features. */
export const LAYERS: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'MatMul',
  'Gemm',
  'LayerNormalization',
  'BatchNormalization',
]);

/** Operations that move or bound the values of their first input, so that the head lies further up. */
const PASSING = new Set([
  ...['Cast', 'Identity', 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Transpose'],
  ...['Gather', 'Slice', 'Split', 'Clip', 'Min', 'Max', 'Div'],
]);

/** The nodes of a graph by what they make. */
export interface GraphWalk {
  readonly nodes: readonly GraphNode[];
  /** The node that makes a tensor. */
  maker(tensor: string): GraphNode | undefined;
  /** The tensor behind operations that only move values; `tensor` itself where there are none. */
  source(tensor: string): string;
  /** The nearest node of this operation that a tensor comes from, its own maker included. */
  nearest(tensor: string, op: string): GraphNode | undefined;
  /** The last node of this operation. */
  last(op: string): GraphNode | undefined;
}

/** @param nodes in the graph's order. */
export function walkOf(nodes: readonly GraphNode[]): GraphWalk {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const maker = (tensor: string) => makers.get(tensor);
  return {
    nodes,
    maker,
    source(tensor) {
      const node = maker(tensor);
      const first = node?.inputs[0];
      return node === undefined || first === undefined || !PASSING.has(node.op) ? tensor : this.source(first);
    },
    nearest(tensor, op) {
      const seen = new Set([tensor]);
      for (const name of seen) {
        const node = maker(name);
        if (node?.op === op) return node;
        node?.inputs.forEach((input) => seen.add(input));
      }
      return undefined;
    },
    last: (op) => nodes.findLast((node) => node.op === op),
  };
}

/** So many are suggested. */
const MOST_FEATURES = 5;

/**
 * Names of what the last layers before the outputs read, nearest first: features, at most MOST_FEATURES.
 * @param nodes in the graph's order.
 * @param outputs names of its outputs.
 */
export function tensorsBeforeHead(nodes: readonly GraphNode[], outputs: readonly string[]): string[] {
  const maker = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const seen = new Set<string>();
  const found = new Set<string>();
  let level = [...outputs];
  while (level.length > 0) {
    const next: string[] = [];
    for (const name of level) {
      const node = maker.get(name);
      if (node === undefined || seen.has(name)) continue;
      seen.add(name);
      const [features = ''] = node.inputs;
      if (!LAYERS.has(node.op)) next.push(...node.inputs);
      else if (maker.has(features)) found.add(features);
    }
    level = next;
  }
  return [...found].slice(0, MOST_FEATURES);
}
