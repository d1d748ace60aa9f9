/** What a contract of `generic` could say of outputs that no family takes: each way in which they may be a head. */
import type { Outputs } from './families/family.js';
import type { GenericContract } from './families/generic.js';
import type { Columns } from './families/layout.js';
import { inUnit, shareOfCorners, tablesOf, unitOf, type Table } from './families/look.js';

export interface GenericGuess {
  /** `boxes dets, scores labels, softmax with background last`. */
  readonly name: string;
  readonly contract: GenericContract;
}

/** Columns of a box. */
const BOX = 4;
/** Most classes that are asked for: more columns are masks, embeddings or distributions. */
const MAX_CLASSES = 4096;

type Activation = Pick<GenericContract, 'activation' | 'background'>;
const SIGMOID: Activation = { activation: 'sigmoid' };
const ACTIVATIONS: readonly Activation[] = [
  SIGMOID,
  { activation: 'softmax', background: 'last' },
  { activation: 'softmax', background: 'first' },
];

/** @returns none where no two outputs have as many rows, and none is a row of a box and its scores. */
export function genericGuesses(outputs: Outputs): GenericGuess[] {
  const tables = tablesOf(outputs).map(rowsOf);
  const apart = tables
    .filter(({ numColumns }) => numColumns === BOX)
    .flatMap((boxes) =>
      tables
        .filter((scores) => scores.output !== boxes.output && scores.numRows === boxes.numRows)
        .flatMap((scores) => guessesOf(outputs, columns(boxes, 0, BOX), columns(scores, 0, scores.numColumns))),
    );
  const together = tables
    .filter(({ numColumns }) => numColumns > BOX)
    .flatMap((table) => {
      const [boxes, scores] = [columns(table, 0, BOX), columns(table, BOX, table.numColumns)];
      const objectness = columns(table, BOX, BOX + 1);
      const after = columns(table, BOX + 1, table.numColumns);
      const guesses = guessesOf(outputs, boxes, scores);
      return table.numColumns > BOX + 1 ? [...guesses, guessOf(outputs, boxes, after, SIGMOID, objectness)] : guesses;
    });
  return [...apart, ...together];
}

interface Rows {
  readonly output: string;
  readonly numRows: number;
  readonly numColumns: number;
  readonly rowsLast: boolean;
}

/** There are more candidates than columns. */
function rowsOf({ name, axes: [a, b] }: Table): Rows {
  return { output: name, numRows: Math.max(a, b), numColumns: Math.min(a, b), rowsLast: b > a };
}

function columns({ output, rowsLast }: Rows, from: number, to: number): Columns {
  return { output, from, to, rowsLast };
}

function guessesOf(outputs: Outputs, boxes: Columns, scores: Columns): GenericGuess[] {
  const width = scores.to - scores.from;
  if (width > MAX_CLASSES) return [];
  const fitting = width > 1 ? ACTIVATIONS : [SIGMOID];
  return fitting.map((activation) => guessOf(outputs, boxes, scores, activation));
}

function guessOf(
  outputs: Outputs,
  boxes: Columns,
  scores: Columns,
  activation: Activation,
  objectness?: Columns,
): GenericGuess {
  const { background } = activation;
  const parts = [
    `boxes ${boxes.output}`,
    `scores ${scores.output}`,
    ...(objectness === undefined ? [] : ['objectness before them']),
    ...(background === undefined ? [] : [`softmax with background ${background}`]),
  ];
  return {
    name: parts.join(', '),
    contract: {
      family: 'generic',
      boxes: said(boxes),
      boxForm: shareOfCorners(outputs, boxes) > 0.9 ? 'xyxy' : 'cxcywh',
      boxUnit: unitOf(outputs, boxes),
      scores: said(scores),
      given: inUnit(outputs, scores) ? 'probabilities' : 'logits',
      ...activation,
      ...(objectness === undefined ? {} : { objectness: said(objectness) }),
    },
  };
}

function said({ output, from, to, rowsLast }: Columns): GenericContract['boxes'] {
  return { output, columns: [from, to], ...(rowsLast ? { last: 'rows' as const } : {}) };
}
