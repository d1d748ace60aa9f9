/** Broken contracts of `measureRois`, told before any arithmetic. */
import { numScoreColumns } from '../losses/class-scores.js';
import type { DetectorOutput } from '../losses/detector-output.js';
import { checkMeasureOption, MEASURE_KEYS } from './measure-config.js';
import type { MeasureConfig } from './measure-config.js';
import { MiningError, show } from '../mining-error.js';
import { said } from '../said.js';
import { MAX_CLASSES, type Boxes } from '../tables.js';

/**
 * Do the columns of an output fit together, and is the configuration in range?
 * @throws MiningError 'mining' that names the column, 'options' that names the option and its range.
 */
export function checkMeasure(output: DetectorOutput, config: MeasureConfig): void {
  for (const key of MEASURE_KEYS) checkMeasureOption(key, config[key]);
  const { numRois, numClasses, objectness, deltas, deltaWeights, grid } = output;
  if (!(Number.isInteger(numClasses) && numClasses >= 1 && numClasses <= MAX_CLASSES)) {
    throw new MiningError('mining', 'numClasses', said`an integer in [1, ${MAX_CLASSES}]`, show(numClasses));
  }
  checkBoxes('regions', output.regions, numRois);
  checkBoxes('preds', output.preds, numRois);
  checkLength('scores', output.scores, numRois * numScoreColumns(output));
  if (objectness !== null) checkLength('objectness', objectness, numRois);
  if (deltas !== null && deltas.length !== numRois * 4) checkLength('deltas', deltas, numRois * 4 * numClasses);
  if (deltas !== null && deltaWeights === null) {
    throw new MiningError('mining', 'deltaWeights', 'the weights that the deltas were encoded with', 'none');
  }
  if (grid === null) return;
  for (const name of ['centreX', 'centreY', 'strideX', 'strideY'] as const) {
    checkLength(`grid.${name}`, grid[name], numRois);
  }
  const covered = grid.levelStart.length === 0 ? 0 : grid.levelStart[grid.levelStart.length - 1];
  if (covered !== numRois)
    throw new MiningError('mining', 'grid.levelStart', said`levels of ${numRois} rows`, `${covered}`);
}

function checkBoxes(name: string, boxes: Boxes, numRois: number): void {
  for (const side of ['x1', 'y1', 'x2', 'y2'] as const) checkLength(`${name}.${side}`, boxes[side], numRois);
}

function checkLength(where: string, column: ArrayLike<number>, expected: number): void {
  if (column.length !== expected) throw new MiningError('mining', where, said`${expected} values`, `${column.length}`);
}
