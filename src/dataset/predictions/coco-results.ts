/**
 * COCO results: a list of `{image_id, category_id, bbox: [x, y, width, height], score}`, px. What pycocotools takes;
 * detectron2 (coco_instances_results.json), MMDetection (NAME.bbox.json) and Ultralytics (predictions.json) write it.
 * Source: cocodataset.org, "Results format".
 */
import { filesIn } from '../rows/annotation-file.js';
import { objectOf } from '../rows/json-text.js';
import { jsonList, isJsonFile } from './json-list.js';
import { cornerAndSize, nameAt, numberAt } from './prediction-format.js';
import type { PredictionFormat, TakeDetection } from './prediction-format.js';

/** A list that begins with a result, or one without any. */
const looksLike = (head: string) =>
  /^\s*\[\s*(\]\s*$|\{)/.test(head) &&
  !head.includes('"instances"') &&
  (!head.includes('{') || ['image_id', 'category_id', 'score'].every((key) => head.includes(`"${key}"`)));

export const cocoResults: PredictionFormat = {
  id: 'coco-results',
  title: 'COCO results (JSON list of image_id, category_id, bbox, score)',
  numbers: 'ids',

  recognise: (path) => isJsonFile(path, looksLike),

  // An empty list may be anything.
  find: (folder) =>
    filesIn(folder, { extension: /\.json$/i, looksLike: (head) => head.includes('{') && looksLike(head) }),

  async read(path, take) {
    return { sha256: await jsonList(path, (value, where) => takeResult(value, where, path, take)) };
  },
};

/** One result. @throws MiningError 'dataset' */
export function takeResult(value: unknown, where: string, file: string, take: TakeDetection): void {
  const result = objectOf(value);
  const image = nameAt(result['image_id'], `${where}.image_id`, file);
  const label = nameAt(result['category_id'], `${where}.category_id`, file);
  const score = numberAt(result['score'], `${where}.score`, file);
  take({ image, label, box: cornerAndSize(result['bbox'], `${where}.bbox`, file), score }, where, file);
}
