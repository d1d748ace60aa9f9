/**
 * The mining options that several presets read, in the order in which a person meets them. What one preset alone reads
 * stands in that preset's file below `samplers/`.
 */
import { choice, integer, real } from '../option-specs.js';
import type { NumberOption, ValuesOf } from '../option-specs.js';

export const RANK_BY = ['total', 'class', 'box'] as const;
export type RankBy = (typeof RANK_BY)[number];

export const SHARED_OPTIONS = {
  batchSize: integer('Batch size B', 'RoIs that train in one minibatch', 128, 0, 1_000_000),
  imagesPerBatch: integer('Images per batch N', 'images that share one minibatch', 2, 1, 4096),
  keepRate: {
    kind: 'real',
    label: 'Keep rate',
    help: 'share of the valid RoIs that is kept; replaces the batch size where it is set',
    default: null,
    nullable: true,
    min: 0,
    minExclusive: true,
    max: 1,
    step: 0.01,
  } as const satisfies NumberOption,
  nmsThreshold: real(
    'Mining NMS IoU',
    'a RoI is suppressed when a harder one overlaps it by more than this IoU',
    0.7,
    0,
    1,
  ),
  rankBy: choice(
    'Rank by',
    'loss that orders the RoIs: total (class + box of foreground), class, or box',
    RANK_BY,
    'total',
  ),
  sigma: real(
    'Smooth L1 sigma',
    'beta = 1 / sigma² of smooth L1; used where deltas are given instead of losses',
    1,
    1e-3,
    1000,
  ),
  seed: integer('Seed', 'seed of random samplers', 0, 0, 0xffff_ffff),
  posFraction: real('Positive fraction', 'largest share of foreground among the sampled', 0.25, 0, 1),
  negOverlap: real('Negative overlap', 'a negative must overlap every ground truth by less than this IoU', 0.5, 0, 1),
};

/** Their values. `keepRate` null: the batch size decides. */
export type SharedOptions = ValuesOf<typeof SHARED_OPTIONS>;
