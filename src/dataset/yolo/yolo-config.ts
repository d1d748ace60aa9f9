/** The `data.yaml` of a YOLO data set, or darknet's `obj.data`: class names and where each split's images are. */
import path from 'node:path';
import * as v from 'valibot';
import { YAMLParseError } from 'yaml';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { parseYaml } from '../../files/parse-yaml.js';
import { imageIdWithin } from '../rows/image-files.js';
import { decodeText, isFile, isFolder, listFolder, peek, readBytes } from '../rows/text-files.js';

const SPLITS = ['train', 'val', 'test'] as const;
/** Four times what the names of LVIS take; YAML is slow to read, bytes. */
const MAX_YAML_BYTES = 1 << 18;
const Name = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const Entry = v.nullish(
  v.union([
    v.pipe(
      v.string(),
      v.transform((entry) => [entry]),
    ),
    v.array(v.string()),
  ]),
);
/** `[number of key points, 2 or 3]` of pose data. */
const KeyPoints = v.tuple([v.pipe(v.number(), v.integer(), v.minValue(1)), v.picklist([2, 3])]);
const Config = v.object({
  path: v.nullish(v.string()),
  train: Entry,
  val: Entry,
  test: Entry,
  nc: v.nullish(v.number()),
  kpt_shape: v.nullish(KeyPoints),
  names: v.union([v.array(Name), v.record(v.pipe(v.string(), v.regex(/^\d{1,9}$/)), Name)]),
});

/** What `data.yaml` says, with paths found on disk. */
export interface YoloConfig extends YoloClasses {
  /** null: there are no splits. */
  readonly split: string | null;
  /** Absolute folder that the file's paths start from. */
  readonly base: string;
  /** Absolute folders of images, or `.txt` lists of them. */
  readonly entries: readonly string[];
  /** Numbers behind the box of each line, of key points; 0 none. */
  readonly numKeyPointValues: number;
}

export interface YoloClasses {
  /** Class names in ascending class id order. */
  readonly classes: readonly string[];
  /** Class index of each class id. */
  readonly classOfId: ReadonlyMap<number, number>;
}

const LOOKS_LIKE_YOLO = [/^names\s*:/m, /^(train|val|test)\s*:/m];
const LOOKS_LIKE_DARKNET = [/^\s*names\s*=/m, /^\s*(train|valid)\s*=/m];

/** The file of a data set: the path itself, or the likeliest in a folder; null where none fits. Never throws. */
export async function findYoloFile(location: string): Promise<string | null> {
  if (!(await isFolder(location))) return isConfigName(location) && (await looksLikeYolo(location)) ? location : null;
  const names = (await listFolder(location)).map((entry) => entry.name).filter(isConfigName);
  const likely = [...names.filter((name) => /^data(set)?\./i.test(name)), ...names].slice(0, 20);
  for (const name of likely) {
    const file = path.join(location, name);
    if (await looksLikeYolo(file)) return file;
  }
  return null;
}

async function looksLikeYolo(file: string): Promise<boolean> {
  return isConfigText(file, await peek(file));
}

function isConfigText(name: string, head: string): boolean {
  const marks = isDarknetName(name) ? LOOKS_LIKE_DARKNET : LOOKS_LIKE_YOLO;
  return marks.every((pattern) => pattern.test(head));
}

/** Such files in a folder itself. */
export async function yoloFilesOf(folder: FolderView): Promise<string[]> {
  const found: string[] = [];
  for (const name of folder.files.filter(isConfigName))
    if (isConfigText(name, await folder.head(name))) found.push(path.join(folder.path, name));
  return found;
}

function isConfigName(name: string): boolean {
  return /\.ya?ml$/i.test(name) || isDarknetName(name);
}

function isDarknetName(name: string): boolean {
  return /\.data$/i.test(name);
}

/**
 * Reads the YAML. `split`: train, val or test; undefined: the first of them that the file has.
 * @throws MiningError 'dataset' where it is broken, lacks the split, or a path is not there.
 */
export async function readYoloConfig(bytes: Uint8Array, file: string, split: string | undefined): Promise<YoloConfig> {
  const config = await parseConfig(bytes, file);
  const { nc, kpt_shape: keyPoints } = config;
  const classes = classesOf(config.names);
  const numNames = classes.classes.length;
  if (numNames === 0) throw new MiningError('dataset', 'names', 'at least one class', 'none', { file });
  if (typeof nc === 'number' && nc !== numNames)
    throw new MiningError('dataset', 'nc', said`${numNames}, the number of names`, String(nc), { file });
  const chosen = chooseSplit(config, split, file);
  const { base, entries } = await findEntries(config.path ?? '', chosen.entries, file);
  const numKeyPointValues = keyPoints ? keyPoints[0] * keyPoints[1] : 0;
  return { ...classes, split: chosen.split, base, entries, numKeyPointValues };
}

/** Class names by id, or in order. */
export function classesOf(names: readonly string[] | Readonly<Record<string, string>>): YoloClasses {
  const named = Object.entries(names).map(([id, name]): [number, string] => [Number(id), name]);
  named.sort(([a], [b]) => a - b);
  return {
    classes: named.map(([, name]) => name),
    classOfId: new Map(named.map(([id], index) => [id, index])),
  };
}

/** The splits that the YAML of a data set has, in the order in which they are tried. Never throws. */
export async function yoloSplits(location: string): Promise<readonly string[]> {
  try {
    const file = await findYoloFile(location);
    return file === null ? [] : presentSplits(await parseConfig(await readBytes(file, MAX_YAML_BYTES), file));
  } catch {
    return [];
  }
}

async function parseConfig(bytes: Uint8Array, file: string): Promise<v.InferOutput<typeof Config>> {
  if (bytes.byteLength > MAX_YAML_BYTES)
    throw new MiningError('dataset', 'file size', said`at most ${MAX_YAML_BYTES} bytes`, `${bytes.byteLength}`, {
      file,
    });
  const text = decodeText(bytes, file);
  const result = v.safeParse(Config, isDarknetName(file) ? await parseDarknet(text, file) : readYaml(text, file));
  if (!result.success) throw schemaError(result.issues[0], file);
  return result.output;
}

/** `train = data/train.txt`, `valid = …`, `names = data/obj.names`: as a `data.yaml` would say it. */
async function parseDarknet(text: string, file: string): Promise<unknown> {
  const values = new Map(
    text
      .split(/\r\n|\n|\r/)
      .map((line) => line.split('=', 2).map((part) => part.trim()))
      .map(([key = '', value = '']) => [key, value]),
  );
  const here = path.dirname(path.resolve(file));
  const ids = spellings(values.get('names') ?? '').map((name) => imageIdWithin(here, name));
  const tried = ids.filter((id) => id !== null).map((id) => path.join(here, id));
  const namesFile = await firstThat(tried, isFile);
  if (namesFile === undefined)
    throw new MiningError('dataset', 'names', said`a file within ${here}`, show(values.get('names') ?? 'nothing'), {
      file,
    });
  return { train: values.get('train'), val: values.get('valid'), names: await readNames(namesFile) };
}

/** A path as it is written, and without what exporters put in front of it. */
function spellings(entry: string): string[] {
  return [entry, entry.replace(/^(\.\.[\\/])+/, ''), entry.replace(/^data[\\/]/, '')];
}

/** Class names, a line each. @throws MiningError 'dataset' */
export async function readNames(file: string): Promise<string[]> {
  const lines = decodeText(await readBytes(file, MAX_YAML_BYTES), file).split(/\r\n|\n|\r/);
  const names = lines.map((line) => line.trim());
  while (names.at(-1) === '') names.pop();
  return names;
}

function presentSplits(config: v.InferOutput<typeof Config>): (typeof SPLITS)[number][] {
  return SPLITS.filter((name) => (config[name]?.length ?? 0) > 0);
}

function readYaml(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const where = at === undefined ? 'YAML' : said`line ${at.line} column ${at.col}`;
    const message = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    throw new MiningError('dataset', where, 'valid YAML', show(message, 120), { file });
  }
}

function schemaError(issue: v.BaseIssue<unknown>, file: string): MiningError {
  return new MiningError(
    'dataset',
    v.getDotPath(issue) ?? 'data.yaml',
    issue.expected ?? 'another value',
    show(issue.received, 60),
    { file },
  );
}

function chooseSplit(
  config: v.InferOutput<typeof Config>,
  split: string | undefined,
  file: string,
): { split: string; entries: string[] } {
  const present = presentSplits(config);
  const chosen = split === undefined ? present[0] : present.find((name) => name === split);
  const entries = chosen === undefined ? undefined : config[chosen];
  if (chosen !== undefined && entries) return { split: chosen, entries };
  throw new MiningError(
    'dataset',
    'split',
    said`one of ${present.join(', ') || SPLITS.join(', ')} with a path`,
    show(split ?? 'none'),
    { file },
  );
}

/**
 * Paths as they are found: below `path` (which may be relative to the YAML's folder or beside it), below the YAML's
 * folder, and without a leading `../`, which Roboflow writes although the folder is beside the YAML, or `data/`, which
 * darknet's exporters write although the file is in that folder.
 */
async function findEntries(
  root: string,
  entries: readonly string[],
  file: string,
): Promise<{ base: string; entries: string[] }> {
  const here = path.dirname(path.resolve(file));
  const bases = [path.resolve(here, root), path.resolve(here, '..', root), here];
  const found: string[] = [];
  let base = '';
  for (const entry of entries) {
    const tried = [...new Set(bases.flatMap((folder) => spellings(entry).map((name) => path.resolve(folder, name))))];
    const hit = await firstThat(tried, isFolderOrList);
    if (hit === undefined) {
      const expected = said`the folder or list ${show(entry)}`;
      throw new MiningError('dataset', 'images', expected, said`none at ${tried.join(', ')}`, { file });
    }
    found.push(hit);
    base ||= bases.find((folder) => hit.startsWith(folder + path.sep)) ?? '';
  }
  const [first = ''] = found;
  return { base: base || (first.endsWith('.txt') ? path.dirname(first) : first), entries: found };
}

async function isFolderOrList(candidate: string): Promise<boolean> {
  return (await isFolder(candidate)) || (candidate.endsWith('.txt') && (await isFile(candidate)));
}

async function firstThat(
  candidates: readonly string[],
  isThere: (candidate: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const candidate of candidates) if (!candidate.includes('\0') && (await isThere(candidate))) return candidate;
  return undefined;
}
