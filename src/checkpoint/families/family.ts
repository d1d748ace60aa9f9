/** What a family of checkpoints is: how it is recognised by its tensors and what they mean. */
import type { Phrase } from '../../core/said.js';
import type * as v from 'valibot';
import { FAST_RCNN_MEASURE } from '../../core/measure/measure-config.js';
import type { DetectorOutput, ScoreForm } from '../../core/losses/detector-output.js';
import type { GraphNode, Tensor } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { GraphContract } from '../files/contract.js';
import type { Detector, ModelFiles } from '../detector.js';
import type { InputForm, Placement, PreprocessSpec } from '../pixels/preprocess.js';
import type { Sidecar } from '../sidecars/sidecar.js';

export type Outputs = Readonly<Record<string, Tensor>>;

/** What is known beside the tensors. */
export interface Hints<C extends GraphContract = GraphContract> {
  readonly contract: C | null;
  /** How many class names there are; null: none. */
  readonly numClasses: number | null;
  /** What its exporter wrote down. */
  readonly sidecar: Sidecar | null;
  /** Does the network take pixels as they are? */
  readonly takesBytes: boolean;
  /** Where the outputs are inner tensors: their names in the order of the contract or of `rawHead`. */
  readonly inner: readonly string[] | null;
}

/** What the house says and asks of any family; `../registry.ts` lists them. */
export interface FamilyFacts {
  readonly id: string;
  /** For lists and docs: `YOLOX`. */
  readonly title: string;
  /** Its row in docs/checkpoints.md, as Markdown. */
  readonly docs: {
    readonly recognisedBy: string;
    readonly input: string;
    /** What is ranked, and how it gets its label. */
    readonly ranked: string;
  };
  /** A contract to copy, where it needs more than family and classes. */
  readonly example?: { readonly family: string } & Readonly<Record<string, unknown>>;
  /** The contract's keys. */
  readonly contract: v.GenericSchema<unknown, { readonly family: string }>;
}

/**
 * A detector of one graph. `C` is what `contract` gives: the house hands a contract only to the family whose schema
 * has passed it.
 */
export interface GraphFamily<C extends GraphContract = GraphContract> extends FamilyFacts {
  readonly kind: 'graph-detector';
  readonly contract: v.GenericSchema<unknown, C>;
  readonly preprocess: PreprocessSpec;
  /** Input side where neither graph nor contract gives one, px. */
  readonly defaultSizePx: number;
  /** The recipe of its training, as far as there is one here. */
  readonly measureDefaults: Detector['measureDefaults'];
  /** The outputs that it would take for this input, for the error when none fits. */
  describe(form: InputForm): string;
  /**
   * Finds its head inside a graph whose outputs are no candidates: names of inner tensors, in the order in which
   * `match` takes them. Absent: the values of the tensors before the last choice tell (`../inner-tensors.ts`).
   * @param nodes in the graph's order.
   * @returns null where it is not there.
   */
  rawHead?(nodes: readonly GraphNode[]): readonly string[] | null;
  /**
   * Recognises the outputs of one forward over a made-up image by shape, and by value where shapes leave it open.
   * @returns null when they are not this family's.
   */
  match(outputs: Outputs, form: InputForm, hints: Hints<C>): Decoder | null;
}

/** A detector of several graphs, which only its contract can tell. */
export interface FolderFamily extends FamilyFacts {
  readonly kind: 'folder-detector';
  /** As a graph family's. */
  readonly measureDefaults: Detector['measureDefaults'];
  /**
   * The files of the checkpoint, hashed.
   * @param contractPath absolute; what it names lies in its folder.
   * @param contract its parsed JSON, unchecked.
   * @throws MiningError 'checkpoint' for a contract that does not fit or files that cannot be read.
   */
  locate(contractPath: string, contract: unknown): Promise<ModelFiles<Detector>>;
}

/** Outputs bound to their meaning. */
export interface Decoder {
  readonly numClasses: number;
  readonly scoreForm: ScoreForm;
  /** Values over a made-up image had to tell what a contract can say. */
  readonly isGuess?: boolean;
  /** Where the outputs decide it, not the family. */
  readonly measureDefaults?: Detector['measureDefaults'];
  /** Remarks on how the outputs were bound. */
  readonly notes: readonly Phrase[];
  /**
   * Boxes in image px, one row an anchor. NaN passes through. Region and grid columns may be shared between calls;
   * scores and objectness last until the next one.
   * @param outputs of one forward; their memory becomes the decoder's, which may overwrite it.
   * @throws MiningError 'checkpoint' when an output has another shape than at binding.
   */
  decode(outputs: Outputs, place: Placement): DetectorOutput;
}

/** Measure defaults of anchor-point heads with sigmoid scores; each family adds its assigner. */
export const DENSE_DEFAULTS: Omit<Detector['measureDefaults'], 'assigner'> = {
  ...FAST_RCNN_MEASURE,
  clsLoss: 'bce',
  locLoss: 'giou',
  roiBox: 'regressed',
};

/** Measure defaults of heads without a grid: the regressed box is all that is compared. */
export const QUERY_DEFAULTS: Detector['measureDefaults'] = { ...DENSE_DEFAULTS, assigner: 'max-iou' };

/** PP-YOLOE's recipe (arXiv 2203.16250, section 2), which YOLOv6 and YOLO-NAS took over; TOOD's assigner as it is. */
export const PP_YOLOE_RECIPE: Detector['measureDefaults'] = {
  ...DENSE_DEFAULTS,
  assigner: 'tal',
  clsLoss: 'vfl',
  clsTarget: 'soft',
  locLossWeight: 2.5,
  leftOut: 'dfl',
};

/** What all DETRs with a sigmoid a class share: Deformable DETR (arXiv 2010.04159); each family adds its class loss. */
export const FOCAL_QUERY_RECIPE: Detector['measureDefaults'] = {
  ...QUERY_DEFAULTS,
  assigner: 'hungarian',
  matchClass: 'focal',
  matchClassWeight: 2,
  locLoss: 'l1-giou',
};

/** As OpenCV-trained YOLOs are fed: centred on grey, RGB in 0…1. */
export const LETTERBOX_CENTRE: PreprocessSpec = {
  resize: 'letterbox-centre',
  interpolation: 'opencv',
  channels: 'rgb',
  mean: [0, 0, 0],
  std: [255, 255, 255],
  pad: 114,
};

/** Both sides stretched, RGB in 0…1. */
export const STRETCH: PreprocessSpec = { ...LETTERBOX_CENTRE, resize: 'stretch' };

/** In pixels. */
export const IMAGENET_SCALE: Pick<PreprocessSpec, 'mean' | 'std'> = {
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
};

export const SIGMOID_SCORES = { activation: 'sigmoid', given: 'probabilities' } as const satisfies ScoreForm;
export const SIGMOID_LOGITS = { activation: 'sigmoid', given: 'logits' } as const satisfies ScoreForm;
export const SOFTMAX_LOGITS = { activation: 'softmax', given: 'logits' } as const satisfies ScoreForm;

/**
 * The values of an output that must have `shape`.
 * @throws MiningError 'checkpoint' for another shape, length or type.
 */
export function takeOutput(outputs: Outputs, name: string, shape: readonly number[]): Float32Array {
  const tensor = outputs[name];
  const fits =
    tensor !== undefined &&
    tensor.shape.join() === shape.join() &&
    tensor.data.length === shape.reduce((a, b) => a * b, 1);
  if (!fits || !(tensor.data instanceof Float32Array)) {
    const received = tensor === undefined ? 'nothing' : describeOutput(tensor);
    throw new MiningError('checkpoint', said`output ${name}`, `float32 [${shape.join(',')}]`, received);
  }
  return tensor.data;
}

/** `float32 [1,3549,85]`, with the number of values where it is not the shape's. */
export function describeOutput({ shape, data }: Tensor): string {
  const type = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'uint8';
  const size = shape.reduce((a, b) => a * b, 1);
  return `${type} [${shape.join(',')}]${size === data.length ? '' : ` with ${data.length} values`}`;
}

/** Float outputs of shape [1, rows, columns]. */
export interface RowsOutput {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** The outputs that are float32 [1, rows, columns]. */
export function rowsOutputs(outputs: Outputs): RowsOutput[] {
  return Object.entries(outputs).flatMap(([name, { shape, data }]) =>
    shape.length === 3 && shape[0] === 1 && data instanceof Float32Array && data.length === shape[1] * shape[2]
      ? [{ name, rows: shape[1], columns: shape[2], data }]
      : [],
  );
}

/** Rounding of half-precision exporters. */
const SLACK = 1e-3;

/** Are all finite values of columns [from, to) probabilities? */
export function areProbabilities({ rows, columns, data }: RowsOutput, from = 0, to = columns): boolean {
  for (let row = 0; row < rows; row++) {
    for (let at = row * columns + from; at < row * columns + to; at++) {
      if (data[at] < -SLACK || data[at] > 1 + SLACK) return false;
    }
  }
  return true;
}
