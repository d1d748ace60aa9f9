/** The orders in which a person meets a run's images; the CLI, the settings and the tree follow. */
import type { ImageSummary } from './run-manifest.js';

/** By the column that each compares: a loss in nats (0 where no RoI is selected), or a measure (-1 unknown). */
export const IMAGE_ORDERS = {
  sum: { column: 'lossSum', help: 'Sum of the selected losses. Favours crowded images.' },
  mean: { column: 'lossMean', help: 'Mean of the selected losses.' },
  maximum: { column: 'lossMax', help: 'The hardest selected RoI alone.' },
  entropy: { column: 'entropy', help: 'Mean entropy of the foreground RoIs: where the model hesitates.' },
  mistakenness: { column: 'mistakenness', help: 'Chance that a label is wrong: a sure prediction contradicts it.' },
} as const satisfies Record<string, { readonly column: keyof ImageSummary; readonly help: string }>;

export type ImageOrder = keyof typeof IMAGE_ORDERS;
export const IMAGE_ORDER_IDS = Object.keys(IMAGE_ORDERS) as readonly ImageOrder[];

/** What an order compares. */
export function orderValue(image: ImageSummary, order: ImageOrder): number {
  return image[IMAGE_ORDERS[order].column];
}
