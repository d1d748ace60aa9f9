/** What a two-stage network is made of, as numbers; everything that training and export must agree on. */
import type { AnchorOptions } from '../../core/boxes/anchors.js';
import type { DeltaWeights } from '../../core/boxes/box-coding.js';
import type { ProposalOptions } from '../../core/boxes/proposals.js';

export interface NetworkSpec {
  /** K. */
  readonly numClasses: number;
  /** Size of the network's input, px; a multiple of 16. */
  readonly inputWidth: number;
  readonly inputHeight: number;
  /** Input = (pixel - mean) / std, pixels 0–255; padding is `mean`, an integer. */
  readonly mean: number;
  readonly std: number;
  /** Filters at strides 4, 8 and 16, of the feature map (stride 8), and of the proposal stage. */
  readonly widths: readonly [number, number, number];
  readonly features: number;
  readonly proposalWidth: number;
  readonly anchors: AnchorOptions;
  readonly proposals: ProposalOptions;
  readonly pooledSize: number;
  readonly samplingRatio: number;
  /** Units of the RoI head's hidden layers. */
  readonly hidden: readonly number[];
  readonly deltaWeights: DeltaWeights;
}

/** Feature cells of the input along y and x. */
export function mapSize({ inputWidth, inputHeight, anchors }: NetworkSpec): readonly [height: number, width: number] {
  return [inputHeight / anchors.stride, inputWidth / anchors.stride];
}
