/** Detector outputs for tests of mining: two classes. */
import type { RgbImage } from '../../../../src/core/graph.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';

/** Boxes and logits that depend on the image's first pixel. */
export function detect(image: RgbImage): Promise<DetectorOutput> {
  const numRois = 6;
  const column = (f: (i: number) => number) => Float32Array.from({ length: numRois }, (_, i) => f(i));
  const boxes = { x1: column((i) => i), y1: column((i) => i), x2: column((i) => i + 10), y2: column((i) => i + 10) };
  const scores = Float32Array.from({ length: numRois * 3 }, (_, i) => ((i * 7 + image.data[0]) % 11) / 3);
  return Promise.resolve({
    numRois,
    numClasses: 2,
    regions: boxes,
    preds: boxes,
    scoreForm: { activation: 'softmax', given: 'logits' },
    scores,
    objectness: null,
    deltas: new Float32Array(numRois * 4),
    deltaWeights: [10, 10, 5, 5],
    grid: null,
  });
}

/** Twelve boxes clear of the object, an objectness of 1 for all. */
export async function detectFlat(image: RgbImage): Promise<DetectorOutput> {
  const column = (f: (i: number) => number) => Float32Array.from({ length: 12 }, (_, i) => f(i));
  const boxes = { x1: column((i) => i), y1: column(() => 13), x2: column((i) => i + 3), y2: column(() => 16) };
  return {
    ...(await detect(image)),
    numRois: 12,
    regions: boxes,
    preds: boxes,
    scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    scores: new Float32Array(24).map((_, i) => (i % 7) / 7),
    objectness: new Float32Array(12).fill(1),
    deltas: null,
    deltaWeights: null,
  };
}
