/** What the panel says about one RoI. Ranks are told from 1, "#1" being the hardest. */
import { boxIou } from '../../src/core/boxes/iou.js';
import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import {
  IGNORE,
  miningBoxes,
  NONE,
  STATUS_NAMES,
  NUM_TOP,
  regressedBoxes,
  Status,
  type GtTable,
  type RoiTable,
} from '../../src/core/tables.js';
import { countOf, formatCount, formatLoss, formatScore, formatShare } from './format.js';
import type { ImageSelection } from './image-selection.js';
import { shortenName } from './middle.js';
import type { Term } from '../../src/core/facts/glossary.js';
import { t, tListed } from '../words/t.js';

/** The statuses' terms, in code order, and a person's words for them. */
export const STATUS_TERMS = [
  'selected',
  'mining-suppressed',
  'below budget',
  'ignored',
  'invalid',
] as const satisfies Term[];
export const STATUS_WORDS: readonly string[] = STATUS_TERMS.map((term) => tListed(term));

/** The status of a row: its id, and words for a person. */
export function statusOf({ status }: Pick<ImageSelection, 'status'>, row: number) {
  const code = status[row];
  return { id: STATUS_NAMES[code], words: STATUS_WORDS[code] };
}

/** Name of a label or predicted class: K is "background", IGNORE "ignored", a missing one "–". */
export function className(id: number, classes: readonly string[], kind: 'label' | 'prediction' = 'label'): string {
  if (id === classes.length) return t('background');
  if (id === IGNORE) return kind === 'label' ? t('ignored') : '–';
  return classes[id] ?? '–';
}

/** "#3"; "–" for a row without a rank. */
export function rankName(selection: ImageSelection, row: number): string {
  const rank = selection.lossRank[row];
  return rank === NONE ? '–' : `#${formatCount(rank + 1)}`;
}

/** A label against a prediction, in words. */
export interface RoiWords {
  readonly label: string;
  readonly prediction: string;
  /**
   * How sure the network is: "bus" is ".83"; "background" is "(bus .004)", the foreground class that came nearest. ''
   * unknown.
   */
  readonly score: string;
}

/**
 * @param predictions R: as `predictedClasses`.
 * @param most characters of a name, longer ones are cut in the middle.
 */
export function roiWords(
  rois: RoiTable,
  predictions: Int32Array,
  row: number,
  classes: readonly string[],
  most = Infinity,
): RoiWords {
  const [prediction, best] = [predictions[row], rois.predClass[row]];
  const score = formatScore(rois.score[row]);
  const nameOf = (id: number, kind?: 'prediction') => shortenName(className(id, classes, kind), most);
  return {
    label: nameOf(rois.gtClass[row]),
    prediction: nameOf(prediction, 'prediction'),
    score: best === NONE ? '' : prediction === best ? score : `(${nameOf(best)} ${score})`,
  };
}

/** "car → bus .83" */
function verdictOf({ label, prediction, score }: RoiWords): string {
  return `${label} → ${prediction} ${score}`.trimEnd();
}

/**
 * IoU of two rows by the boxes that made it exceed the threshold: those that stand for the RoIs, else the regressed
 * ones, which some presets compare. null where neither does (presets that measure boxes in whole pixels).
 */
function suppressingIou(rois: RoiTable, a: number, b: number, threshold: number): number | null {
  for (const { x1, y1, x2, y2 } of [miningBoxes(rois), regressedBoxes(rois)]) {
    const iou = boxIou(x1[a], y1[a], x2[a], y2[a], x1[b], y1[b], x2[b], y2[b]);
    if (iou > threshold) return iou;
  }
  return null;
}

const IGNORED_BECAUSE = t(
  'its label is "ignore": it overlaps a crowd or difficult object, or lies between the thresholds, and is never ranked',
);

/** Why the row has its status, in a sentence. */
export function whySentence(rois: RoiTable, selection: ImageSelection, row: number, config: MiningConfig): string {
  const [numTaken, { preset }] = [formatCount(selection.batchSelected), config];
  switch (selection.status[row]) {
    case Status.selected:
      return t('rank {0}; one of the {1} that preset {2} takes', placeOf(selection, row), numTaken, preset);
    case Status.nmsSuppressed:
      return whySuppressed(rois, selection, row, config);
    case Status.belowBudget:
      return t('rank {0}; not among the {1} that preset {2} takes', placeOf(selection, row), numTaken, preset);
    case Status.ignored:
      return IGNORED_BECAUSE;
    default:
      return t('its loss is not a finite number ({0}): it is never selected', lossesOf(rois, row));
  }
}

function lossesOf({ lossCls, lossLoc }: RoiTable, row: number): string {
  return t('class {0}, box {1}', formatLoss(lossCls[row]), formatLoss(lossLoc[row]));
}

function placeOf(selection: ImageSelection, row: number): string {
  return t('{0} of {1}', formatCount(selection.lossRank[row] + 1), formatCount(selection.rankedWith[row]));
}

function whySuppressed(rois: RoiTable, selection: ImageSelection, row: number, config: MiningConfig): string {
  const by = selection.suppressedBy[row];
  if (by === NONE) return t('suppressed by a harder RoI');
  const iou = suppressingIou(rois, row, by, config.nmsThreshold);
  const overlap = iou === null ? t('they overlap') : `IoU ${formatShare(iou)}`;
  const comparison = `${overlap} > ${formatShare(config.nmsThreshold)}`;
  const loss = formatLoss(selection.rankLoss[by]);
  return t('suppressed by {0}: {1}, and its loss of {2} is harder', rankName(selection, by), comparison, loss);
}

/** What a row is called: an image is an example where it is classified as a whole. */
export type Noun = 'RoI' | 'example';

/** "1 RoI", "7 examples". */
export function countRows(value: number, noun: Noun): string {
  return noun === 'RoI' ? countOf(value, '{0} RoI', '{0} RoIs') : countOf(value, '{0} example', '{0} examples');
}

/** One line for a screen reader when a row gets the focus. */
export function announcement(words: RoiWords, selection: ImageSelection, row: number, noun: Noun = 'RoI'): string {
  const status = statusOf(selection, row).words;
  const rank = selection.lossRank[row] + 1;
  const by = selection.suppressedBy[row];
  const decided = by === NONE ? status : t('{0} by rank {1}', status, selection.lossRank[by] + 1);
  const place = rank === 0 ? t('no rank') : t('rank {0}', rank);
  const loss = formatLoss(selection.rankLoss[row]);
  const said = `${words.prediction} ${words.score}`.trimEnd();
  const name = noun === 'RoI' ? t('RoI') : t('example');
  return t('{0} {1}, {2}, label {3}, predicted {4}, loss {5}', name, place, decided, words.label, said, loss);
}

/** Words at the focused box: rank, loss, label and prediction. */
export function focusTag(words: RoiWords, selection: ImageSelection, row: number): string {
  return t('{0}  loss {1}  {2}', rankName(selection, row), formatLoss(selection.rankLoss[row]), verdictOf(words));
}

/** Words at the hovered box. */
export function hoverTag({ label }: RoiWords, selection: ImageSelection, row: number): string {
  return `${rankName(selection, row)}  ${formatLoss(selection.rankLoss[row])}  ${label}`;
}

/** Words at a ground truth; '' for NONE. */
export function groundTruthTag(gts: GtTable, gt: number, classes: readonly string[]): string {
  if (gt === NONE || gt >= gts.numGts) return '';
  return gts.gtClass[gt] === IGNORE ? t('no class') : className(gts.gtClass[gt], classes);
}

/** The highest class scores of a row, descending; fewer than NUM_TOP where the source gave fewer. */
export function topScores(rois: RoiTable, row: number): readonly { readonly id: number; readonly score: number }[] {
  const found: { id: number; score: number }[] = [];
  for (let k = row * NUM_TOP; k < (row + 1) * NUM_TOP; k++) {
    if (rois.topClass[k] !== NONE) found.push({ id: rois.topClass[k], score: rois.topScore[k] });
  }
  return found;
}
