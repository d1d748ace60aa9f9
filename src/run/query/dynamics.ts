/**
 * How each example was learnt: over several runs of the same data, one a checkpoint, or over the passes of one run that
 * a training wrote, whose images come again and again.
 */
import { trainingDynamics, type Dynamics } from '../../core/reports/training-dynamics.js';
import { NOBODY, withObservedRuns, type Looks } from './observed-runs.js';
import { extentOf, shortfallOf, type RunExtent, type Shortfall } from '../file/read-run.js';

/** E examples: images of a classification, annotated objects of a detection. */
export interface RunDynamics extends Looks, Dynamics {
  /** One a run. */
  readonly extents: readonly RunExtent[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * Dynamics over runs in the order of training. Crowds and objects without a class are left out.
 * @param paths at least two, or one whose images come at least twice on average: pass k is each image's k-th look.
 * @throws MiningError 'options' for fewer; 'run-file' when runs are of different tasks, data or classes.
 * Cost: reads every RoI once; one image and some numbers an example and run are in memory.
 */
export function runDynamics(paths: readonly string[]): Promise<RunDynamics> {
  return withObservedRuns(paths, async (observed) => {
    await observed.read(NOBODY);
    const looks = observed.looks();
    return {
      ...looks,
      ...trainingDynamics(looks.observations),
      extents: observed.runs.map(extentOf),
      shortfalls: observed.runs.map(shortfallOf),
    };
  });
}
