/** `bindDetector` with what is known beside the graph as plain arguments. */
import { bindDetector as bindKnowing } from '../../../src/checkpoint/bind-detector.js';
import type { Detector } from '../../../src/checkpoint/detector.js';
import type { ClassNames } from '../../../src/checkpoint/sidecars/class-names.js';
import type { GraphContract } from '../../../src/checkpoint/files/contract.js';
import type { Sidecar } from '../../../src/checkpoint/sidecars/sidecar.js';
import type { Graph } from '../../../src/core/graph.js';

export function bindDetector(
  graph: Graph,
  path: string,
  contract: GraphContract | null,
  names: ClassNames | null,
  sidecar: Sidecar | null = null,
  reload: (outputs: readonly string[]) => Promise<Graph> = () => Promise.reject(new Error('not opened again')),
): Promise<Detector> {
  return bindKnowing(graph, path, { contract, sidecar, names }, reload);
}
