/** Decode and measure of large dense heads, on made-up outputs as trained ones give them. */
import type { GraphFamily, Outputs } from '../../src/checkpoint/families/family.js';
import { yolov5 } from '../../src/checkpoint/families/yolov5.js';
import { yolov8 } from '../../src/checkpoint/families/yolov8.js';
import type { InputForm, Placement } from '../../src/checkpoint/pixels/preprocess.js';
import { measureRois } from '../../src/core/measure/measure.js';
import { allocateGtTable, type GtTable } from '../../src/core/tables.js';
import { seededRandom } from './clustered-rois.js';
import { timeSync, type Times } from './measure-time.js';

const SIDE = 640;
const NUM_CLASSES = 80;
const NUM_OBJECTS = 10;
const FORM: InputForm = { width: SIDE, height: SIDE, layout: 'nchw' };
const PLACE: Placement = {
  ...{ left: 0, top: 0, widthPx: SIDE, heightPx: SIDE, scaleX: 1, scaleY: 1 },
  ...{ inputWidth: SIDE, inputHeight: SIDE },
};

export function benchDenseHeads(): Record<string, Times> {
  return {
    ...benchHead('8,400 × 80 (yolov8)', yolov8, yolov8Outputs()),
    ...benchHead('25,200 × 85 (yolov5)', yolov5, yolov5Outputs()),
  };
}

function benchHead(name: string, family: GraphFamily, outputs: Outputs): Record<string, Times> {
  const hints = { contract: null, numClasses: NUM_CLASSES, sidecar: null, inner: null, takesBytes: false };
  const decoder = family.match(outputs, FORM, hints);
  if (decoder === null) throw new Error(`${family.id} does not know its own outputs`);
  const gts = objects();
  const measure = decoder.measureDefaults ?? family.measureDefaults;
  const output = decoder.decode(outputs, PLACE);
  return {
    [`${name}: decode`]: timeSync(() => decoder.decode(outputs, PLACE)),
    [`${name}: measure`]: timeSync(() => measureRois(output, gts, measure, { width: SIDE, height: SIDE })),
  };
}

function objects(): GtTable {
  const random = seededRandom(2);
  const gts = allocateGtTable(NUM_OBJECTS);
  for (let g = 0; g < NUM_OBJECTS; g++) {
    const [width, height] = [20 + 250 * random(), 20 + 250 * random()];
    gts.x1[g] = random() * (SIDE - width);
    gts.y1[g] = random() * (SIDE - height);
    gts.x2[g] = gts.x1[g] + width;
    gts.y2[g] = gts.y1[g] + height;
    gts.gtClass[g] = Math.floor(NUM_CLASSES * random());
  }
  return gts;
}

/** [1, 4 + K, A]. */
function yolov8Outputs(): Outputs {
  const [random, numRois] = [seededRandom(1), 8400];
  const data = new Float32Array((4 + NUM_CLASSES) * numRois);
  for (let i = 0; i < data.length; i++) data[i] = i < 4 * numRois ? SIDE * random() : score(random);
  return { output0: { shape: [1, 4 + NUM_CLASSES, numRois], data } };
}

/** [1, A, 5 + K]. */
function yolov5Outputs(): Outputs {
  const [random, numRois, columns] = [seededRandom(1), 25_200, 5 + NUM_CLASSES];
  const data = new Float32Array(columns * numRois);
  for (let i = 0; i < data.length; i++) data[i] = i % columns < 4 ? SIDE * random() : score(random);
  return { output: { shape: [1, numRois, columns], data } };
}

/** A sigmoid of logits about -8, with a long tail. */
function score(random: () => number): number {
  return 1 / (1 + Math.exp(8 + 1.2 * Math.log(random() + 1e-9)));
}
