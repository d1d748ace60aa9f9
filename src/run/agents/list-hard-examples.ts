import * as v from 'valibot';
import { MiningError } from '../../core/mining-error.js';
import { backgroundBelowOf, BACKGROUND_BELOW } from '../../core/predictions.js';
import { presetText } from '../../core/mining/select.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { extentOf, shortfallOf, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { hardestImages, hardestObjects, hardestRois, type HardObject } from '../query/hardest.js';
import type { RoiRecord } from '../query/selected-rois.js';
import { agentTool, mostRows, oneOf } from './agent-tool.js';
import { chosenRun, runKey } from './known-runs.js';
import { objectFacts, roiFacts, short } from './roi-facts.js';

const input = v.strictObject({
  run: v.exactOptional(runKey),
  what: v.exactOptional(
    v.pipe(
      v.picklist(['objects', 'rois', 'images']),
      v.description('objects (annotated ones with their hardest RoI; default), rois, or images.'),
    ),
    'objects',
  ),
  class: v.exactOptional(
    v.pipe(v.string(), v.description('Only what is labelled so; of rois also "background". Not for images.')),
  ),
  predicted: v.exactOptional(
    v.pipe(v.string(), v.description('Only what the network calls so: a class or "background". Not for images.')),
  ),
  top: mostRows,
});
type Input = v.InferOutput<typeof input>;

export const listHardExamples = agentTool({
  name: 'list_hard_examples',
  title: 'List hard examples',
  description:
    'The hardest objects, RoIs or images of a mined run (*.ohem), hardest first: what online hard example mining ' +
    'selected, with its losses (nats), label, predicted class and score, and boxes (x1, y1, x2, y2 in image px). ' +
    'complete=false: the run is still growing or was cut; the answer is about num_images of num_in_dataset.',
  input,
  answer: async (asked, runs) => withRun(await chosenRun(asked.run, runs), (run) => answer(run, asked)),
});

async function answer(run: RunReader, asked: Input): Promise<object> {
  const examples = await examplesOf(run, asked);
  const { path, manifest } = run;
  const facts = { run: path, ...extentOf(run), loss_source: manifest.lossSource, mining: presetText(manifest.mining) };
  return { ...facts, warnings: shortfallOf(run).lines, [asked.what]: examples };
}

async function examplesOf(run: RunReader, { what, top, ...only }: Input): Promise<object[]> {
  const { mining, task, classes } = run.manifest;
  const key =
    what === 'images' ? (['class', 'predicted'] as const).find((each) => only[each] !== undefined) : undefined;
  if (key !== undefined) throw new MiningError('options', key, 'objects or rois', 'images, which have many');
  if (what === 'images') return (await hardestImages(run, mining, 'sum', top)).map(imageFacts);
  const known = [...classes, 'background'];
  const label = only.class === undefined ? null : oneOf('class', only.class, what === 'rois' ? known : classes);
  const predicted = only.predicted === undefined ? null : oneOf('predicted', only.predicted, known);
  const isWanted = (roi: RoiRecord) => predicted === null || roi.predicted === predicted;
  const choice = { mining, top, classes, backgroundBelow: backgroundBelowOf(task, BACKGROUND_BELOW) };
  if (what === 'rois') {
    const rois = await hardestRois(run, choice, (roi) => isWanted(roi) && (label === null || roi.label === label));
    return rois.map((roi) => ({ image: roi.image, image_index: roi.image_index, ...roiFacts(roi) }));
  }
  const ofClass = ({ gtClass }: HardObject) => label === null || classes[gtClass] === label;
  const objects = await hardestObjects(run, choice, (object) => ofClass(object) && isWanted(object.hardest));
  return objects.map((object) => ({
    image: object.hardest.image,
    image_index: object.hardest.image_index,
    ...objectFacts(object, classes),
    hardest_roi: roiFacts(object.hardest),
  }));
}

function imageFacts({ id, path, lossSum, lossMax, numSelected, numRois, numGts, error }: ImageSummary): object {
  return {
    image: id,
    path,
    loss_sum: short(lossSum),
    loss_max: short(lossMax),
    num_selected: numSelected,
    num_rois: numRois,
    num_objects: numGts,
    ...(error !== '' && { error }),
  };
}
