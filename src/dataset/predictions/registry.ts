/** Every format of predictions that can be read, and how a path finds its format. */
import path from 'node:path';
import type { ClassMap } from '../../core/class-names.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { NONE } from '../../core/tables.js';
import type { Dataset } from '../dataset.js';
import type { ClassMapping } from '../rows/class-mapping.js';
import { Warnings } from '../rows/warnings.js';
import { cocoResults } from './coco-results.js';
import { DetectionRows, type DetectionTable } from './detection-rows.js';
import { detectron2 } from './detectron2.js';
import { fiftyOne } from './fiftyone.js';
import { mmdetection } from './mmdetection.js';
import { predictedClasses } from './predicted-classes.js';
import type { PredictionFormat } from './prediction-format.js';
import { yoloPredictions } from './yolo-predictions.js';

/** In the order in which they are tried. */
export const PREDICTION_FORMATS: readonly PredictionFormat[] = [
  cocoResults,
  detectron2,
  fiftyOne,
  mmdetection,
  yoloPredictions,
];

/** Predictions over a data set. */
export interface Predictions {
  /** Absolute. */
  readonly path: string;
  /** Id of the format. */
  readonly format: string;
  readonly sha256: string;
  readonly table: DetectionTable;
  /** For each label of the table its class, [0, K). */
  readonly classOf: Int32Array;
  readonly mapping: ClassMapping;
  readonly notes: readonly string[];
  /** Survivable flaws, one line each. */
  readonly warnings: readonly string[];
}

const PICKLES = ['.pkl', '.pickle', '.pth', '.pt'];

/** The format of the predictions at a path; undefined: it looks like none. Never throws. */
export async function predictionFormatAt(location: string): Promise<PredictionFormat | undefined> {
  const absolute = path.resolve(location);
  for (const format of PREDICTION_FORMATS) if (await format.recognise(absolute)) return format;
  return undefined;
}

/** Why a path that is none of the formats is refused. */
export function notPredictions(location: string): MiningError {
  const expected = said`one of: ${PREDICTION_FORMATS.map(({ title }) => title).join('; ')}`;
  const extension = path.extname(location).toLowerCase();
  if (!PICKLES.includes(extension))
    return new MiningError('dataset', 'predictions', expected, 'what begins like none of them', { file: location });
  const todo =
    'A pickle can run code and is never opened. Write JSON: MMDetection’s evaluator with outfile_prefix ' +
    '(NAME.bbox.json) or its inferencer with out_dir; of detectron2 take coco_instances_results.json';
  return new MiningError('dataset', 'predictions', expected, said`a pickle (${extension})`, { file: location, todo });
}

/**
 * Reads predictions over a data set of boxes.
 * @param given classes as the person mapped them.
 * @throws MiningError 'dataset' where the file is broken, or none of its images or classes is the data set's; 'options'
 * where the data set is of classification.
 */
export async function openPredictions(
  format: PredictionFormat,
  location: string,
  dataset: Dataset,
  given?: ClassMap,
): Promise<Predictions> {
  const file = path.resolve(location);
  if (dataset.task !== 'detection')
    throw new MiningError('options', 'predictions', 'annotated boxes', said`a data set of ${dataset.task}`, { file });
  const warnings = new Warnings();
  const rows = new DetectionRows(dataset, warnings);
  const { sha256, classes: listed = [], notes = [] } = await format.read(file, (...given) => rows.add(...given));
  const { table, notes: matched } = rows.finish();
  if (table.score.length === 0 && rows.numStrange > 0)
    throw new MiningError('dataset', 'images', 'detections of the data set’s images', matched.join('; '), { file });
  const classes = predictedClasses(table.labels, listed, format.numbers, dataset, given);
  warnOfStrange(table, classes.classOf, warnings, file);
  return {
    path: file,
    format: format.id,
    sha256,
    table,
    classOf: classes.classOf,
    mapping: classes.mapping,
    notes: [...matched, ...classes.notes, ...notes],
    warnings: warnings.lines(),
  };
}

function warnOfStrange({ labels }: DetectionTable, classOf: Int32Array, warnings: Warnings, file: string): void {
  labels.forEach((label, place) => {
    if (classOf[place] === NONE)
      warnings.add('unknown categories', 'category_id', 'the id of a category', said`${label}, dropped`, file);
  });
}
