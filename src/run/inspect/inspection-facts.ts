/** An inspection as lines and columns, for the command line and for the editor. */
import type { Detector } from '../../checkpoint/detector.js';
import { said, type Phrase } from '../../core/said.js';
import type { TopBox } from '../../core/reports/box-fit.js';
import type { GtTable } from '../../core/tables.js';
import type { FoundBoxes, InspectionState, LabelledBoxes } from '../../protocol/inspect-messages.js';
import type { Inspector } from './inspector.js';
import type { Reading } from './reading.js';

/** Class names in the line of facts. */
const MAX_CLASSES = 10;

/** What the chosen reading is taken for, and where each comes from: [what, which], '' goes on. */
export function factsOf(inspector: Inspector): readonly (readonly [string, Phrase])[] {
  const { detector } = inspector.chosen;
  const { family, classes, numClasses, preprocess, notes } = detector;
  const more = numClasses > MAX_CLASSES ? ', …' : '';
  const named = classes === null ? said`unnamed` : `${classes.slice(0, MAX_CLASSES).join(', ')}${more}`;
  return [
    ['family', family],
    ...(inspector.problem === undefined ? [] : [['', inspector.problem] as const]),
    ['input', inspector.inputs.join('; ')],
    ['', sizeText(detector)],
    ['output', inspector.outputs.join('; ')],
    ['preprocess', preprocess === undefined ? 'as its contract says' : phrase(preprocess)],
    ['classes', said`${numClasses}: ${named}`],
    ...notes.map((note) => ['', note] as const),
  ];
}

/** `resize letterbox, mean 0 0 0`. */
function phrase(keys: object): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} ${[value].flat().join(' ')}`)
    .join(', ');
}

/** Which size an image has in the network: one for all, or one that follows the image. */
export function sizeText({
  preprocess,
  inputWidth,
  inputHeight,
}: Pick<Detector, 'preprocess' | 'inputWidth' | 'inputHeight'>): Phrase {
  const resize = preprocess !== undefined && 'resize' in preprocess ? preprocess.resize : null;
  if (resize === 'none') return 'an image goes in as large as it is';
  if (resize === 'shorter-side') return 'the size follows the image';
  return said`an image becomes ${inputWidth} x ${inputHeight}`;
}

/** Name of a box's class. */
export function labelOf({ detector }: Reading, { classId }: TopBox): string {
  return detector.classes?.[classId] ?? String(classId);
}

/** All that the editor shows. */
export function inspectionState(inspector: Inspector): InspectionState {
  const { samples, readings, chosen, evidence } = inspector;
  return {
    images: samples.map(({ path, image: { width, height }, gts, classes }) => ({
      path,
      width,
      height,
      gts: gtColumns(gts, classes),
    })),
    readings: readings.map((reading) => ({
      name: reading.name,
      fit: reading.fit,
      boxes: reading.boxes.map((boxes) => boxColumns(reading, boxes)),
    })),
    chosen: readings.indexOf(chosen),
    facts: factsOf(inspector),
    evidence: evidence.said,
    isWeak: evidence.isWeak,
    repairs: inspector.repairs.map(({ id, title, changes, chosen: at }) => ({
      id,
      title,
      choices: changes.map(({ choice }) => choice),
      chosen: at,
    })),
  };
}

function gtColumns({ x1, y1, x2, y2, gtClass }: GtTable, names: readonly string[]): LabelledBoxes {
  return {
    x1: Array.from(x1),
    y1: Array.from(y1),
    x2: Array.from(x2),
    y2: Array.from(y2),
    label: Array.from(gtClass, (label) => names[label] ?? ''),
  };
}

function boxColumns(reading: Reading, boxes: readonly TopBox[]): FoundBoxes {
  return {
    x1: boxes.map((box) => box.x1),
    y1: boxes.map((box) => box.y1),
    x2: boxes.map((box) => box.x2),
    y2: boxes.map((box) => box.y2),
    label: boxes.map((box) => labelOf(reading, box)),
    score: boxes.map(({ score }) => score),
  };
}
