/** torchvision's raw heads as regions, scores and boxes in image px. */
import { decodeDeltas, type DeltaWeights } from '../../../core/boxes/box-coding.js';
import type { AnchorGrid, DetectorOutput } from '../../../core/losses/detector-output.js';
import { MiningError } from '../../../core/mining-error.js';
import { said } from '../../../core/said.js';
import type { Boxes } from '../../../core/tables.js';
import type { Placement } from '../../pixels/preprocess.js';
import { bestClasses } from '../fast-rcnn/fast-rcnn.js';
import { describeOutput, type Decoder, type Outputs } from '../family.js';
import { axesOf, moveBackgroundLast, readColumns } from '../layout.js';

/** How a head's numbers are meant. */
export interface HeadForm {
  readonly activation: 'softmax' | 'sigmoid';
  /** Of deltas; null: the codes are distances to the four sides, in sides of the region, with a centre-ness. */
  readonly deltaWeights: DeltaWeights | null;
}

/** Shapes of one forward's head. */
interface HeadShape {
  readonly numRois: number;
  /** Of the logits. */
  readonly numColumns: number;
  /** 4, or 4 * numColumns where boxes go by class. */
  readonly numCodes: number;
  /** Of the resized image, px. */
  readonly width: number;
  readonly height: number;
}

/**
 * Binds a head.
 * @param names as RawHead.
 * @param hasBackground is the first of so many columns background? A softmax always has it.
 * @returns null where shapes are not a head's.
 */
export function headDecoder(
  outputs: Outputs,
  names: readonly string[],
  form: HeadForm,
  hasBackground: (numColumns: number) => boolean,
): Decoder | null {
  const bound = shapeOf(outputs, names, form);
  if (bound === null) return null;
  const { numColumns } = bound;
  const skipped = form.activation === 'softmax' || hasBackground(numColumns) ? 1 : 0;
  return {
    numClasses: numColumns - skipped,
    scoreForm: { activation: form.activation, given: 'logits' },
    notes: skipped === 1 ? [said`the first class of the head is taken as background`] : [],
    decode(given, place) {
      const shape = shapeOf(given, names, form);
      if (shape?.numColumns !== numColumns) throw changed(given, names);
      return decoded(given, names, form, shape, skipped, place);
    },
  };
}

function shapeOf(
  outputs: Outputs,
  [logits = '', codes = '', regions = '', resized = '', centreness = '']: readonly string[],
  { deltaWeights }: HeadForm,
): HeadShape | null {
  const axes = (name: string) => axesOf(outputs[name]?.shape ?? []);
  const [numRois, numColumns] = axes(logits);
  const numCodes = axes(codes)[1];
  // Factors, which a resize may have in the place of sizes, are floats.
  const sizes = outputs[resized]?.data ?? [];
  const [height = 0, width = 0] = sizes instanceof Float32Array ? [] : sizes.slice(-2);
  const fits =
    numColumns > 1 &&
    (numCodes === 4 || numCodes === 4 * numColumns) &&
    axes(codes)[0] === numRois &&
    axes(regions).join() === `${numRois},4` &&
    (deltaWeights !== null || axes(centreness).join() === `${numRois},1`);
  return fits && width > 0 && height > 0 ? { numRois, numColumns, numCodes, width, height } : null;
}

function changed(outputs: Outputs, names: readonly string[]): MiningError {
  const received = names.map((name) => {
    const tensor = outputs[name];
    return tensor === undefined ? 'nothing' : describeOutput(tensor);
  });
  return new MiningError('checkpoint', said`outputs ${names.join(', ')}`, 'the shapes at opening', received.join(', '));
}

function decoded(
  outputs: Outputs,
  [logits = '', codes = '', regionsName = '', , centreness = '']: readonly string[],
  { activation, deltaWeights }: HeadForm,
  shape: HeadShape,
  skipped: number,
  place: Placement,
): DetectorOutput {
  const { numRois, numColumns, numCodes } = shape;
  const columns = (output: string, from: number, to: number) =>
    readColumns(outputs, { output, from, to, rowsLast: false });
  const corners = columns(regionsName, 0, 4);
  const regions = inImage(corners, shape, place);
  const scores = columns(logits, activation === 'softmax' ? 0 : skipped, numColumns);
  if (activation === 'softmax') moveBackgroundLast(scores, numColumns);
  const isByClass = numCodes > 4;
  const deltas = columns(codes, isByClass ? 4 * skipped : 0, numCodes);
  const numClasses = numColumns - skipped;
  const common = {
    numRois,
    numClasses,
    regions,
    scoreForm: { activation, given: 'logits' },
    scores,
  } as const;
  if (deltaWeights === null) {
    const preds = fromDistances(regions, deltas);
    const objectness = columns(centreness, 0, 1);
    return { ...common, preds, objectness, deltas: null, deltaWeights, grid: squaresGrid(corners, regions) };
  }
  const classOf = isByClass ? bestClasses(scores, numRois, numClasses) : null;
  const preds = decodeDeltas(regions, deltas, deltaWeights, classOf);
  return { ...common, preds, objectness: null, deltas, deltaWeights, grid: null };
}

/** The graph resizes the image by itself, each axis by its own share. */
function inImage(corners: Float32Array, { width, height }: HeadShape, place: Placement): Boxes {
  const x = place.inputWidth / width / place.scaleX;
  const y = place.inputHeight / height / place.scaleY;
  const column = (at: number, scale: number) =>
    Float32Array.from({ length: corners.length / 4 }, (_, row) => corners[row * 4 + at] * scale);
  return { x1: column(0, x), y1: column(1, y), x2: column(2, x), y2: column(3, y) };
}

function fromDistances({ x1, y1, x2, y2 }: Boxes, distances: Float32Array): Boxes {
  const column = (low: Boxes['x1'], high: Boxes['x1'], at: number) =>
    Float32Array.from(low, (value, row) => {
      const distance = (high[row] - value) * distances[row * 4 + at];
      return (value + high[row]) / 2 + (at < 2 ? -distance : distance);
    });
  return { x1: column(x1, x2, 0), y1: column(y1, y2, 1), x2: column(x1, x2, 2), y2: column(y1, y2, 3) };
}

/** FCOS's anchors are squares of their level's stride. */
function squaresGrid(corners: Float32Array, { x1, y1, x2, y2 }: Boxes): AnchorGrid {
  const numRois = x1.length;
  const stride = (row: number) => corners[row * 4 + 2] - corners[row * 4];
  const levelStart = [0];
  for (let row = 1; row < numRois; row++) if (stride(row) !== stride(row - 1)) levelStart.push(row);
  const column = (low: Boxes['x1'], high: Boxes['x1'], of: (low: number, high: number) => number) =>
    Float32Array.from(low, (value, row) => of(value, high[row]));
  const centre = (low: number, high: number) => (low + high) / 2;
  const side = (low: number, high: number) => high - low;
  return {
    centreX: column(x1, x2, centre),
    centreY: column(y1, y2, centre),
    strideX: column(x1, x2, side),
    strideY: column(y1, y2, side),
    levelStart: Int32Array.from([...levelStart, numRois]),
  };
}
