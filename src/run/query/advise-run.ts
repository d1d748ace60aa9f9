import type { RunImage } from '../../arrow/encode-run.js';
import { AdviceTally, type AdviceFacts } from '../../core/advice/advice-facts.js';
import { MiningError } from '../../core/mining-error.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { concatRoiTables } from '../../core/concat-roi-tables.js';
import { extentOf, shortfallOf, tryReadImage, withRun, type RunExtent, type Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

export interface RunAdvice {
  readonly facts: AdviceFacts;
  readonly extent: RunExtent;
  readonly shortfall: Shortfall;
}

/**
 * What a run says about how OHEM would train on it; losses that a training wrote say it as well.
 * @param mining by which RoIs would be chosen.
 * @param most images that are looked at, about, spread over the run; null: all.
 * @throws MiningError 'run-file', also for a classifier's run: it has no background; and for one of which no RoI can be
 * selected: nothing is known of it.
 * Cost: reads every RoI of those images once, and every preset chooses of each minibatch.
 */
export function adviseRun(path: string, mining: MiningConfig, most: number | null = null): Promise<RunAdvice> {
  return withRun(path, async (run) => {
    const facts = await adviceFacts(run, mining, most ?? Infinity);
    if (facts.numRois === 0)
      throw new MiningError('run-file', 'advice', 'RoIs with finite losses', 'none', { file: run.path });
    return { facts, extent: extentOf(run), shortfall: shortfallOf(run) };
  });
}

/**
 * Minibatches of N images, whatever scope the preset has: others need them whole. Images that could not be measured do
 * not count, nor do minibatches with a damaged one.
 */
async function adviceFacts(run: RunReader, mining: MiningConfig, most: number): Promise<AdviceFacts> {
  const { task, classes } = run.manifest;
  if (task !== 'detection')
    throw new MiningError('run-file', 'advice', 'the run of a detector', 'one of a classifier, without background', {
      file: run.path,
    });
  const tally = new AdviceTally(mining, classes.length);
  const { imagesPerBatch } = mining;
  const step = imagesPerBatch * Math.max(1, Math.floor(run.images.length / most));
  for (let first = 0; first < run.images.length; first += step) {
    const images: RunImage[] = [];
    const end = Math.min(first + imagesPerBatch, run.images.length);
    for (let place = first; place < end; place++) {
      const image = await tryReadImage(run, place);
      if (image !== null) images.push(image);
    }
    const whole = images.filter(({ summary }) => summary.error === '');
    if (images.length === end - first && whole.length > 0)
      tally.add(concatRoiTables(whole.map(({ rois }) => rois)), whole.length);
  }
  return tally.facts();
}
