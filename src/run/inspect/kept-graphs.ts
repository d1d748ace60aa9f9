/** Graphs that stay loaded while readings of a checkpoint come and go. */
import type { LoadGraph } from '../../checkpoint/detector.js';
import { describeOutput, type Outputs } from '../../checkpoint/families/family.js';
import type { Graph } from '../../core/graph.js';

export class KeptGraphs {
  readonly #graphs = new Map<string, Graph>();
  #outputs: Outputs | null = null;

  constructor(private readonly loadOnce: LoadGraph) {}

  readonly load: LoadGraph = async (path, format, inner = []) => {
    const key = [path, ...inner].join('\n');
    const graph = this.#graphs.get(key) ?? (await this.loadOnce(path, format, inner));
    this.#graphs.set(key, graph);
    const { inputs, outputs, metadata, nodes, notes } = graph;
    const told = { ...(nodes === undefined ? {} : { nodes }), ...(notes === undefined ? {} : { notes }) };
    const run: Graph['run'] = async (feeds) => {
      const given = await graph.run(feeds);
      this.#outputs ??= given;
      return given;
    };
    return { inputs, outputs, metadata, ...told, run, dispose: () => undefined };
  };

  describeInputs(): string[] {
    // Opened again for inner tensors, a graph has the same inputs.
    const [graph] = this.#graphs.values();
    return (graph?.inputs ?? []).map(({ name, type, shape }) => `${name} ${type} [${shape?.join(',') ?? '…'}]`);
  }

  /** Of the first forward: the file's own. */
  get outputs(): Outputs {
    return this.#outputs ?? {};
  }

  describeOutputs(): string[] {
    return Object.entries(this.outputs).map(([name, tensor]) => `${name} ${describeOutput(tensor)}`);
  }

  dispose(): void {
    for (const graph of this.#graphs.values()) graph.dispose();
  }
}
