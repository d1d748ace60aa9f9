/** What an engine offers and a detector uses: tensors in, tensors out. Neither side knows the other. */

export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A dense row-major tensor. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type TensorType = 'float32' | 'int32' | 'uint8';

/** A named input or output of a graph; -1 in `shape` is a dimension that the caller chooses, null an unknown rank. */
export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[] | null;
}

/** An operation of a graph, between named tensors. */
export interface GraphNode {
  /** `Conv`, `NonMaxSuppression`. */
  readonly op: string;
  /** What it reads, and what its subgraphs read from outside. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The operations of its subgraphs, if it is a branch or a loop. */
  readonly inside: readonly GraphNode[];
}

/** A loaded graph. Outputs are fresh arrays that the caller owns. */
export interface Graph {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Free-form metadata embedded in the checkpoint (ONNX metadata_props, tfjs userDefinedMetadata). */
  readonly metadata: Readonly<Record<string, string>>;
  /** How it computes, each node behind those that it reads; absent where the file does not tell. */
  readonly nodes?: readonly GraphNode[];
  /** What a person should know of how it was opened; absent: nothing. */
  readonly notes?: readonly string[];
  /** @throws MiningError 'engine' when the backend fails or an input does not fit. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  dispose(): void;
}

/** 8-bit RGB pixels, row-major, interleaved: data[(y * width + x) * 3 + c]. Upright: EXIF orientation is applied. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
