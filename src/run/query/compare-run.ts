import { addTotals, compareSelections, comparisonFacts, NO_COMPARISON } from '../../core/reports/compare-selections.js';
import type { ComparisonFacts } from '../../core/reports/compare-selections.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { decideRun, extentOf, shortfallOf, withRun } from '../file/read-run.js';
import type { RunBatch, RunExtent, Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** How two configurations differ on one image. */
export interface ImageComparison extends ComparisonFacts {
  /** Row of the run file. */
  readonly imageIndex: number;
  readonly id: string;
}

export interface RunComparison {
  /** Over the whole run. */
  readonly total: ComparisonFacts;
  /** In file order. */
  readonly images: readonly ImageComparison[];
  readonly extent: RunExtent;
  readonly shortfall: Shortfall;
}

/**
 * Decides every minibatch of a run by two configurations and compares what they select. Each makes minibatches of its
 * own size.
 * @throws MiningError 'run-file'
 * Cost: reads every RoI twice; one minibatch of each is in memory.
 */
export function compareRun(path: string, a: MiningConfig, b: MiningConfig): Promise<RunComparison> {
  return withRun(path, async (run) => {
    const images: ImageComparison[] = [];
    let totals = NO_COMPARISON;
    const others = decidedImages(run, b);
    for await (const { rois, status, imageIndex, id } of decidedImages(run, a)) {
      const { value: other } = (await others.next()) as IteratorYieldResult<DecidedImage>;
      // Damaged, or of a minibatch of one of them that is.
      if (run.damage.has(imageIndex) || status.length !== other.status.length) continue;
      const compared = compareSelections(rois, { status }, other);
      totals = addTotals(totals, compared);
      images.push({ imageIndex, id, ...comparisonFacts(compared) });
    }
    return { total: comparisonFacts(totals), images, extent: extentOf(run), shortfall: shortfallOf(run) };
  });
}

interface DecidedImage {
  readonly rois: RunBatch['rois'];
  readonly status: Uint8Array;
  readonly imageIndex: number;
  readonly id: string;
}

/** The images of a run with what mining made of their RoIs. */
async function* decidedImages(run: RunReader, mining: MiningConfig): AsyncGenerator<DecidedImage> {
  for await (const { images, firstImage, selection, rowStart } of decideRun(run, mining)) {
    for (const [i, { rois, summary }] of images.entries()) {
      yield {
        rois,
        status: selection.status.subarray(rowStart[i], rowStart[i + 1]),
        imageIndex: firstImage + i,
        id: summary.id,
      };
    }
  }
}
