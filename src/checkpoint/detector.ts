/** What a detector family's tensors mean. A detector knows graphs, never the engine behind them. */
import type { Phrase } from '../core/said.js';
import type { DetectorOutput, ScoreForm } from '../core/losses/detector-output.js';
import type { MeasureConfig } from '../core/measure/measure-config.js';
import type { ClassMap } from '../core/class-names.js';
import type { Graph, RgbImage } from '../core/graph.js';
import type { Boxes } from '../core/tables.js';

/**
 * How a backend opens a graph file; given to the checkpoint room by the caller. `outputs`: inner tensors that are to be
 * its outputs, in the place of its own.
 */
export type LoadGraph = (path: string, format: GraphFormat, outputs?: readonly string[]) => Promise<Graph>;

export const GRAPH_FORMATS = ['onnx', 'tfjs-graph', 'tfjs-layers', 'saved-model', 'tflite'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** R vectors of F numbers, row-major. */
export interface FeatureRows {
  readonly size: number;
  readonly data: Float32Array;
}

/** What a checkpoint sees at places of an image, as vectors: alike where the network sees the like. */
export interface FeatureSource {
  /** The tensor that they are from. */
  readonly name: string;
  /**
   * One vector a box; a box that is degenerate or not finite has zeros. A classifier sees the whole image in each.
   * @param boxes image px.
   * @throws MiningError 'checkpoint' where the tensor has not the shape of features.
   */
  at(image: RgbImage, boxes: Boxes): Promise<FeatureRows>;
  dispose(): void;
}

/** A checkpoint bound to its meaning, ready to look at images. */
export interface Detector {
  readonly family: string;
  /** K foreground class names; null when neither checkpoint nor contract names them. */
  readonly classes: readonly string[] | null;
  readonly numClasses: number;
  /** What its contract says of data sets' names. */
  readonly classMap?: ClassMap;
  /** What is done to an image before the network, where one graph takes it: JSON as of a contract's key. */
  readonly preprocess?: object;
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly scoreForm: ScoreForm;
  /** The family's own assigner and losses; a person can change them. */
  readonly measureDefaults: MeasureConfig;
  /** What it was bound by where one graph has one, beside it or inside. */
  readonly contract?: { readonly family: string };
  /** What its outputs mean was guessed by their values, and no contract has a word in it. */
  readonly isGuess?: boolean;
  /** What a person should know of the binding: `classes from classes.txt`, `from probabilities`. */
  readonly notes: readonly Phrase[];
  /**
   * Preprocess, forward, decode one image. Boxes come back in the image's own pixels; scores and objectness last until
   * the next call.
   * @throws MiningError 'checkpoint' when outputs do not have the shape the family promises.
   */
  detect(image: RgbImage): Promise<DetectorOutput>;
  /**
   * Its own features, which the caller disposes before it.
   * @throws MiningError 'checkpoint' where nothing names them.
   * Cost: a detector of one graph opens that again.
   */
  features(): Promise<FeatureSource>;
  dispose(): void;
}

/** A checkpoint on disk before any backend is chosen: which files, which formats, which hash. */
export interface ModelFiles<M> {
  /** Absolute path as the person gave it. */
  readonly path: string;
  /** The format of its graphs: decides which backends can run it. */
  readonly format: GraphFormat;
  /** SHA-256 over its files, hex. */
  readonly sha256: string;
  /**
   * Binds the checkpoint with graphs from `load`.
   * @param contract in place of the one on the disk; a folder of several graphs has only that.
   * @throws MiningError 'checkpoint'
   */
  open(load: LoadGraph, contract?: { readonly family: string }): Promise<M>;
}
