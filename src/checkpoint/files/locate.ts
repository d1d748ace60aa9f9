/** Which files make up the checkpoint at a path, before any of them is loaded. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, normalize } from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { contractError, readContractFile, type ContractFile } from './contract.js';
import type { GraphFormat } from '../detector.js';
import { chunksOf, MAX_BYTES, readText } from '../../files/reading.js';
import { isWeightFile } from '../../files/weight-files.js';

const CONTRACT_SUFFIX = '.ohem.json';

/** Graphs that are a file of their own, by their extensions. */
const GRAPH_FILES: Readonly<Record<string, { readonly format: GraphFormat; readonly title: string }>> = {
  '.onnx': { format: 'onnx', title: 'ONNX' },
  '.tflite': { format: 'tflite', title: 'TensorFlow Lite' },
};
const GRAPHS = 'an .onnx or .tflite file, a TensorFlow.js model.json';

/** What a graph file is by its name: `ONNX`; null for any other file. */
export function graphFileTitle(name: string): string | null {
  return GRAPH_FILES[extname(name).toLowerCase()]?.title ?? null;
}

/** Names of the graph files that the contract `STEM.ohem.json` may be about. */
export function graphsOfStem(stem: string): string[] {
  return [...Object.keys(GRAPH_FILES), '.json'].map((extension) => stem + extension);
}

/** What the contract of a checkpoint calls it; '' where it does not say, or there is no contract. Never throws. */
export async function contractNames(path: string): Promise<{ readonly family: string; readonly title: string }> {
  const contract = (await locateContract(path).catch(() => null))?.contract;
  if (contract === undefined) return { family: '', title: '' };
  const title = 'title' in contract && typeof contract.title === 'string' ? contract.title.trim() : '';
  return { family: contract.family, title };
}

/** A graph file with its weights. */
export interface LocatedGraph {
  readonly path: string;
  readonly format: GraphFormat;
  /** Every file of it, absolute. */
  readonly files: readonly string[];
}

/** Is this the name of a contract: `ohem.json` or `NAME.ohem.json`? */
export function isContractName(name: string): boolean {
  return name === CONTRACT_SUFFIX.slice(1) || name.endsWith(CONTRACT_SUFFIX);
}

/**
 * The contract that speaks for a path: the path itself, one inside the folder, or `NAME.ohem.json` beside the file or
 * folder.
 * @returns null where there is none.
 * @throws MiningError 'checkpoint' when the path does not exist, a folder has several contracts, or one is broken.
 */
export async function locateContract(path: string): Promise<ContractFile | null> {
  const isFolder = (await statOf(path)).isDirectory();
  if (!isFolder && isContractName(basename(path))) return readContractFile(path);
  const inside = isFolder ? (await filesOf(path)).filter(isContractName) : [];
  if (inside.length > 1) throw severalIn(path, 'one contract', inside);
  const [only] = inside;
  if (only !== undefined) return readContractFile(join(path, only));
  const stem = isFolder ? path : path.slice(0, path.length - extname(path).length);
  return (await exists(stem + CONTRACT_SUFFIX)) ? readContractFile(stem + CONTRACT_SUFFIX) : null;
}

/**
 * The graph of a checkpoint.
 * @param path what the person gave: a graph file, a folder with one, or the contract.
 * @throws MiningError 'checkpoint' when there is none, several, or a file of another kind.
 */
export async function locateGraph(path: string, contract: ContractFile | null): Promise<LocatedGraph> {
  if (contract !== null && 'graph' in contract.contract)
    return graphAt(graphOfContract(contract, contract.contract.graph));
  if (contract !== null && path === contract.path) return graphBeside(path);
  return (await statOf(path)).isDirectory() ? graphInFolder(path) : graphAt(path);
}

function graphOfContract(file: ContractFile, graph: unknown): string {
  if (typeof graph !== 'string' || isAbsolute(graph) || normalize(graph).startsWith('..'))
    throw contractError(file, ['graph'], 'a file in the folder of the contract', show(graph));
  return join(dirname(file.path), graph);
}

/** The graph or folder that has the contract's name, else the only graph of its folder. */
async function graphBeside(contractPath: string): Promise<LocatedGraph> {
  if (basename(contractPath).endsWith(CONTRACT_SUFFIX)) {
    const stem = contractPath.slice(0, contractPath.length - CONTRACT_SUFFIX.length);
    for (const path of graphsOfStem(stem)) if (await exists(path)) return graphAt(path);
    const isFolder = await stat(stem).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) return graphInFolder(stem);
  }
  return graphInFolder(dirname(contractPath));
}

async function graphInFolder(folder: string): Promise<LocatedGraph> {
  const names = await filesOf(folder);
  if (names.includes('saved_model.pb')) return savedModel(folder);
  const graphs: string[] = [];
  for (const name of names) if (await looksLikeGraph(join(folder, name))) graphs.push(name);
  if (graphs.length > 1) throw severalIn(folder, 'one model, or the path of one of them', graphs);
  const [only] = graphs;
  if (only === undefined) {
    throw new MiningError('checkpoint', 'folder', said`${GRAPHS} or a saved_model.pb inside`, 'none of them', {
      file: folder,
    });
  }
  return graphAt(join(folder, only));
}

async function graphAt(path: string): Promise<LocatedGraph> {
  await statOf(path);
  if (basename(path) === 'saved_model.pb') return savedModel(dirname(path));
  const extension = extname(path).toLowerCase();
  const format = GRAPH_FILES[extension]?.format;
  if (format !== undefined)
    return { path, format, files: [path, ...(format === 'onnx' ? await externalData(path) : [])] };
  if (extension === '.json') return tfjsGraph(path);
  const expected = said`${GRAPHS}, a SavedModel folder or a contract (.ohem.json)`;
  const todo = isWeightFile(path)
    ? { todo: 'Export it to ONNX first; weight files of this kind are never opened' }
    : {};
  const received = extension === '' ? 'a file without an extension' : said`a ${extension} file`;
  throw new MiningError('checkpoint', 'file', expected, received, {
    file: path,
    ...todo,
  });
}

async function savedModel(folder: string): Promise<LocatedGraph> {
  const names = await filesOf(folder);
  const variables = await filesOf(join(folder, 'variables')).catch(() => []);
  const files = [...names.filter((name) => name.endsWith('.pb')), ...variables.map((name) => join('variables', name))];
  return { path: folder, format: 'saved-model', files: files.map((name) => join(folder, name)) };
}

/** An entry of `TensorProto.external_data` up to its value: key = 1, `location`, value = 2. */
const LOCATION = Buffer.from('\n\x08location\x12', 'latin1');
const LONGEST_NAME = 4096;

/**
 * Files beside a model that hold its weights: those that its tensors name, wherever they stand in the graph, and those
 * of the names that exporters use.
 * Source: onnx/onnx.proto, TensorProto.external_data; a length below 2^14 takes one byte, or two of seven bits.
 */
async function externalData(path: string): Promise<string[]> {
  const names = new Set([`${basename(path)}.data`, `${basename(path)}_data`]);
  let before: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of chunksOf(path)) {
      const bytes = Buffer.concat([before, chunk]);
      for (let at = bytes.indexOf(LOCATION); at !== -1; at = bytes.indexOf(LOCATION, at + 1)) {
        const [low = 0, high = 0] = bytes.subarray(at + LOCATION.length);
        const start = at + LOCATION.length + (low < 128 ? 1 : 2);
        names.add(bytes.toString('utf8', start, start + (low < 128 ? low : (low & 127) + 128 * high)));
      }
      before = bytes.subarray(-LONGEST_NAME);
    }
  } catch (error) {
    throw missing(path, error);
  }
  const inFolder = [...names].filter((name) => name !== '' && !isAbsolute(name) && !normalize(name).startsWith('..'));
  const files = inFolder.map((name) => join(dirname(path), name));
  const found = await Promise.all(files.map(exists));
  return files.filter((_, i) => found[i]);
}

interface TfjsJson {
  readonly format?: unknown;
  readonly modelTopology?: unknown;
  readonly weightsManifest?: readonly { readonly paths?: readonly unknown[] }[];
}

async function tfjsGraph(path: string): Promise<LocatedGraph> {
  let json: TfjsJson | null = null;
  try {
    json = JSON.parse(await readText(path, MAX_BYTES)) as TfjsJson | null;
  } catch (error) {
    throw new MiningError(
      'checkpoint',
      'file',
      'JSON of a TensorFlow.js model',
      error instanceof Error ? error.message : show(error),
      { file: path },
    );
  }
  const topology = json?.modelTopology;
  if (typeof topology !== 'object' || topology === null || !Array.isArray(json?.weightsManifest)) {
    throw new MiningError(
      'checkpoint',
      'file',
      'modelTopology and weightsManifest of a TensorFlow.js model',
      'other JSON',
      { file: path },
    );
  }
  const isGraph = json.format === 'graph-model' || 'node' in topology;
  const shards = json.weightsManifest.flatMap((group) => group.paths ?? []).filter((name) => typeof name === 'string');
  const inFolder = shards.filter((name) => !isAbsolute(name) && !normalize(name).startsWith('..'));
  return {
    path,
    format: isGraph ? 'tfjs-graph' : 'tfjs-layers',
    files: [path, ...inFolder.map((name) => join(dirname(path), name))],
  };
}

/** Does JSON with this beginning hold a TensorFlow.js model? */
export function isTfjsText(head: string): boolean {
  return /"(modelTopology|weightsManifest)"\s*:/.test(head);
}

const HEAD_BYTES = 65_536;

/** Cheap: by name, and for JSON by its first 64 KiB. Never throws. */
/** Is there a model at a path, a file or in a folder itself, be it a broken one? Never throws. */
export async function holdsGraph(path: string): Promise<boolean> {
  const names = await filesOf(path).catch(() => null);
  if (names === null) return isContractName(basename(path)) || looksLikeGraph(path);
  for (const name of names)
    if (name === 'saved_model.pb' || isContractName(name) || (await looksLikeGraph(join(path, name)))) return true;
  return false;
}

async function looksLikeGraph(path: string): Promise<boolean> {
  if (graphFileTitle(path) !== null) return true;
  if (extname(path).toLowerCase() !== '.json' || isContractName(basename(path))) return false;
  try {
    for await (const chunk of chunksOf(path, HEAD_BYTES)) {
      return isTfjsText(String(chunk));
    }
  } catch {
    // Unreadable is no model; the person learns why when they pick the file itself.
  }
  return false;
}

/**
 * SHA-256 over files, hex: of the file itself where there is one; of several, over their sorted `sha256  name` lines,
 * as `sha256sum * | sort` prints them.
 * @throws MiningError 'checkpoint' when one cannot be read.
 */
export async function hashFiles(files: readonly string[]): Promise<string> {
  const hashes = await Promise.all(files.map(hashFile));
  const [only] = hashes;
  if (only !== undefined && hashes.length === 1) return only;
  const lines = files.map((file, i) => `${hashes[i]}  ${basename(file)}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** A file system's clock may stand still for so long: what was written since may be written again unseen, ms. */
const TICK_MS = 2000;
/** By path: what a file was, and its hash. Find Similar asks at each question whether a checkpoint is as it was. */
const hashed = new Map<string, { readonly stamp: string; readonly sha256: string }>();

async function hashFile(path: string): Promise<string> {
  const { dev, ino, size, mtimeMs, ctimeMs } = await statOf(path);
  const stamp = [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  const known = hashed.get(path);
  if (known?.stamp === stamp) return known.sha256;
  const hash = createHash('sha256');
  try {
    for await (const chunk of chunksOf(path)) hash.update(chunk);
  } catch (error) {
    throw missing(path, error);
  }
  const sha256 = hash.digest('hex');
  if (Math.max(mtimeMs, ctimeMs) < Date.now() - TICK_MS) hashed.set(path, { stamp, sha256 });
  return sha256;
}

async function statOf(path: string) {
  return stat(path).catch((error: unknown) => {
    throw missing(path, error);
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function missing(path: string, error: unknown): MiningError {
  const code =
    error instanceof Error && 'code' in error
      ? String(error.code)
      : error instanceof Error
        ? error.message
        : show(error);
  return new MiningError('checkpoint', 'path', 'a readable checkpoint', code === 'ENOENT' ? 'no such file' : code, {
    file: path,
  });
}

function severalIn(folder: string, expected: string, names: readonly string[]): MiningError {
  return new MiningError('checkpoint', 'folder', expected, show(names.join(', '), 200), { file: folder });
}
