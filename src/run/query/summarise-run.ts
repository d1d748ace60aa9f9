import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { summariseBatch } from '../file/minibatch.js';
import { decideRun, withRun } from '../file/read-run.js';

/**
 * Summaries of a whole run under another mining configuration, in file order. No model runs.
 * @throws MiningError 'run-file'
 * Cost: reads every RoI once.
 */
export function summariseRun(path: string, mining: MiningConfig): Promise<ImageSummary[]> {
  return withRun(path, async (run) => {
    const summaries: ImageSummary[] = [];
    for await (const batch of decideRun(run, mining)) summaries.push(...summariseBatch(batch));
    return summaries;
  });
}
