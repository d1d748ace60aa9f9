/**
 * What colour stands for: the place in the loss order, or a soft weight that would train the RoI instead of selecting
 * it.
 */
import { GLOSSARY } from '../../src/core/facts/glossary.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import type { SoftWeights } from '../../src/core/mining/soft-weights.js';
import { tellsLikelihood } from '../../src/core/measure/recipe.js';
import { Status } from '../../src/core/tables.js';
import { formatCount } from './format.js';
import { COLOUR_SPAN, type ImageSelection } from './image-selection.js';
import { t, tListed } from '../words/t.js';

export const COLOUR_BY_IDS = ['rank', 'focal', 'ghm'] as const;
export type ColourBy = (typeof COLOUR_BY_IDS)[number];
export type WeightId = Exclude<ColourBy, 'rank'>;

/** Name, and for the weights formula and source. */
export const COLOUR_BY_WORDS: Readonly<Record<ColourBy, { readonly name: string; readonly help: string }>> = {
  rank: { name: t('loss rank'), help: t('place of the loss among the selected RoIs of this image') },
  focal: { name: t('focal weight'), help: tListed(GLOSSARY['focal weight'].says) },
  ghm: { name: t('GHM-C weight'), help: tListed(GLOSSARY['GHM-C weight'].says) },
};

export interface Colouring {
  readonly by: ColourBy;
  /** R, [0, 1] along the colour map: 0 the bright end. */
  readonly place: Float32Array;
  /** What stands at the bar's bright and dark end. */
  readonly bright: string;
  readonly dark: string;
}

/** Why there are no soft weights in a run; '' where there are. */
export function noWeightsReason(manifest: RunManifest | null): string {
  const measure = manifest?.measure;
  if (manifest?.keepRois !== undefined)
    return t('The weights count over all RoIs of an image, of which this run keeps the hardest only.');
  return !measure || tellsLikelihood(measure)
    ? ''
    : t(
        'The class loss of this run is focal, to soft targets or weighted: ' +
          'it does not say the probability of the label.',
      );
}

/** Colours by the loss order. */
export function colourByRank(selection: ImageSelection): Colouring {
  const numSelected = selection.counts[Status.selected];
  const last = numSelected > COLOUR_SPAN ? `${ordinal(COLOUR_SPAN)} +` : numSelected > 1 ? ordinal(numSelected) : '';
  return { by: 'rank', place: selection.hardness, bright: t('hardest'), dark: last };
}

/**
 * Colours by a weight, bright is large: the focal weight evenly down to 0; the GHM-C weight by its logarithm, since
 * crowded and rare RoIs differ by powers of ten. Rows without a weight are dark.
 * @param weights R values.
 */
export function colourByWeight(by: WeightId, weights: Float64Array): Colouring {
  let [least, most] = [Infinity, 0];
  for (const weight of weights) {
    if (!isWeight(weight)) continue;
    least = Math.min(least, weight);
    most = Math.max(most, weight);
  }
  if (most === 0) return { by, place: new Float32Array(weights.length).fill(1), bright: '', dark: '' };
  const share =
    by === 'focal' ? (weight: number) => weight / most : (weight: number) => shareOfLog(weight, least, most);
  const place = Float32Array.from(weights, (weight) => (isWeight(weight) ? 1 - share(weight) : 1));
  return { by, place, bright: formatWeight(most), dark: by === 'focal' ? '0' : formatWeight(least) };
}

function isWeight(weight: number): boolean {
  return weight > 0 && weight < Infinity;
}

function shareOfLog(weight: number, least: number, most: number): number {
  const range = Math.log(most) - Math.log(least);
  return range > 0 ? (Math.log(weight) - Math.log(least)) / range : 1;
}

/** The rows of one image out of a minibatch's weights, as views. */
export function sliceWeights(weights: SoftWeights, start: number, numRois: number): SoftWeights {
  return { focal: weights.focal.subarray(start, start + numRois), ghm: weights.ghm.subarray(start, start + numRois) };
}

/** Two figures of small weights: ".0031", ".75", "12.5"; "–" unknown. */
export function formatWeight(weight: number): string {
  if (!Number.isFinite(weight)) return '–';
  if (weight >= 100) return formatCount(weight);
  if (weight === 0 || weight < 5e-5) return weight === 0 ? '0' : '<.0001';
  const digits = weight >= 10 ? 1 : weight >= 0.1 ? 2 : Math.min(Math.ceil(-Math.log10(weight)) + 1, 4);
  return weight.toFixed(digits).replace(/^0\./, '.');
}

/** 64 -> "64th". */
function ordinal(value: number): string {
  const [count, tens] = [formatCount(value), value % 100];
  const last = tens >= 11 && tens <= 13 ? 0 : value % 10;
  return { 1: t('{0}st', count), 2: t('{0}nd', count), 3: t('{0}rd', count) }[last] ?? t('{0}th', count);
}
