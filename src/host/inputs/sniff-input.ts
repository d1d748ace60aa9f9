/** What a file is, as far as its name and first or last bytes tell: enough for a menu. */
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Task } from '../../core/tables.js';
import { isContractName } from './contract-facts.js';

export type FileKind = 'onnx' | 'tfjs' | 'coco' | 'yolo' | 'csv' | 'jsonl' | 'npz';

export interface Sniffed {
  readonly kind: FileKind;
  /** What a graph is for, or what a data set or dump holds; null: its bytes do not tell. */
  readonly task: Task | null;
}

/** Files of other tools: not worth opening. */
const SKIPPED = /^(package(-lock)?|tsconfig.*|composer|manifest|pnpm-lock|docker-compose.*)\.(json|ya?ml)$/i;
const IMAGE_NAME = /\.(jpe?g|png|bmp|webp|tiff?|gif)$/i;
const LABEL_COLUMN = /^(label|class|class_?name|category|target|label_?name|y)$/i;
const NUM_BYTES = 1 << 16;

/** Whether `sniffInput` would open the file: such looks are counted. */
export function mustBeOpened(path: string): boolean {
  return readerOf(path) !== undefined && !SKIPPED.test(basename(path)) && !isContractName(basename(path));
}

/** @returns undefined for a file that is none of these, or cannot be read. */
export async function sniffInput(path: string): Promise<Sniffed | undefined> {
  if (extname(path).toLowerCase() === '.onnx') return { kind: 'onnx', task: null };
  if (!mustBeOpened(path)) return undefined;
  return readerOf(path)?.(path).catch(() => undefined);
}

type Sniff = (path: string) => Promise<Sniffed | undefined>;

const SNIFFS: Readonly<Record<string, Sniff>> = {
  '.json': async (path) => sniffJson(await readPart(path, 'head')),
  '.yaml': async (path) => sniffYaml(await readPart(path, 'head')),
  '.yml': async (path) => sniffYaml(await readPart(path, 'head')),
  '.csv': async (path) => sniffTable(await readPart(path, 'head')),
  '.tsv': async (path) => sniffTable(await readPart(path, 'head')),
  '.jsonl': async (path) => sniffJsonLines(await readPart(path, 'head')),
  // A zip archive lists its entries at its end.
  '.npz': async (path) => sniffArchive(await readPart(path, 'tail')),
};

function readerOf(path: string): Sniff | undefined {
  const extension = extname(path).toLowerCase();
  return Object.hasOwn(SNIFFS, extension) ? SNIFFS[extension] : undefined;
}

function sniffJson(text: string): Sniffed | undefined {
  // A Keras Sequential has one output: such graphs are classifiers.
  if (/"(modelTopology|weightsManifest)"\s*:/.test(text))
    return { kind: 'tfjs', task: /"class_name"\s*:\s*"Sequential"/.test(text) ? 'classification' : null };
  const isCoco = /^[\s\ufeff]*\{/.test(text) && /"(images|annotations|categories)"\s*:\s*\[/.test(text);
  return isCoco ? { kind: 'coco', task: 'detection' } : undefined;
}

function sniffYaml(text: string): Sniffed | undefined {
  return /^names\s*:/m.test(text) && /^(train|val|test)\s*:/m.test(text)
    ? { kind: 'yolo', task: 'detection' }
    : undefined;
}

/** Image and label: a column that is called so, or no header and nothing else. */
function sniffTable(text: string): Sniffed | undefined {
  const [first, second] = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/, 2)
    .map(cellsOf);
  const hasLabel =
    first.some((cell) => LABEL_COLUMN.test(cell)) && (second ?? []).some((cell) => IMAGE_NAME.test(cell));
  const isPair = first.length === 2 && first.some((cell) => IMAGE_NAME.test(cell));
  return hasLabel || isPair ? { kind: 'csv', task: 'classification' } : undefined;
}

function cellsOf(line: string): string[] {
  return line.split(/[,;\t]/).map((cell) => cell.replaceAll('"', '').trim());
}

function sniffJsonLines(text: string): Sniffed | undefined {
  const header = /^[\s\ufeff]*(\{.*)/.exec(text)?.[1] ?? '';
  if (!/"ohem_dump"\s*:/.test(header)) return undefined;
  return { kind: 'jsonl', task: /"task"\s*:\s*"classification"/.test(header) ? 'classification' : 'detection' };
}

function sniffArchive(names: string): Sniffed | undefined {
  const has = (name: string) => names.includes(`${name}.npy`);
  const isDump = ['image', 'label', 'classes'].every(has) && (has('logits') || has('loss_cls'));
  return isDump ? { kind: 'npz', task: has('rois') ? 'detection' : 'classification' } : undefined;
}

async function readPart(path: string, part: 'head' | 'tail'): Promise<string> {
  const file = await open(path, 'r');
  try {
    const start = part === 'head' ? 0 : Math.max(0, (await file.stat()).size - NUM_BYTES);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(NUM_BYTES), 0, NUM_BYTES, start);
    return buffer.toString(part === 'head' ? 'utf8' : 'latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
