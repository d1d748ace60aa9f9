import type { NetworkSpec } from '../../src/train/network/network-spec.js';
import { SAMPLE_CLASSES } from './parts/catalogue.js';

/** What the bundled detector is made of: what media/sample/training/train.yaml asks for, and its contract says. */
export const SAMPLE_SPEC: NetworkSpec = {
  numClasses: SAMPLE_CLASSES.length,
  inputWidth: 480,
  inputHeight: 368,
  mean: 128,
  std: 64,
  widths: [32, 48, 80],
  features: 64,
  proposalWidth: 48,
  anchors: { stride: 8, sizes: [14, 26, 46, 80], ratios: [0.5, 1, 2] },
  proposals: { preNmsTop: 1500, nmsThreshold: 0.75, numProposals: 400, minSize: 4 },
  pooledSize: 5,
  samplingRatio: 1,
  hidden: [128, 96],
  deltaWeights: [10, 10, 5, 5],
};
