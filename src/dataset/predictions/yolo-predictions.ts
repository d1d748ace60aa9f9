/**
 * YOLO's text files with confidences, one an image: `class x y width height confidence`, shares of the image.
 * Outlines (Ultralytics' segments and oriented boxes: `class x1 y1 x2 y2 … confidence`) become the boxes around them.
 * Source: Ultralytics `save_txt=True, save_conf=True` (`ultralytics/engine/results.py`); YOLOv5 `detect.py`.
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { boundsOf, OUTLINES } from '../rows/outlines.js';
import { decodeText, PartsHash, readBytes } from '../rows/text-files.js';
import { predictionFiles } from './prediction-folder.js';
import type { Detection, PredictionFormat, TakeDetection } from './prediction-format.js';

const MAX_FILE_BYTES = 2 ** 26;

export const yoloPredictions: PredictionFormat = {
  id: 'yolo-txt',
  title: 'YOLO text files with confidences (save_txt, save_conf)',
  numbers: 'places',

  // Labels without confidences too: the reader says what is missing.
  recognise: async (location) => (await predictionFiles(location, '.txt', (head) => numbersOf(head) >= 5)).length > 0,

  async find(folder) {
    const first = folder.files.find((name) => /\.txt$/i.test(name));
    const count = first === undefined ? 0 : numbersOf(await folder.head(first));
    return count >= 6 && count % 2 === 0 ? [folder.path] : [];
  },

  async read(location, take) {
    const hash = new PartsHash();
    let numOutlines = 0;
    for (const file of await predictionFiles(location, '.txt', (head) => numbersOf(head) >= 5)) {
      const bytes = await readBytes(file, MAX_FILE_BYTES);
      hash.add(path.basename(file), bytes);
      numOutlines += takeLines(decodeText(bytes, file), file, take);
    }
    return { sha256: hash.digest(), notes: numOutlines === 0 ? [] : [`${numOutlines} ${OUTLINES}`] };
  },
};

/** Numbers of the first line that says something; 0 where it holds anything else. */
function numbersOf(head: string): number {
  const line = head.split(/[\r\n]/, 100).find((text) => text.trim() !== '') ?? '';
  const cells = line.trim().split(/\s+/);
  return cells.every((cell) => /^[-+.\de]+$/i.test(cell) && Number.isFinite(Number(cell))) ? cells.length : 0;
}

/** @returns how many were outlines. */
function takeLines(text: string, file: string, take: TakeDetection): number {
  const image = path.basename(file, path.extname(file));
  let numOutlines = 0;
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    if (line.trim() === '') return;
    const where = said`line ${i + 1}`;
    const numbers = line.trim().split(/\s+/).map(Number);
    if (numbers.length > 6) numOutlines++;
    take({ image, ...detectionOf(numbers, where, file) }, where, file);
  });
  return numOutlines;
}

function detectionOf(numbers: readonly number[], where: Phrase, file: string): Omit<Detection, 'image'> {
  const [label = NaN, x = NaN, y = NaN, width = NaN, height = NaN] = numbers;
  const score = numbers.at(-1) ?? NaN;
  if (numbers.length < 6 || numbers.length % 2 !== 0) {
    const todo = 'Predict with save_txt=True save_conf=True';
    const expected = 'class x y width height confidence, or an outline with a confidence';
    throw new MiningError('dataset', where, expected, said`${numbers.length} numbers`, { file, todo });
  }
  if (numbers.some(Number.isNaN)) throw new MiningError('dataset', where, 'numbers', show(numbers.join(' ')), { file });
  const isOutline = numbers.length > 6;
  const box = isOutline
    ? boundsOf(numbers.slice(1, -1))
    : ([x - width / 2, y - height / 2, x + width / 2, y + height / 2] as const);
  return { label, box, isShare: true, score };
}
