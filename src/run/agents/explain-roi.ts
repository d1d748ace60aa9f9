import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';
import { presetText } from '../../core/mining/select.js';
import { BACKGROUND_BELOW, backgroundBelowOf } from '../../core/predictions.js';
import { extentOf, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { objectLosses } from '../query/object-losses.js';
import { decideImage, hardestRowOf, roiDecision, type DecidedImage } from '../query/roi-decision.js';
import { agentTool } from './agent-tool.js';
import { chosenRun, runKey } from './known-runs.js';
import { objectFacts, roiFacts, short } from './roi-facts.js';

const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const input = v.strictObject({
  run: v.exactOptional(runKey),
  image: v.pipe(v.union([v.string(), index]), v.description('Id of the image, or its image_index.')),
  row: v.exactOptional(v.pipe(index, v.description('Row of the RoI in its image.'))),
  object: v.exactOptional(
    v.pipe(index, v.description('In the place of a row: an object of the image, by its hardest RoI.')),
  ),
});
type Input = v.InferOutput<typeof input>;

export const explainRoi = agentTool({
  name: 'explain_roi',
  title: 'Explain a RoI',
  description:
    'Why one RoI of a mined run is hard and what mining did with it: losses (nats), best class scores, object and ' +
    'IoU, its rank in the loss order of its minibatch, the lowest loss that was still selected, and which harder RoI ' +
    'suppressed it in mining NMS (not inference NMS). Give row, or object for the hardest RoI of an annotated object.',
  input,
  answer: async (asked, runs) => withRun(await chosenRun(asked.run, runs), (run) => answer(run, asked)),
});

async function answer(run: RunReader, asked: Input): Promise<object> {
  const { path, manifest } = run;
  const { classes, task, mining } = manifest;
  const decided = await decideImage(run, indexOf(run, asked.image));
  const { image, batch } = decided;
  const backgroundBelow = backgroundBelowOf(task, BACKGROUND_BELOW);
  const decision = roiDecision(decided, rowOf(decided, asked), { classes, backgroundBelow });
  const { roi, suppressor } = decision;
  const object = objectLosses(image.gts, []).find(({ gt }) => gt === roi.gt_index);
  return {
    run: path,
    ...extentOf(run),
    image: image.summary.id,
    image_path: image.summary.path,
    roi: roiFacts(roi),
    class_scores: decision.scores.map(({ classId, score }) => ({
      class: classes[classId] ?? 'background',
      score: short(score),
    })),
    object: object === undefined ? null : objectFacts(object, classes),
    decision: {
      mining: presetText(mining),
      images_in_minibatch: batch.images.length,
      ranked: decision.numRanked,
      selected: decision.numSelected,
      lowest_selected_loss: short(decision.lowestSelectedLoss),
      ...keptFacts(decided),
      mining_nms_iou: mining.nmsThreshold,
      suppressed_by: suppressor && { ...roiFacts(suppressor.roi), overlap: short(suppressor.iou) },
    },
  };
}

/** Of a minibatch of which the hardest RoIs are kept only. */
function keptFacts({ batch: { rois } }: DecidedImage): object {
  if (rois.rests === undefined) return {};
  return {
    note:
      'the run keeps the hardest RoIs of an image only: ranks count these, and a RoI that is below the budget may be ' +
      'suppressed by one that is not kept',
  };
}

/** Its id, or its place. @throws MiningError 'options' */
function indexOf({ images, path }: RunReader, image: string | number): number {
  const index = typeof image === 'number' ? image : images.indexOf('id', image);
  if (index >= 0 && index < images.length) return index;
  const expected = `an image's id, or an index in [0, ${images.length})`;
  const todo = 'list_hard_examples tells ids and indices';
  throw new MiningError('options', 'image', expected, show(image), { file: path, todo });
}

/** The row in the minibatch. @throws MiningError 'options' */
function rowOf(decided: DecidedImage, { row, object }: Input): number {
  if ((row === undefined) === (object === undefined))
    throw new MiningError('options', 'row', 'either row or object', row === undefined ? 'neither' : 'both');
  if (object !== undefined) return hardestRowOf(decided, object);
  const { start, end } = decided;
  if (row !== undefined && start + row < end) return start + row;
  throw new MiningError('options', 'row', `a row in [0, ${end - start})`, String(row));
}
