/** Graphs that answer with given tensors, for tests of what tensors mean. */
import type { Graph, Tensor, TensorInfo } from '../../../src/core/graph.js';

export interface FakeGraph extends Graph {
  /** What it was fed, last first. */
  readonly fed: Readonly<Record<string, Tensor>>[];
  isDisposed(): boolean;
}

/** @param answer tensors for each call, by the number of calls before it. */
export function fakeGraph(
  answer: (call: number) => Record<string, Tensor>,
  input: TensorInfo | readonly TensorInfo[] = { name: 'images', type: 'float32', shape: [1, 3, 64, 64] },
  metadata: Record<string, string> = {},
): FakeGraph {
  const fed: Readonly<Record<string, Tensor>>[] = [];
  let disposed = false;
  return {
    inputs: [input].flat(),
    outputs: [],
    metadata,
    fed,
    async run(feeds) {
      fed.unshift(
        Object.fromEntries(
          Object.entries(feeds).map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
        ),
      );
      return answer(fed.length - 1);
    },
    dispose: () => {
      disposed = true;
    },
    isDisposed: () => disposed,
  };
}

/** A float32 tensor filled by a function of its flat index. */
export function tensor(shape: readonly number[], value: (i: number) => number): Tensor {
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)) };
}
