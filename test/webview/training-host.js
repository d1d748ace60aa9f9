// Stands in for the extension host of a training: made-up curves, and images that gained or got worse.
import { resolveConfig } from '../../src/core/mining/select.ts';
import { acquireFor } from './stand-in.js';

const [NUM_STEPS, NUM_IMAGES] = [84, 12];
const CLASSES = ['bolt', 'nut', 'washer'];
const SIZE = { width: 640, height: 480 };

const facts = {
  name: 'parts-training',
  out: '/w/ohem-runs/parts-training',
  checkpoint: '/w/checkpoint',
  data: '/w/parts.json',
  validation: 'parts.json, split val',
  classes: CLASSES,
  mining: resolveConfig('paper'),
  sampler: 'paper · B/N 128/2',
  epochs: 4,
  learningRate: 0.002,
  frozenBody: false,
};

/** The curves: losses from step 0 on, mAP of each epoch. */
const points = Array.from({ length: 13 }, (_, i) => i * 7).flatMap((step) => {
  const at = { step, epoch: (step / NUM_STEPS) * 4 };
  const left = Math.exp(-step / 40);
  const steps = { event: 'steps', numSteps: NUM_STEPS, numRois: 600, numSelected: 128, foregroundShare: 0.4, ...at };
  const validation = { coco: 0.5 - 0.3 * left, coco50: 0.8 - 0.4 * left };
  return [
    ...(step % 21 === 0 ? [{ event: 'epoch', validation, ...at }] : []),
    { ...steps, selectedLoss: 0.4 + 1.6 * left, allRoiLoss: 0.1 + 0.5 * left },
  ];
});

/** Image n gains more than the next one; the last three get worse. */
const images = Array.from({ length: NUM_IMAGES }, (_, n) => ({
  id: `scenes/part-${n}.jpg`,
  lossBefore: 1.2 - n * 0.05,
  lossAfter: 0.3 + n * 0.05 + (n > 8 ? 0.6 : 0),
  numObjects: 3,
  numFoundBefore: n > 8 ? 2 : 1,
  numFoundAfter: n > 8 ? 1 : 3,
}));
const sum = (key) => images.reduce((total, image) => total + image[key], 0);
const gains = {
  step: NUM_STEPS,
  epoch: 4,
  facts: {
    numBetter: images.filter(({ lossBefore, lossAfter }) => lossAfter < lossBefore).length,
    numWorse: images.filter(({ lossBefore, lossAfter }) => lossAfter > lossBefore).length,
    lossBefore: sum('lossBefore') / NUM_IMAGES,
    lossAfter: sum('lossAfter') / NUM_IMAGES,
    numObjects: sum('numObjects'),
    numFoundBefore: sum('numFoundBefore'),
    numFoundAfter: sum('numFoundAfter'),
  },
  images: images.sort((a, b) => b.lossBefore - b.lossAfter - (a.lossBefore - a.lossAfter)),
};

/** Three objects, the first so many of them found. */
function sightOf(numFound) {
  const boxes = [0, 1, 2].map((n) => [60 + n * 190, 90 + n * 60, 190 + n * 190, 210 + n * 60]);
  return [
    ...boxes.map((box, n) => ({ kind: n < numFound ? 'found' : 'missed', label: n, box, score: null })),
    ...boxes.slice(0, numFound).map(([x1, y1, x2, y2], n) => ({
      kind: 'detection',
      label: n,
      box: [x1 + 6, y1 - 5, x2 + 8, y2 + 3],
      score: 0.93 - n / 10,
    })),
  ];
}

const progress = {
  state: 'finished',
  step: NUM_STEPS,
  numSteps: NUM_STEPS,
  epoch: 4,
  stepSeconds: null,
  etaSeconds: null,
  message: '',
  problem: null,
  canResume: true,
  hasCheckpoint: true,
  canCompare: true,
};

const training = acquireFor({
  ready() {
    training.tell('training', { facts, points });
    training.tell('progress', { progress });
    training.tell('gains', { gains });
  },
  readGain({ id }) {
    const image = images.find((one) => one.id === id);
    const { numFoundBefore, numFoundAfter } = image;
    const sights = { before: sightOf(numFoundBefore), after: sightOf(numFoundAfter) };
    return { id, path: `/w/${id}`, ...SIZE, classes: CLASSES, ...sights, uri: null };
  },
  act: () => undefined,
});
