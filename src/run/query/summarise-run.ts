import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { ImageList, MinedColumns, NumberKey } from '../../core/facts/image-list.js';
import { BLANK_SUMMARY, type ImageSummary } from '../../core/facts/run-manifest.js';
import { summariseBatch } from '../file/minibatch.js';
import { decideRun, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/**
 * Summaries of a whole run under another mining configuration, in file order. No model runs. An image that is damaged,
 * or of a minibatch with one that is, has no RoIs and tells why as its `error`.
 * @throws MiningError 'run-file' when the file cannot be read.
 * Cost: reads every RoI once.
 */
export async function summarise(run: RunReader, mining: MiningConfig): Promise<ImageSummary[]> {
  const summaries: ImageSummary[] = [];
  for await (const batch of decideRun(run, mining))
    summaries.push(...summariseBatch(batch).map(({ summary }) => summary));
  return summaries;
}

const KEYS = (Object.keys(BLANK_SUMMARY) as (keyof typeof BLANK_SUMMARY)[]).filter(
  (key): key is NumberKey => typeof BLANK_SUMMARY[key] === 'number',
);

/**
 * What another mining configuration makes of a whole run, small enough for a message at a million images: as
 * `summarise`, without what is the run's own anyway.
 * @throws MiningError 'run-file' when the file cannot be read.
 * Cost: reads every RoI once.
 */
export function minedColumns(path: string, mining: MiningConfig): Promise<MinedColumns> {
  return withRun(path, async (run) => {
    const numImages = run.images.length;
    const numbers = Object.fromEntries(KEYS.map((key) => [key, new Float64Array(numImages)])) as Columns;
    const errors = new Map<number, string>();
    const own = run.images.texts('error');
    let place = 0;
    for await (const batch of decideRun(run, mining))
      for (const { summary } of summariseBatch(batch)) {
        for (const key of KEYS) numbers[key][place] = summary[key];
        if (own.next().value !== summary.error) errors.set(place, summary.error);
        place++;
      }
    return { numImages, errors, numbers: differing(numbers, run.images) };
  });
}

type Columns = Record<NumberKey, Float64Array>;

function differing(numbers: Columns, own: ImageList): MinedColumns['numbers'] {
  const differs = (key: NumberKey) => {
    const column = own.column(key);
    return numbers[key].some((value, i) => !Object.is(value, column[i]));
  };
  return Object.fromEntries(KEYS.filter(differs).map((key) => [key, numbers[key]]));
}
