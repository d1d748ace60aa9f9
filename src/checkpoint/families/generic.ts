/**
 * Any head that a contract describes: which outputs, or which columns of them, are boxes, scores and objectness, and in
 * which form. Nothing is guessed.
 */
import * as v from 'valibot';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { graphContract, optionalKey, wholeSize } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { describeOutput, DENSE_DEFAULTS, QUERY_DEFAULTS, STRETCH, type GraphFamily, type Outputs } from './family.js';
import { axesOf, BOX_FORMS, BOX_UNITS, layoutDecoder, type Columns, type Layout } from './layout.js';

const columns = v.strictObject({
  output: v.pipe(v.string(), v.nonEmpty(), v.description('Name of an output.')),
  columns: optionalKey(
    '[from, to) of its columns; without it all of them.',
    v.strictTuple([v.pipe(v.number(), v.integer(), v.minValue(0)), wholeSize]),
  ),
  last: optionalKey('columns: the output is [A, C]; rows: [C, A].', v.picklist(['columns', 'rows'])),
});
type ColumnsOf = v.InferOutput<typeof columns>;

const contract = graphContract('generic', {
  boxes: v.pipe(columns, v.description('Where the boxes stand: four columns.')),
  boxForm: v.pipe(
    v.picklist(BOX_FORMS),
    v.description('Order of a box’s four values; ltrb: distances from the centre of the row’s cell.'),
  ),
  boxUnit: v.pipe(
    v.picklist(BOX_UNITS),
    v.description('pixels of the input, normalised (0…1 of the input), or strides (of distances).'),
  ),
  scores: v.pipe(columns, v.description('Where the class scores stand.')),
  activation: v.pipe(v.picklist(['sigmoid', 'softmax']), v.description('What makes probabilities of the logits.')),
  given: v.pipe(
    v.picklist(['logits', 'probabilities']),
    v.description('probabilities: the activation is applied in the graph.'),
  ),
  background: optionalKey(
    'The column of scores that is no class. A softmax without one is given as sigmoid, probabilities.',
    v.picklist(['first', 'last', 'none']),
  ),
  objectness: optionalKey('Where the objectness stands: one column.', columns),
  strides: strideList,
  anchorsPerCell: optionalKey('Rows of a cell (1).', wholeSize),
});
export type GenericContract = v.InferOutput<typeof contract>;

export const generic: GraphFamily<GenericContract> = {
  kind: 'graph-detector',
  id: 'generic',
  title: 'any boxes and scores',
  docs: {
    recognisedBy: 'its contract',
    input: 'as the contract says; else float32, stretched, RGB 0…1',
    ranked: 'every row; labels by SimOTA with `strides`, else by maximum IoU of the regressed box',
  },
  example: {
    family: 'generic',
    classes: ['bolt', 'nut'],
    boxes: { output: 'out', columns: [0, 4] },
    boxForm: 'cxcywh',
    boxUnit: 'pixels',
    scores: { output: 'out', columns: [5, 7] },
    activation: 'sigmoid',
    given: 'probabilities',
    objectness: { output: 'out', columns: [4, 5] },
    strides: [8, 16, 32],
  } satisfies v.InferInput<typeof contract>,
  contract,
  preprocess: STRETCH,
  defaultSizePx: 640,
  measureDefaults: QUERY_DEFAULTS,
  describe: () => 'whatever its contract names',
  match(outputs, form, { contract: own }) {
    if (own === null) return null;
    const layout = layoutOf(own, outputs);
    const [numRows] = rowsAndColumns(own.boxes, outputs);
    if (layout.strides !== null && stridesOf(form, numRows, layout.perCell, layout.strides) === null)
      throw wrong('strides', said`those whose cells are ${numRows} rows`, layout.strides.join(', '));
    const decoder = layoutDecoder(layout, outputs, form);
    return { ...decoder, measureDefaults: recipeOf(layout) };
  },
};

function recipeOf({ strides, scoreForm }: Layout): GraphFamily['measureDefaults'] {
  const recipe = strides === null ? QUERY_DEFAULTS : ({ ...DENSE_DEFAULTS, assigner: 'simota' } as const);
  return scoreForm.activation === 'softmax' ? { ...recipe, clsLoss: 'cross-entropy' } : recipe;
}

function layoutOf(own: GenericContract, outputs: Outputs): Layout {
  const { boxForm, boxUnit, activation, given, background = 'none', strides = null, anchorsPerCell = 1 } = own;
  const boxes = columnsOf('boxes', own.boxes, outputs);
  const scores = columnsOf('scores', own.scores, outputs);
  if (boxes.to - boxes.from !== 4) throw wrong('boxes', '4 columns', String(boxes.to - boxes.from));
  if (activation === 'softmax' && background === 'none') throw wrong('background', 'first or last', 'none');
  if (boxForm === 'ltrb' && strides === null) throw wrong('strides', 'strides, since ltrb needs cells', 'none');
  if (boxForm !== 'ltrb' && boxUnit === 'strides') throw wrong('boxUnit', 'pixels or normalised', 'strides');
  const isSigmoid = activation === 'sigmoid';
  return {
    boxes,
    boxForm,
    boxUnit,
    scores: {
      ...scores,
      from: scores.from + (isSigmoid && background === 'first' ? 1 : 0),
      to: scores.to - (isSigmoid && background === 'last' ? 1 : 0),
    },
    scoreForm: { activation, given },
    background: background === 'first' ? 'first' : 'last',
    objectness: own.objectness === undefined ? null : columnsOf('objectness', own.objectness, outputs),
    strides,
    perCell: anchorsPerCell,
  };
}

function rowsAndColumns({ output, last }: ColumnsOf, outputs: Outputs): readonly [number, number] {
  const [a, b] = axesOf(outputs[output]?.shape ?? []);
  return last === 'rows' ? [b, a] : [a, b];
}

function columnsOf(key: string, given: ColumnsOf, outputs: Outputs): Columns {
  const tensor = outputs[given.output];
  if (tensor === undefined) throw wrong(`${key}.output`, Object.keys(outputs).join(', '), given.output);
  const [, numColumns] = rowsAndColumns(given, outputs);
  const [from, to] = given.columns ?? [0, numColumns];
  if (!(from < to && to <= numColumns))
    throw wrong(`${key}.columns`, said`columns of ${describeOutput(tensor)}`, `[${from}, ${to}]`);
  return { output: given.output, from, to, rowsLast: given.last === 'rows' };
}

function wrong(key: string, expected: Phrase, received: string): MiningError {
  return new MiningError('checkpoint', `contract.${key}`, expected, received);
}
