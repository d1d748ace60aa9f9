/** How good a network is: its detections on images with ground truth, by VOC's and COCO's average precision. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Boxes } from '../../core/tables.js';
import { inferenceNms } from '../../core/boxes/inference-nms.js';
import { averagePrecision, meanAp, type ImageDetections } from './average-precision.js';
import { lookOnce } from '../body.js';
import { COCO_THRESHOLDS, cocoAveragePrecision } from './coco-average-precision.js';
import type { TrainingImage } from '../minibatch.js';
import type { NetworkSpec } from '../network/network-spec.js';
import { proposalSource, type ProposalSource } from '../proposal-source.js';
import { measureImages, poolingOf, readOnlyPass } from '../network/roi-heads.js';
import { poolFrom, type Pool } from '../pool-rois.js';
import type { ImageSource, TrainedNetwork } from '../trainer.js';

/** Mean average precisions, [0, 1]; NaN without ground truth. */
export interface Precision {
  /** VOC 2007: 11 points, IoU .5. */
  readonly voc07: number;
  /** VOC 2010: all points, IoU .5. */
  readonly voc10: number;
  /** COCO: 101 points, IoU .5 to .95. */
  readonly coco: number;
  readonly coco50: number;
  readonly coco75: number;
  /** VOC 2010 of each class. */
  readonly byClass: readonly number[];
}

export interface Evaluation {
  readonly precision: Precision;
  /** Each image with what was found on it, in order. */
  readonly images: readonly ImageDetections[];
}

/** A detection as COCO evaluates them: nearly every score counts. */
const DETECTING = { scoreThreshold: 0.01, iouThreshold: 0.5 };

/**
 * Detects in every image and compares. A RoI gives one detection, of its best class.
 * @param source where RoIs come from; a proposal stage uses the network's own numbers, not the training's.
 */
export async function evaluateNetwork(
  network: TrainedNetwork,
  spec: NetworkSpec,
  source: ProposalSource,
  images: ImageSource,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const { body, head } = network;
  const propose = proposalSource(source.from === 'stage' ? { from: 'stage', ...spec.proposals } : source, spec);
  const look = (image: TrainingImage): Look => {
    const { features, boxes } = lookOnce(body, spec, propose, image);
    return { pool: poolFrom(features, [boxes], poolingOf(spec)), boxes, dispose: () => features.dispose() };
  };
  return evaluateHead(head, spec, images, look, signal);
}

/** What a head is asked about one image. */
export interface Look {
  readonly pool: Pool;
  /** Proposals alone: nobody knows the ground truth. */
  readonly boxes: Boxes;
  dispose(): void;
}

/** As `evaluateNetwork`, of a head whose RoIs come from anywhere. @param look at one image, by its place. */
export async function evaluateHead(
  head: LayersModel,
  spec: NetworkSpec,
  images: ImageSource,
  look: (image: TrainingImage, index: number) => Look,
  signal?: AbortSignal,
): Promise<Evaluation> {
  const found: ImageDetections[] = [];
  for (let index = 0; index < images.numImages; index++) {
    signal?.throwIfAborted();
    const image = await images.load(index);
    const { pool, boxes, dispose } = look(image, index);
    const [rois] = measureImages(readOnlyPass(head, pool, [boxes]), [boxes], [image.gts], spec);
    dispose();
    found.push({ rois, rows: inferenceNms(rois, DETECTING), gts: image.gts });
  }
  return { precision: precisionOf(found, spec.numClasses), images: found };
}

function precisionOf(found: readonly ImageDetections[], numClasses: number): Precision {
  const byClass = averagePrecision(found, numClasses, 0.5);
  const coco = COCO_THRESHOLDS.map((threshold) => meanAp(cocoAveragePrecision(found, numClasses, threshold)));
  return {
    voc07: meanAp(averagePrecision(found, numClasses, 0.5, '11-points')),
    voc10: meanAp(byClass),
    coco: meanAp(Float64Array.from(coco)),
    coco50: coco[0],
    coco75: coco[5],
    byClass: [...byClass],
  };
}
