/**
 * detectron2's predictions of its COCO evaluator, as JSON: a list of images with their `instances`, each a COCO result.
 * Source: detectron2 `detectron2/evaluation/coco_evaluation.py` (`process`, `instances_to_coco_json`).
 */
import { filesIn } from '../rows/annotation-file.js';
import { listOf, objectOf } from '../rows/json-text.js';
import { takeResult } from './coco-results.js';
import { isJsonFile, jsonList } from './json-list.js';
import type { PredictionFormat } from './prediction-format.js';

const looksLike = (head: string) =>
  /^\s*\[\s*\{/.test(head) && head.includes('"instances"') && head.includes('"image_id"');

export const detectron2: PredictionFormat = {
  id: 'detectron2',
  title: 'detectron2 (JSON list of image_id and instances)',
  numbers: 'ids',

  recognise: (path) => isJsonFile(path, looksLike),
  find: (folder) => filesIn(folder, { extension: /\.json$/i, looksLike }),

  async read(path, take) {
    const sha256 = await jsonList(path, (value, where) => {
      const image = objectOf(value);
      listOf(image['instances']).forEach((instance, i) =>
        // The image's id stands in each instance too, but not in every version.
        takeResult({ image_id: image['image_id'], ...objectOf(instance) }, `${where}.instances[${i}]`, path, take),
      );
    });
    return { sha256 };
  },
};
