/** Which class of the run each label of a file of predictions is. */
import type { ClassMap } from '../../core/class-names.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { IGNORE, MAX_CLASSES, NONE } from '../../core/tables.js';
import type { Dataset } from '../dataset.js';
import { mapClasses, type ClassMapping } from '../rows/class-mapping.js';
import type { PredictionFormat } from './prediction-format.js';

export interface PredictedClasses {
  /** For each label of the file its class, [0, K); NONE: the data set has no such category id. */
  readonly classOf: Int32Array;
  /** Of the data set's classes onto those of the run. */
  readonly mapping: ClassMapping;
  readonly notes: readonly string[];
}

type Label = string | number;

/**
 * Labels that are numbers are ids of the COCO data set's categories, or places in the list of classes; names are mapped
 * as those of a checkpoint are. A class of the data set that no detection names was missed, not unknown: it stays.
 * @param listed class names of the file beside those that occur.
 * @param given what a person said; the names of its values are the file's.
 * @throws MiningError 'dataset' with both lists of classes where none fits, or there are numbers beyond the data set's.
 */
export function predictedClasses(
  labels: readonly Label[],
  listed: readonly string[],
  numbers: PredictionFormat['numbers'],
  dataset: Dataset,
  given: ClassMap = {},
): PredictedClasses {
  if (labels.every((label) => typeof label === 'number') && listed.length === 0)
    return numbers === 'ids' && dataset.ids !== undefined
      ? byCategoryId(labels, dataset.ids.classOf, dataset, given)
      : byPlace(labels, numbers === 'ids', dataset, given);
  return byName([...new Set([...listed, ...labels.map(String).sort()])], labels, dataset, given);
}

function byCategoryId(
  labels: readonly number[],
  classOfId: ReadonlyMap<Label, number>,
  { classes }: Dataset,
  given: ClassMap,
): PredictedClasses {
  const classOf = Int32Array.from(labels, (label) => classOfId.get(label) ?? NONE);
  if (labels.length > 0 && classOf.every((index) => index === NONE)) {
    const received = labels.slice(0, 8).join(', ');
    throw new MiningError(
      'dataset',
      'category_id',
      said`ids such as ${[...classOfId.keys()].slice(0, 8).join(', ')}`,
      received,
    );
  }
  return { classOf, mapping: mapClasses(classes, named(classes), given), notes: [] };
}

/** Numbers that begin at 1 in a format of category ids: no 0 is among them. */
function byPlace(labels: readonly number[], mayCountFromOne: boolean, { classes }: Dataset, given: ClassMap) {
  const wrong = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < MAX_CLASSES));
  if (wrong !== undefined)
    throw new MiningError('dataset', 'class', said`an integer in [0, ${MAX_CLASSES})`, show(wrong));
  const first = mayCountFromOne && labels.length > 0 && !labels.includes(0) ? 1 : 0;
  const classOf = Int32Array.from(labels, (label) => label - first);
  const numClasses = classOf.reduce((most, index) => Math.max(most, index + 1), classes.length);
  const mapping = mapClasses(classes, { family: '', classes: null, numClasses }, given);
  return { classOf, mapping, notes: [`classes are numbers from ${first}, in the order of the data set's`] };
}

function byName(names: readonly string[], labels: readonly Label[], { classes }: Dataset, given: ClassMap) {
  const first = mapClasses(classes, named(names), given);
  const missed = classes.filter((name, i) => first.map[i] === IGNORE && !Object.hasOwn(given, name));
  const all = [...names, ...missed.filter((name) => !names.includes(name))];
  if (all.length > MAX_CLASSES)
    throw new MiningError('dataset', 'classes', said`at most ${MAX_CLASSES}`, String(all.length));
  const placeOf = new Map(all.map((name, index) => [name, index]));
  const classOf = Int32Array.from(labels, (label) => placeOf.get(String(label)) ?? NONE);
  return { classOf, mapping: mapClasses(classes, named(all), given), notes: [] };
}

function named(classes: readonly string[]) {
  return { family: '', classes, numClasses: classes.length };
}
