import { numGiven } from '../../core/facts/image-list.js';
import { tideReport, type TideReport } from '../../core/triage/delta-ap.js';
import type { DetectOptions } from '../../core/triage/detections.js';
import { tideErrors } from '../../core/triage/tide-errors.js';
import { extentOf, shortfallOf, withRun, type RunExtent, type Shortfall } from '../file/read-run.js';
import { detectImages } from './detected-images.js';

export interface RunErrors extends TideReport {
  /** Images that could not be measured: neither their objects nor detections count. */
  readonly numFailed: number;
  readonly extent: RunExtent;
  readonly shortfall: Shortfall;
}

/**
 * TIDE's errors of a run's detections, counted and priced.
 * @throws MiningError as `detectImages`.
 * Cost: reads every RoI once; the detections of all images are in memory.
 */
export function runErrors(path: string, options: DetectOptions): Promise<RunErrors> {
  return withRun(path, async (run) => {
    const images = (await detectImages(run, options)).map(({ found, gts }) => ({
      found,
      gts,
      errors: tideErrors(found, gts),
    }));
    const report = tideReport(images, run.manifest.classes.length);
    const numFailed = numGiven(run.images, 'error');
    return { ...report, numFailed, extent: extentOf(run), shortfall: shortfallOf(run) };
  });
}
