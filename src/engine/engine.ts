/** What runs a graph. One file a backend; its package is imported nowhere else. */
import type { Graph } from '../core/graph.js';
import type { BackendFacts } from '../core/facts/run-manifest.js';
import type { Setup } from './setup/setup.js';

/** A started backend. */
export interface Engine {
  readonly facts: Omit<BackendFacts, 'refused'>;
  /**
   * Engines of this kind may run side by side in threads of one process, sharing its cores, and one more pays from so
   * many images on. Absent: they may not.
   */
  readonly imagesPerThread?: number;
  /**
   * @param outputs inner tensors that are to be the graph's outputs, in the place of its own; absent or []: its own.
   * @throws MiningError 'engine' or 'checkpoint' (truncated or wrong file, no such tensor).
   */
  loadGraph(path: string, format: string, outputs?: readonly string[]): Promise<Graph>;
  dispose(): Promise<void>;
}

/** npm packages, and which files of each are needed: paths inside the package, with `/`. */
export type PackedFiles = Readonly<Record<string, RegExp>>;

/**
 * A backend as the registry lists it, before it is started. What else speaks of backends (settings, docs, set-up,
 * packaging) follows from here.
 */
export interface Backend {
  readonly id: string;
  /** `ONNX Runtime (CPU, native)`. */
  readonly title: string;
  /** What it opens and on what it computes, a sentence or two: `ONNX on the CPU, native.` */
  readonly summary: string;
  /** What it wants of a machine or of a set-up, for docs/engines.md; Markdown. */
  readonly needs: string;
  /** Graph formats it opens. */
  readonly formats: readonly string[];
  /** `linux-x64` and the like; absent: all. Elsewhere it is neither listed nor counted among the refused. */
  readonly platforms?: RegExp;
  /**
   * What a vsix carries for it. @param target `linux-x64` and the like; null: the vsix for all platforms, in which
   * nothing is native. Absent: nothing, or what the bundles have inside.
   */
  packages?(target: string | null): PackedFiles;
  /** What a person can set up for it, best first. */
  readonly setups?: readonly Setup[];
  /**
   * There where loading may end the process: such a backend is tried in a throw-away process first. What its verdict
   * depends on: files, versions, driver. @throws Error with the reason when there is nothing to load.
   */
  readonly stamp?: () => Promise<string>;
  /**
   * Loads its package and computes something small; in the process that calls.
   * @param numThreads cores that a forward may use, where the backend has a choice; absent: all.
   * @throws with the reason when it cannot run here.
   */
  start(numThreads?: number): Promise<Engine>;
}
