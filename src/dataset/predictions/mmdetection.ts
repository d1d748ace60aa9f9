/**
 * MMDetection's JSON of its inferencer, one file an image: `{bboxes: [[x1, y1, x2, y2], …], labels: […], scores: […]}`,
 * px of the image, called like it. Its test script dumps pickles, which are never read.
 * Source: MMDetection 3 `mmdet/apis/det_inferencer.py` (`pred2dict`, `out_dir/preds`).
 */
import { said } from '../../core/said.js';
import path from 'node:path';
import { listOf, MAX_JSON_BYTES, objectOf, parseJson } from '../rows/json-text.js';
import { PartsHash, readBytes } from '../rows/text-files.js';
import { predictionFiles } from './prediction-folder.js';
import { fourNumbers, mismatch, nameAt, numberAt } from './prediction-format.js';
import type { PredictionFormat, TakeDetection } from './prediction-format.js';

/** Other files have lists of these names, too, but not as what they begin with. */
const looksLike = (head: string) => /^\s*\{\s*"(bboxes|scores|labels)"\s*:\s*\[/.test(head);

export const mmdetection: PredictionFormat = {
  id: 'mmdetection',
  title: 'MMDetection (preds/*.json of its inferencer)',
  numbers: 'places',

  recognise: async (location) => (await predictionFiles(location, '.json', isPrediction)).length > 0,

  async find(folder) {
    const first = folder.files.find((name) => /\.json$/i.test(name));
    return first !== undefined && isPrediction(await folder.head(first)) ? [folder.path] : [];
  },

  async read(location, take) {
    const hash = new PartsHash();
    for (const file of await predictionFiles(location, '.json', isPrediction)) {
      const bytes = await readBytes(file, MAX_JSON_BYTES);
      hash.add(path.basename(file), bytes);
      takeImage(parseJson(bytes, file), file, take);
    }
    return { sha256: hash.digest() };
  },
};

/** FiftyOne's labels are no list. */
function isPrediction(head: string): boolean {
  return looksLike(head) && !head.includes('"classes"') && !head.includes('"annotations"');
}

function takeImage(value: unknown, file: string, take: TakeDetection): void {
  const { bboxes, labels, scores } = objectOf(value);
  const image = path.basename(file, path.extname(file));
  const [boxes, classes, confidences] = [listOf(bboxes), listOf(labels), listOf(scores)];
  if (!Array.isArray(bboxes)) throw mismatch('bboxes', 'a list', bboxes, file);
  for (const [key, list] of [
    ['labels', classes],
    ['scores', confidences],
  ] as const)
    if (list.length !== boxes.length) throw mismatch(key, said`a list of ${boxes.length}`, list.length, file);
  boxes.forEach((box, i) => {
    const label = nameAt(classes[i], `labels[${i}]`, file);
    const score = numberAt(confidences[i], `scores[${i}]`, file);
    take({ image, label, box: fourNumbers(box, `bboxes[${i}]`, file), score }, `bboxes[${i}]`, file);
  });
}
