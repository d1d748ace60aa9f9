import { NONE, STATUS_NAMES } from '../../core/tables.js';
import type { SampledBatch, SampleFormat } from '../../run/dump/sample-dump.js';
import { printable, textTable } from './text-table.js';

const HEADER = ['rank', 'image', 'row', 'status', 'loss', 'cls', 'loc', 'suppressed by'];

/**
 * The answer of `ohem sample` for a person: each minibatch with its counts and its RoIs, hardest first. Ranks count
 * from 0, as in JSON.
 */
export const TABLE_ANSWER: SampleFormat = {
  head: ({ preset }) => `preset ${preset}\n\n`,
  batch: batchText,
  between: '\n',
  tail: '',
};

function batchText(batch: SampledBatch): string {
  const { images, selection } = batch;
  const counts = STATUS_NAMES.map((name, status) => `${selection.counts[status]} ${name}`).join(', ');
  const losses = `mean over the selected: cls ${fixed(selection.clsLoss)}, loc ${fixed(selection.locLoss)}`;
  return `${images.map(printable).join(', ')}\n${counts}; ${losses}\n${textTable(HEADER, rowTexts(batch), 'rlrlrrrr')}`;
}

/** Ranked rows by rank, then the others in the dump's order. */
function rowTexts({ images, starts, rois, selection }: SampledBatch): string[][] {
  const { order, lossRank, rankLoss, status, suppressedBy } = selection;
  const unranked = Array.from(lossRank.keys()).filter((row) => lossRank[row] === NONE);
  return [...order, ...unranked].map((row) => {
    const image = rois.imageIndex[row];
    const start = starts[image];
    return [
      lossRank[row] === NONE ? '–' : String(lossRank[row]),
      images[image],
      String(row - start),
      STATUS_NAMES[status[row]],
      fixed(rankLoss[row]),
      fixed(rois.lossCls[row]),
      fixed(rois.lossLoc[row]),
      suppressedBy[row] === NONE ? '' : String(suppressedBy[row] - start),
    ];
  });
}

function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : String(value);
}
