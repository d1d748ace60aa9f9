/** RoI dumps as JSON Lines: a header line, then one line an image or example. One line is in memory. */
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import type { Dump, DumpGts, DumpHeader, DumpImage } from './dump.js';
import { DumpFields } from './dump-fields.js';
import { readHeader } from './dump-header.js';
import { largestLabel } from './dump-labels.js';
import { reasonOf } from '../rows/text-files.js';
import { chunksOf, growingChunksOf } from '../../files/reading.js';

/** A line beyond this is no image. */
const MAX_LINE_BYTES = 1 << 27;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * @param follow waits for what a training still writes, until it is aborted; a line without its end is then no line.
 * @throws MiningError 'dump' when the header is wrong.
 */
export async function readJsonLinesDump(path: string, follow?: AbortSignal): Promise<Dump> {
  const lines = jsonLines(path, follow);
  const first = await lines.next();
  if (first.done === true) throw new MiningError('dump', 'line 1', 'a header', 'an empty file', { file: path });
  const header = readHeader(first.value);
  return { path, header, numImages: null, images: imagesOf(lines, header) };
}

async function* imagesOf(lines: AsyncIterable<DumpLine>, header: DumpHeader): AsyncGenerator<DumpImage> {
  for await (const { fields, where } of lines) {
    yield header.task === 'detection'
      ? detectionImage(fields, where, header)
      : classificationImage(fields, where, header);
  }
}

function detectionImage(fields: DumpFields, where: Phrase, header: DumpHeader): DumpImage {
  const numRois = fields.list('rois').length;
  const labels = largestLabel(header);
  const gts = fields.has('gt') ? readGts(fields, labels) : null;
  return {
    where,
    image: fields.text('image'),
    width: fields.size('width'),
    height: fields.size('height'),
    numRois,
    rois: fields.rows('rois', numRois, 4),
    label: required(fields, 'label', fields.integers('label', numRois, -1, labels)),
    ...readLogits(fields, numRois),
    lossCls: fields.numbers('loss_cls', numRois),
    locPred: fields.rows('loc_pred', numRois, 4),
    locTarget: fields.rows('loc_target', numRois, 4),
    lossLoc: fields.numbers('loss_loc', numRois),
    score: fields.numbers('score', numRois),
    predLabel: fields.integers('pred_label', numRois, -1, labels),
    predBoxes: fields.rows('pred_boxes', numRois, 4),
    matchedGt: fields.integers('matched_gt', numRois, -1, gts === null ? 0x7fff_ffff : gts.numGts - 1),
    iou: fields.numbers('iou', numRois),
    gts,
  };
}

/** One example is one row: each field has one value instead of a list of them. */
function classificationImage(fields: DumpFields, where: Phrase, header: DumpHeader): DumpImage {
  const labels = largestLabel(header);
  const one = (key: string) => fields.single(key);
  return {
    where,
    image: fields.text('image'),
    width: fields.size('width'),
    height: fields.size('height'),
    numRois: 1,
    rois: null,
    label: Int32Array.of(fields.integer('label', fields.raw('label'), -1, labels)),
    ...readLogitsOfOne(fields),
    lossCls: one('loss_cls'),
    locPred: null,
    locTarget: null,
    lossLoc: one('loss_loc'),
    score: one('score'),
    predLabel: fields.has('pred_label')
      ? Int32Array.of(fields.integer('pred_label', fields.raw('pred_label'), -1, labels))
      : null,
    predBoxes: null,
    matchedGt: null,
    iou: null,
    gts: null,
  };
}

function required<T>(fields: DumpFields, key: string, column: T | null): T {
  if (column === null) throw fields.error(key, 'one entry a RoI', fields.raw(key));
  return column;
}

/** All rows have as many columns as the first. */
function readLogits(fields: DumpFields, numRois: number): Pick<DumpImage, 'logits' | 'numColumns'> {
  if (!fields.has('logits')) return { logits: null, numColumns: 0 };
  const [first] = fields.list('logits');
  const numColumns = Array.isArray(first) ? first.length : 0;
  return { logits: fields.rows('logits', numRois, numColumns), numColumns };
}

function readLogitsOfOne(fields: DumpFields): Pick<DumpImage, 'logits' | 'numColumns'> {
  if (!fields.has('logits')) return { logits: null, numColumns: 0 };
  const numColumns = fields.list('logits').length;
  return { logits: fields.numbers('logits', numColumns), numColumns };
}

function readGts(fields: DumpFields, labels: number): DumpGts {
  const list = fields.list('gt');
  const gts = {
    numGts: list.length,
    boxes: new Float64Array(list.length * 4),
    label: new Int32Array(list.length),
    crowd: new Uint8Array(list.length),
  };
  list.forEach((value, i) => {
    const gt = fields.child(`gt[${i}]`, value);
    const box = gt.numbers('box', 4);
    if (box === null) throw gt.error('box', '4 numbers', gt.raw('box'));
    gts.boxes.set(box, i * 4);
    gts.label[i] = gt.integer('label', gt.raw('label'), -1, labels);
    gts.crowd[i] = gt.flag('crowd') ? 1 : 0;
  });
  return gts;
}

interface DumpLine {
  readonly fields: DumpFields;
  readonly where: Phrase;
}

/** Blank lines say nothing. */
async function* jsonLines(path: string, follow?: AbortSignal): AsyncGenerator<DumpLine, undefined> {
  for await (const { line, number } of textLines(path, follow)) {
    if (line.trim() === '') continue;
    const where = said`line ${number}`;
    const value = parseLine(line, where, path);
    yield { fields: new DumpFields(value, where, path), where };
  }
  return undefined;
}

function parseLine(line: string, where: Phrase, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    const todo = /\b(NaN|Infinity)\b/.test(line)
      ? 'Write NaN and Infinity as the strings "NaN", "Infinity", "-Infinity"'
      : undefined;
    throw new MiningError(
      'dump',
      where,
      'a JSON object',
      reasonOf(error),
      todo === undefined ? { file } : { file, todo },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MiningError('dump', where, 'a JSON object', show(value), { file });
  }
  return value as Readonly<Record<string, unknown>>;
}

interface TextLine {
  readonly line: string;
  readonly number: number;
}

/**
 * Lines of a UTF-8 file that are not empty, without their ends. Not `node:readline`: that would read a line of any
 * length into memory, and break at U+2028, which JSON allows in a text.
 */
async function* textLines(path: string, follow?: AbortSignal): AsyncGenerator<TextLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  try {
    for await (const chunk of follow === undefined ? chunksOf(path) : growingChunksOf(path, follow)) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        if (length + end - start > 0)
          yield { line: decodeLine([...parts, chunk.subarray(start, end)], number, path), number };
        number++;
        parts = [];
        length = 0;
        start = end + 1;
      }
      parts.push(chunk.subarray(start));
      length += chunk.length - start;
      if (length > MAX_LINE_BYTES)
        throw new MiningError('dump', said`line ${number}`, said`at most ${MAX_LINE_BYTES} bytes`, 'a longer line', {
          file: path,
        });
    }
  } catch (error) {
    if (error instanceof MiningError) throw error;
    throw new MiningError('dump', 'file', 'a file that can be read', reasonOf(error), { file: path });
  }
  if (length > 0 && follow === undefined) yield { line: decodeLine(parts, number, path), number };
}

function decodeLine(parts: readonly Uint8Array[], number: number, file: string): string {
  try {
    return UTF8.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
  } catch {
    throw new MiningError('dump', said`line ${number}`, 'UTF-8 text', 'other bytes', { file });
  }
}
