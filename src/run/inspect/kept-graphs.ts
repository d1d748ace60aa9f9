/** Graphs that stay loaded while readings of a checkpoint come and go. */
import type { LoadGraph } from '../../checkpoint/detector.js';
import { describeOutput, type Outputs } from '../../checkpoint/families/family.js';
import type { Graph, TensorInfo } from '../../core/graph.js';

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
      if (graph === this.#first) this.#outputs ??= given;
      return given;
    };
    return { inputs, outputs, metadata, ...told, run, dispose: () => undefined };
  };

  describeInputs(): string[] {
    return (this.#first?.inputs ?? []).map(describeInfo);
  }

  /** Of its first forward; {} where only inner tensors of it were asked for. */
  get outputs(): Outputs {
    return this.#outputs ?? {};
  }

  describeOutputs(): string[] {
    if (this.#outputs === null) return (this.#first?.outputs ?? []).map(describeInfo);
    return Object.entries(this.#outputs).map(([name, tensor]) => `${name} ${describeOutput(tensor)}`);
  }

  /** The file as it is, or as its contract says: what is opened later are the same graph's inner tensors. */
  get #first(): Graph | undefined {
    const [graph] = this.#graphs.values();
    return graph;
  }

  dispose(): void {
    for (const graph of this.#graphs.values()) graph.dispose();
  }
}

function describeInfo({ name, type, shape }: TensorInfo): string {
  return `${name} ${type} [${shape?.join(',') ?? '…'}]`;
}
