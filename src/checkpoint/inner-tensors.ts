/** Where a graph ends in NMS or a top-k: which of its inner tensors may be the candidates that went into them. */
import type { GraphNode, Tensor } from '../core/graph.js';
import type { Outputs } from './families/family.js';
import { LAYERS } from './families/graph-walk.js';

/** They choose among rows: what follows has no longer a row for each candidate. */
const CHOICES = new Set(['NonMaxSuppression', 'TopK', 'ArgMax', 'NonZero']);
/** More would be held in memory at once. */
const MOST = 96;

/**
 * Names of tensors between the last layers and the choice at the end, nearest to the outputs first: at most MOST.
 * @param nodes in the graph's order.
 * @param outputs names of its outputs.
 */
export function tensorsBeforeChoice(nodes: readonly GraphNode[], outputs: readonly string[]): string[] {
  const chosen = chosenTensors(nodes);
  const maker = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const seen = new Set<string>();
  const found: string[] = [];
  let level = [...outputs];
  while (level.length > 0) {
    const next: string[] = [];
    for (const name of level) {
      const node = maker.get(name);
      if (node === undefined || seen.has(name)) continue;
      seen.add(name);
      if (node.inputs.length > 0 && !chosen.has(name) && !outputs.includes(name)) found.push(name);
      if (!LAYERS.has(node.op)) next.push(...node.inputs);
    }
    level = next;
  }
  return found.slice(0, MOST);
}

/**
 * What hangs on a choice at the end: rows that were picked and counts of them. A choice that layers follow is none:
 * that of proposals or queries, which are the candidates.
 */
function chosenTensors(nodes: readonly GraphNode[]): ReadonlySet<string> {
  const beforeLayers = new Set<string>();
  for (const { op, inputs, outputs } of nodes.toReversed())
    if (LAYERS.has(op) || outputs.some((name) => beforeLayers.has(name)))
      for (const name of inputs) beforeLayers.add(name);
  const chosen = new Set<string>();
  for (const { op, inputs, outputs } of nodes) {
    const isLast = CHOICES.has(op) && !outputs.some((name) => beforeLayers.has(name));
    if (isLast || inputs.some((name) => chosen.has(name))) for (const name of outputs) chosen.add(name);
  }
  return chosen;
}

/** Fewer rows than this are no dense head and no set of queries. */
const LEAST_ROWS = 16;

/**
 * What may be all candidates of an image, the likeliest first: a table alone, then boxes with scores of as many rows.
 * @param inside tensors of one forward, nearest to the outputs first.
 * @param countsClasses will the caller compare the number of classes with one that it knows?
 */
export function* candidateOutputs(inside: Outputs, countsClasses: boolean): Generator<Outputs> {
  const tables = Object.entries(inside).filter(([, tensor]) => isTable(tensor));
  // All in 0…1 are class scores, whose first four columns are no boxes, or boxes, whose rest is missing; or boxes in
  // 0…1 with their scores, which then have as many classes as there are names.
  for (const [name, tensor] of tables) if (countsClasses || !isAllInUnit(tensor)) yield { [name]: tensor };
  for (const [boxes, boxTensor] of tables) {
    const [, numRows, numColumns] = boxTensor.shape;
    if (numColumns !== 4) continue;
    for (const [scores, scoreTensor] of tables)
      if (scores !== boxes && scoreTensor.shape.slice(1).includes(numRows ?? 0))
        yield { [scores]: scoreTensor, [boxes]: boxTensor };
  }
}

function isAllInUnit({ data }: Tensor): boolean {
  return data.every((value) => value >= 0 && value <= 1);
}

/** Float [1, A, C] or [1, C, A] with many candidates. */
function isTable({ shape: [batch, rows = 0, columns = 0], shape, data }: Tensor): boolean {
  return shape.length === 3 && batch === 1 && data instanceof Float32Array && Math.max(rows, columns) >= LEAST_ROWS;
}
