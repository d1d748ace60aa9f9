/** Who trains the head in docs/training-comparison.md, "The paper's regime": what differs from `fixed-scenes.yaml`. */
export const ARMS: Readonly<Record<string, object>> = {
  paper: { sampler: { preset: 'paper', batchSize: 128 } },
  random: { sampler: { preset: 'random', batchSize: 128 } },
  ssd: { sampler: { preset: 'ssd' } },
  mmdet: { sampler: { preset: 'mmdet', num: 64 } },
  'paper-class': { sampler: { preset: 'paper', batchSize: 128, rankBy: 'class' } },
  'paper-quota': { sampler: { preset: 'paper', batchSize: 128 }, foregroundQuota: 0.25 },
  'paper-warm': { sampler: { preset: 'paper', batchSize: 128 }, randomEpochs: 0.75 },
  'bg-lo': { sampler: { preset: 'bg-lo', batchSize: 128 } },
  all: { sampler: { preset: 'all' } },
  focal: { sampler: { preset: 'all' }, classLoss: 'focal' },
  'paper-32': { sampler: { preset: 'paper', batchSize: 32 } },
  'random-32': { sampler: { preset: 'random', batchSize: 32 } },
};
