/** Images and ground truth as the network takes them. */
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../core/graph.js';
import { MiningError } from '../core/mining-error.js';
import { said } from '../core/said.js';
import type { Boxes, GtTable } from '../core/tables.js';
import type { NetworkSpec } from './network/network-spec.js';

export interface TrainingImage {
  readonly image: RgbImage;
  /** Boxes in the image's own px, which are the network's: training images are not resized. */
  readonly gts: GtTable;
  /** Boxes to choose RoIs from, where they come from a file; as `gts`. */
  readonly proposals?: Boxes;
}

/** The image mirrored left to right, with its boxes. */
export function flipped({ image, gts, proposals }: TrainingImage): TrainingImage {
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const from = (y * image.width + x) * 3;
      const to = (y * image.width + image.width - 1 - x) * 3;
      for (let c = 0; c < 3; c++) data[to + c] = image.data[from + c];
    }
  }
  return {
    image: { ...image, data },
    gts: { ...gts, ...mirrored(gts, image.width) },
    ...(proposals === undefined ? {} : { proposals: mirrored(proposals, image.width) }),
  };
}

function mirrored({ x1, y1, x2, y2 }: Boxes, width: number): Boxes {
  return { x1: x2.map((x) => width - x), y1, x2: x1.map((x) => width - x), y2 };
}

/**
 * The input tensor [N, H, W, 3]: images at the top left, the rest is the mean (zeros after normalisation).
 * @throws MiningError 'dataset' for an image larger than the input.
 */
export function inputTensor(
  images: readonly RgbImage[],
  { inputWidth, inputHeight, mean, std }: NetworkSpec,
): tf.Tensor4D {
  const values = new Float32Array(images.length * inputHeight * inputWidth * 3);
  images.forEach(({ width, height, data }, n) => {
    if (width > inputWidth || height > inputHeight) {
      throw new MiningError(
        'dataset',
        'image',
        said`at most ${inputWidth} x ${inputHeight} px`,
        `${width} x ${height}`,
      );
    }
    for (let y = 0; y < height; y++) {
      const to = (n * inputHeight + y) * inputWidth * 3;
      for (let i = 0; i < width * 3; i++) values[to + i] = (data[y * width * 3 + i] - mean) / std;
    }
  });
  return tf.tensor4d(values, [images.length, inputHeight, inputWidth, 3]);
}
