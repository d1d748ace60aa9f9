/**
 * Stands in for src/engine/registry.ts in the engine process of the failure drills: a classifier that looks at the mean
 * of
 * each image, and does to its process what a file tells it to, as a native backend might.
 */
import { readFileSync } from 'node:fs';
import type { Graph, Tensor } from '../../../src/core/graph.js';

export const BACKENDS = [];
export const probeBackends = (): Promise<never[]> => Promise.resolve([]);
export const probeById = (): Promise<null> => Promise.resolve(null);

export function startEngine(_format: string, pinned: string | null) {
  const engine = {
    facts: { id: pinned ?? 'drill', version: '1', device: 'CPU' },
    loadGraph: () => Promise.resolve(graph),
    dispose: () => Promise.resolve(),
  };
  return Promise.resolve({ engine, refused: [] });
}

const graph: Graph = {
  inputs: [{ name: 'x', type: 'float32', shape: [-1, 4, 4, 3] }],
  outputs: [{ name: 'y', type: 'float32', shape: [-1, 2] }],
  metadata: {},
  async run({ x }) {
    const numRows = x.shape[0];
    obey(numRows);
    // Events of the batch before go out first, as beside a real forward.
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { y: { shape: [numRows, 2], data: logits(x, numRows) } };
  },
  dispose: () => undefined,
};

function logits({ data }: Tensor, numRows: number): Float32Array {
  const size = data.length / numRows;
  return Float32Array.from({ length: numRows * 2 }, (_, i) => {
    const row = data.subarray(Math.floor(i / 2) * size, (Math.floor(i / 2) + 1) * size) as Float32Array;
    return i % 2 === 0 ? 0 : row.reduce((sum, value) => sum + value, 0) / size / 64 - 1;
  });
}

/** Absent: work. `memory N`: there is memory for N images. A signal: it comes out of the middle of a forward. */
function obey(numRows: number): void {
  const [order, number] = orders().split(' ');
  if (order === '') return;
  if (order === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  else if (order !== 'memory') process.kill(process.pid, order);
  else if (numRows > Number(number)) throw new Error(`CUDA error: out of memory (${numRows} images)`);
  // Nothing comes after a signal, but it may take a moment.
  if (order.startsWith('SIG')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
}

function orders(): string {
  try {
    return readFileSync(process.env['OHEM_DRILL'] ?? '', 'utf8').trim();
  } catch {
    return '';
  }
}
