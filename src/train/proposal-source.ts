/** Where the RoIs of an image come from, before anything chooses among them. */
import { generateAnchors, type AnchorOptions } from '../core/boxes/anchors.js';
import { MiningError } from '../core/mining-error.js';
import { selectProposals, type ProposalOptions } from '../core/boxes/proposals.js';
import type { Boxes } from '../core/tables.js';
import type { TrainingImage } from './minibatch.js';
import { mapSize, type NetworkSpec } from './network/network-spec.js';
import { takeBoxes } from './targets.js';

/** `stage`: the network's own proposal stage; `anchors`: a dense grid; `file`: what each image brings. */
export type ProposalSource =
  | ({ readonly from: 'stage' } & ProposalOptions)
  | ({ readonly from: 'anchors' } & AnchorOptions)
  | { readonly from: 'file' };

/** What the proposal stage said of one image. */
export interface StageOutput {
  /** A logits, A * 4 deltas. */
  readonly objectness: Float32Array;
  readonly deltas: Float32Array;
}

/**
 * Boxes of an image, px of the network's input, inside the image; the same ones for the same image but from `stage`.
 */
export type Propose = (image: TrainingImage, stage: StageOutput) => Boxes;

/** @throws MiningError 'dataset', by the function, for an image without proposals where they come from a file. */
export function proposalSource(source: ProposalSource, spec: NetworkSpec): Propose {
  if (source.from === 'file') return ({ proposals, image }) => insideImage(given(proposals), image.width, image.height);
  if (source.from === 'anchors') {
    const grid = generateAnchors(
      Math.ceil(spec.inputHeight / source.stride),
      Math.ceil(spec.inputWidth / source.stride),
      source,
    );
    return ({ image }) => insideImage(grid, image.width, image.height);
  }
  const [height, width] = mapSize(spec);
  const anchors = generateAnchors(height, width, spec.anchors);
  return ({ image }, { objectness, deltas }) =>
    selectProposals(objectness, deltas, anchors, image.width, image.height, source).boxes;
}

function given(proposals: Boxes | undefined): Boxes {
  if (proposals === undefined)
    throw new MiningError('dataset', 'proposals', 'boxes of every image', 'an image without');
  return proposals;
}

/** Clipped to the image; boxes less than 1 px wide or high after that go. */
function insideImage(boxes: Boxes, width: number, height: number): Boxes {
  const clip = (values: Boxes['x1'], most: number) =>
    Float32Array.from(values, (value) => Math.min(Math.max(value, 0), most));
  const clipped = {
    x1: clip(boxes.x1, width),
    y1: clip(boxes.y1, height),
    x2: clip(boxes.x2, width),
    y2: clip(boxes.y2, height),
  };
  const rows = Int32Array.from(clipped.x1.keys()).filter(
    (row) => clipped.x2[row] - clipped.x1[row] >= 1 && clipped.y2[row] - clipped.y1[row] >= 1,
  );
  return takeBoxes(clipped, rows);
}
