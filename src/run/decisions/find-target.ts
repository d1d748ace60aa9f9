/** How a decision names a place in a run. */
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { keyOf, type Decision, type DecisionTarget } from '../../core/triage/decisions.js';
import { placeDecisions, targetOfRow, type DecidedPlace } from '../../core/triage/placed-decisions.js';
import { readImage } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

export interface FoundTarget {
  readonly target: DecisionTarget;
  /** What was decided on the same thing, as it stood then: the run may have been made again. */
  readonly earlier: readonly DecisionTarget[];
}

/**
 * @param decisions of the run, as `readDecisions` gives them.
 * @throws MiningError 'options' where the run has no such image or row; as `readImage`.
 * Cost: reads the image.
 */
export async function findTarget(
  run: RunReader,
  { imageIndex, what, row }: DecidedPlace,
  decisions: readonly Decision[],
): Promise<FoundTarget> {
  const image = run.images.at(imageIndex);
  const { classes } = run.manifest;
  const where = { file: run.path };
  if (image === undefined)
    throw new MiningError('options', 'image', said`below ${run.images.length}`, String(imageIndex), where);
  if (what === 'image') return { target: { image: image.id }, earlier: [] };
  const tables = await readImage(run, imageIndex);
  const target = targetOfRow(image.id, tables, classes, what, row);
  if (target === undefined) {
    const numRows = what === 'roi' ? tables.rois.numRois : tables.gts.numGts;
    throw new MiningError('options', 'row', said`below ${numRows}`, String(row), where);
  }
  const isSame = (each: Decision) =>
    each.image === image.id && placeDecisions([each], tables, classes)[what].has(row) && keyOf(each) !== keyOf(target);
  return { target, earlier: decisions.filter(isSame) };
}
