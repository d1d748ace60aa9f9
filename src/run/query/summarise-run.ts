import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
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

/** The same of a run file. @throws MiningError 'run-file' */
export function summariseRun(path: string, mining: MiningConfig): Promise<ImageSummary[]> {
  return withRun(path, (run) => summarise(run, mining));
}
