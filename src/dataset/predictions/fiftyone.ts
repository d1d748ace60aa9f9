/**
 * FiftyOne: labels.json of an image detection data set (`{classes, labels: {NAME: [detection, …]}}`), or samples.json
 * of a whole data set, of whose fields the first is taken that has confidences. Boxes are `[x, y, width, height]` in
 * shares of the image.
 * Source: docs.voxel51.com, "FiftyOneImageDetectionDataset" and "FiftyOneDataset".
 */
import { MiningError, show } from '../../core/mining-error.js';
import { forEachElement, membersOf, parseValue, topLevelMembers, type Extent } from '../coco/json-elements.js';
import { filesIn } from '../rows/annotation-file.js';
import { listOf, objectOf, textOf, type JsonObject } from '../rows/json-text.js';
import { readBytes, sha256 } from '../rows/text-files.js';
import { isJsonFile } from './json-list.js';
import { cornerAndSize, mismatch, nameAt, numberAt } from './prediction-format.js';
import type { PredictionFormat, TakeDetection } from './prediction-format.js';

const looksLike = (head: string) =>
  /^\s*\{/.test(head) &&
  ((/"labels"\s*:\s*\{/.test(head) && head.includes('"bounding_box"')) || /"samples"\s*:\s*\[/.test(head));

export const fiftyOne: PredictionFormat = {
  id: 'fiftyone',
  title: 'FiftyOne (labels.json or samples.json with confidences)',
  numbers: 'places',

  recognise: (path) => isJsonFile(path, looksLike),
  find: (folder) =>
    filesIn(folder, { extension: /\.json$/i, looksLike: (head) => looksLike(head) && head.includes('"confidence"') }),

  async read(file, take) {
    const bytes = await readBytes(file);
    const members = topLevelMembers(bytes, file);
    const samples = members.get('samples');
    const labels = members.get('labels');
    const facts = { sha256: sha256(bytes) };
    if (samples !== undefined) return { ...facts, ...readSamples(bytes, samples, file, take) };
    if (labels === undefined) throw mismatch('labels', 'labels or samples', undefined, file);
    const listed = members.get('classes');
    const classes = listed === undefined ? [] : listOf(parseValue(bytes, listed, file)).map(textOf);
    for (const [image, extent] of membersOf(bytes, labels, file))
      takeDetections(
        parseValue(bytes, extent, file),
        { image, classes, where: `labels[${show(image, 40)}]`, file },
        take,
      );
    return { ...facts, ...(classes.length > 0 && { classes }) };
  },
};

/** Where the detections of one image stand. */
interface OfImage {
  readonly image: string;
  /** Names of labels that are numbers. */
  readonly classes: readonly string[];
  readonly where: string;
  readonly file: string;
}

/** null: an image without any. */
function takeDetections(value: unknown, { image, classes, where, file }: OfImage, take: TakeDetection): void {
  if (value !== null && !Array.isArray(value)) throw mismatch(where, 'a list of detections', value, file);
  listOf(value).forEach((item, i) => {
    const at = `${where}[${i}]`;
    const { label, bounding_box: box, confidence } = objectOf(item);
    const named = nameAt(label, `${at}.label`, file);
    const score = numberAt(confidence, `${at}.confidence`, file);
    const name = typeof named === 'number' ? (classes[named] ?? named) : named;
    take({ image, label: name, box: cornerAndSize(box, `${at}.bounding_box`, file), isShare: true, score }, at, file);
  });
}

function readSamples(bytes: Uint8Array, samples: Extent, file: string, take: TakeDetection) {
  let field: string | undefined;
  forEachElement(bytes, samples, file, (value, index) => {
    const sample = objectOf(value);
    const where = `samples[${index}]`;
    field ??= fieldOf(sample);
    if (field === undefined || sample[field] === undefined || sample[field] === null) return;
    const image = sample['filepath'];
    if (typeof image !== 'string') throw mismatch(`${where}.filepath`, 'a path', image, file);
    const { detections } = objectOf(sample[field]);
    takeDetections(detections ?? null, { image, classes: [], where: `${where}.${field}.detections`, file }, take);
  });
  if (field === undefined)
    throw new MiningError('dataset', 'samples', 'a field of detections with confidences', 'none', { file });
  return { notes: [`field ${show(field, 40)} was taken`] };
}

/** The first field of detections of which one has a confidence: ground truth has none. */
function fieldOf(sample: JsonObject): string | undefined {
  return Object.keys(sample).find((key) =>
    listOf(objectOf(sample[key])['detections']).some((item) => typeof objectOf(item)['confidence'] === 'number'),
  );
}
