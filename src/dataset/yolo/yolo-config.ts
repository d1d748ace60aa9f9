/** The `data.yaml` of a YOLO data set: class names and where each split's images are. */
import path from 'node:path';
import * as v from 'valibot';
import { parse, YAMLParseError } from 'yaml';
import type { FolderLook } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
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
const Config = v.object({
  path: v.nullish(v.string()),
  train: Entry,
  val: Entry,
  test: Entry,
  nc: v.nullish(v.number()),
  names: v.union([v.array(Name), v.record(v.pipe(v.string(), v.regex(/^\d{1,9}$/)), Name)]),
});

/** What `data.yaml` says, with paths found on disk. */
export interface YoloConfig {
  /** Class names in ascending class id order. */
  readonly classes: readonly string[];
  /** Class index of each class id. */
  readonly classOfId: ReadonlyMap<number, number>;
  readonly split: string;
  /** Absolute folder that the file's paths start from. */
  readonly base: string;
  /** Absolute folders of images, or `.txt` lists of them. */
  readonly entries: readonly string[];
}

const LOOKS_LIKE_YOLO = [/^names\s*:/m, /^(train|val|test)\s*:/m];

/** The YAML file of a data set: the path itself, or the likeliest in a folder; null where none fits. Never throws. */
export async function findYoloFile(location: string): Promise<string | null> {
  if (!(await isFolder(location))) return isYamlName(location) && (await looksLikeYolo(location)) ? location : null;
  const names = (await listFolder(location)).map((entry) => entry.name).filter(isYamlName);
  const likely = [...names.filter((name) => /^data(set)?\./i.test(name)), ...names].slice(0, 20);
  for (const name of likely) {
    const file = path.join(location, name);
    if (await looksLikeYolo(file)) return file;
  }
  return null;
}

async function looksLikeYolo(file: string): Promise<boolean> {
  return isYoloText(await peek(file));
}

function isYoloText(head: string): boolean {
  return LOOKS_LIKE_YOLO.every((pattern) => pattern.test(head));
}

/** The YAML files of data sets in a folder itself. */
export async function yoloFilesOf(folder: FolderLook): Promise<string[]> {
  const found: string[] = [];
  for (const name of folder.files.filter(isYamlName))
    if (isYoloText(await folder.head(name))) found.push(path.join(folder.path, name));
  return found;
}

function isYamlName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/**
 * Reads the YAML. `split`: train, val or test; undefined: the first of them that the file has.
 * @throws MiningError 'dataset' where it is broken, lacks the split, or a path is not there.
 */
export async function readYoloConfig(bytes: Uint8Array, file: string, split: string | undefined): Promise<YoloConfig> {
  const config = parseConfig(bytes, file);
  const { names, nc } = config;
  const named = Array.isArray(names)
    ? names.map((name, id): [number, string] => [id, name])
    : Object.entries(names).map(([id, name]): [number, string] => [Number(id), name]);
  named.sort(([a], [b]) => a - b);
  if (named.length === 0) throw new MiningError('dataset', 'names', 'at least one class', 'none', { file });
  if (typeof nc === 'number' && nc !== named.length)
    throw new MiningError('dataset', 'nc', `${named.length}, the number of names`, String(nc), { file });
  const chosen = chooseSplit(config, split, file);
  const { base, entries } = await findEntries(config.path ?? '', chosen.entries, file);
  return {
    classes: named.map(([, name]) => name),
    classOfId: new Map(named.map(([id], index) => [id, index])),
    split: chosen.split,
    base,
    entries,
  };
}

/** The splits that the YAML of a data set has, in the order in which they are tried. Never throws. */
export async function yoloSplits(location: string): Promise<readonly string[]> {
  try {
    const file = await findYoloFile(location);
    return file === null ? [] : presentSplits(parseConfig(await readBytes(file, MAX_YAML_BYTES), file));
  } catch {
    return [];
  }
}

function parseConfig(bytes: Uint8Array, file: string): v.InferOutput<typeof Config> {
  if (bytes.byteLength > MAX_YAML_BYTES)
    throw new MiningError('dataset', 'file size', `at most ${MAX_YAML_BYTES} bytes`, `${bytes.byteLength}`, { file });
  const result = v.safeParse(Config, parseYaml(decodeText(bytes, file), file));
  if (!result.success) throw schemaError(result.issues[0], file);
  return result.output;
}

function presentSplits(config: v.InferOutput<typeof Config>): (typeof SPLITS)[number][] {
  return SPLITS.filter((name) => (config[name]?.length ?? 0) > 0);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const where = at === undefined ? 'YAML' : `line ${at.line} column ${at.col}`;
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
    `one of ${present.join(', ') || SPLITS.join(', ')} with a path`,
    show(split ?? 'none'),
    { file },
  );
}

/**
 * Paths as they are found: below `path` (which may be relative to the YAML's folder or beside it), below the YAML's
 * folder, and without a leading `../`, which Roboflow writes although the folder is beside the YAML.
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
    const tried = bases.flatMap((folder) => [
      path.resolve(folder, entry),
      path.resolve(folder, entry.replace(/^(\.\.[\\/])+/, '')),
    ]);
    const hit = await firstExisting(tried);
    if (hit === undefined)
      throw new MiningError(
        'dataset',
        'images',
        `the folder or list ${show(entry)}`,
        `none at ${[...new Set(tried)].join(', ')}`,
        { file },
      );
    found.push(hit);
    base ||= bases.find((folder) => hit.startsWith(folder + path.sep)) ?? '';
  }
  const [first = ''] = found;
  return { base: base || (first.endsWith('.txt') ? path.dirname(first) : first), entries: found };
}

async function firstExisting(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    if (candidate.includes('\0')) continue;
    if ((await isFolder(candidate)) || (candidate.endsWith('.txt') && (await isFile(candidate)))) return candidate;
  }
  return undefined;
}
