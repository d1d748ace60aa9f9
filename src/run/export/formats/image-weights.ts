import { csvText } from '../../query/csv-text.js';
import type { TextFormat } from '../export-format.js';
import { pathOf, rankedImages, type RankedImage } from '../ranked-images.js';

const FIELDS = [
  'path',
  'image',
  'weight',
  'loss_sum',
  'loss_mean',
  'loss_max',
  'num_selected',
  'hardest_label',
  'hardest_predicted',
  'hardest_score',
  'hardest_iou',
] as const;

/**
 * A line an image, the hardest first: its losses, its hardest RoI as the reason, and a weight for a sampler such as
 * `torch.utils.data.WeightedRandomSampler`: the mean selected loss, divided by its mean over the listed images.
 */
export const imageWeightsExport: TextFormat = {
  id: 'image-weights',
  title: 'Images with reasons and sampling weights',
  holds: 'Losses, the hardest RoI as the reason, a weight for a sampler: the mean selected loss, 1 on average',
  extension: 'csv',
  async *text(source, batches) {
    const ranked = await rankedImages(source, batches);
    const weights = samplingWeights(ranked);
    yield csvText(FIELDS, []);
    for (const [i, image] of ranked.entries()) yield csvText(FIELDS, [lineOf(image, weights[i] ?? 1)], false);
  },
};

/** One an image: its mean selected loss, divided by the mean of these; 1 where all are 0. */
export function samplingWeights(images: readonly RankedImage[]): number[] {
  const mean = images.reduce((sum, { summary }) => sum + summary.lossMean, 0) / images.length;
  return images.map(({ summary }) => (mean > 0 ? summary.lossMean / mean : 1));
}

function lineOf({ summary, hardest }: RankedImage, weight: number) {
  return {
    path: pathOf(summary),
    image: summary.id,
    weight,
    loss_sum: summary.lossSum,
    loss_mean: summary.lossMean,
    loss_max: summary.lossMax,
    num_selected: summary.numSelected,
    hardest_label: hardest?.label ?? null,
    hardest_predicted: hardest?.predicted ?? null,
    hardest_score: hardest?.score ?? null,
    hardest_iou: hardest?.iou ?? null,
  };
}
