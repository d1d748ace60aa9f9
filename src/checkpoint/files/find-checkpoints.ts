/** Checkpoints of a folder for a pick list: by names and first bytes, nothing is loaded. */
import { readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { readContractFile } from './contract.js';
import { isContractName, locateGraph, looksLikeGraph, type LocatedContract } from './locate.js';

export interface FoundCheckpoint {
  /** What `openCheckpoint` takes; absolute if `folder` was. */
  readonly path: string;
  /** As the contract says; null: the tensors will tell. */
  readonly family: string | null;
  /** The contract's title, else the path from the searched folder, with forward slashes. */
  readonly title: string;
}

/** Folders that are never searched. */
const SKIPPED = ['node_modules', 'site-packages', '__pycache__'];

/**
 * Searches a folder and the folders inside it, `maxDepth` levels down (0: the folder alone). Hidden folders and links
 * are not followed; what cannot be read is left out. Sorted by path.
 */
export async function findCheckpoints(folder: string, maxDepth: number): Promise<FoundCheckpoint[]> {
  const found = await searchFolder(folder, maxDepth);
  return found
    .map(({ path, family, title }) => ({ path, family, title: title ?? relative(folder, path).split(sep).join('/') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Found {
  readonly path: string;
  readonly family: string | null;
  readonly title: string | null;
}

async function searchFolder(folder: string, depth: number): Promise<Found[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.includes(entry.name),
  );
  const below =
    depth <= 0 ? [] : await Promise.all(folders.map((entry) => searchFolder(join(folder, entry.name), depth - 1)));
  return [...(await searchFiles(folder, names)), ...below.flat()];
}

async function searchFiles(folder: string, names: readonly string[]): Promise<Found[]> {
  if (names.includes('saved_model.pb')) return [{ path: folder, family: null, title: null }];
  const contracts = await Promise.all(names.filter(isContractName).map((name) => readFound(join(folder, name))));
  const declared = contracts.filter((contract) => contract !== null);
  const ofFolder = declared.find((contract) => contract.isOfFolder);
  // The graphs beside it are its parts.
  if (ofFolder !== undefined) return [ofFolder];
  const hasShards = names.some((name) => name.endsWith('.bin') || /shard\d+of\d+/.test(name));
  const candidates = names.filter((name) => name.endsWith('.onnx') || hasShards).map((name) => join(folder, name));
  const graphs: Found[] = [];
  for (const path of candidates) {
    const isDeclared = declared.some((contract) => contract.path === path);
    if (!isDeclared && (await looksLikeGraph(path))) graphs.push({ path, family: null, title: null });
  }
  return [...declared, ...graphs];
}

/** A contract with the graph that it speaks for; one of several graphs stands for its folder. null: broken. */
async function readFound(path: string): Promise<(Found & { readonly isOfFolder: boolean }) | null> {
  try {
    const contract = await readContractFile(path);
    const title = 'title' in contract && typeof contract.title === 'string' ? contract.title : null;
    const graph = await graphOf({ path, contract });
    return {
      path: graph ?? path,
      family: contract.family,
      title,
      isOfFolder: graph === null && basename(path) === 'ohem.json',
    };
  } catch {
    return null;
  }
}

async function graphOf(contract: LocatedContract): Promise<string | null> {
  return locateGraph(contract.path, contract).then(
    (graph) => graph.path,
    () => null,
  );
}
