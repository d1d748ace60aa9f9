/**
 * Finds what can be mined below the workspace's folders: checkpoints, annotated image sets, RoI dumps, and earlier
 * runs. It only makes a menu: the engine process decides what a path is.
 */
import { readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import type { Task } from '../../core/tables.js';
import { isContractName, readContractFacts } from './contract-facts.js';
import { mustBeOpened, sniffInput, type FileKind, type Sniffed } from './sniff-input.js';

export interface FoundInput {
  /** Absolute path, as the engine process takes it. */
  readonly path: string;
  readonly kind: FileKind | 'contract' | 'saved-model' | 'voc' | 'folders';
  /** null: only loading it would tell. */
  readonly task: Task | null;
  /** A name that its author gave; '' none. */
  readonly title: string;
}

export interface FoundInputs {
  readonly checkpoints: readonly FoundInput[];
  readonly datasets: readonly FoundInput[];
  readonly dumps: readonly FoundInput[];
  /** `*.ohem` files. */
  readonly runs: readonly string[];
  /** A bound was met: there may be more. */
  readonly truncated: boolean;
}

export interface FindLimits {
  /** Directory entries looked at in all. */
  readonly maxEntries: number;
  /** Files looked into. */
  readonly maxSniffed: number;
  readonly maxDepth: number;
  readonly maxMs: number;
}

/** A person waits for this walk, so it ends within seconds on any tree. */
export const FIND_LIMITS: FindLimits = { maxEntries: 200_000, maxSniffed: 400, maxDepth: 8, maxMs: 4000 };

const SKIPPED = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'dist', 'build']);
const IMAGE = /\.(jpe?g|png|bmp|webp|tiff?)$/i;
/** Folders that hold a part of another layout and name no class. */
const NO_CLASS =
  /^(images?|imgs|labels?|masks?|annotations|train(val|ing)?|val(id(ation)?)?|test(ing)?|[a-z]*(train|val|test)\d+)$/i;

/**
 * Walks `roots` breadth first. Hidden folders, links and folders that cannot be read are passed over.
 * Cost: linear in the entries, within `limits`.
 */
export async function findInputs(roots: readonly string[], limits: FindLimits = FIND_LIMITS): Promise<FoundInputs> {
  const walk = new Walk(limits);
  await walk.run(roots);
  const { checkpoints, datasets, dumps, runs, truncated } = walk;
  return { checkpoints, datasets, dumps, runs, truncated };
}

interface Folder {
  readonly path: string;
  /** It, or a folder above it, is a checkpoint with a contract. */
  readonly hasContract: boolean;
}

class Walk {
  readonly checkpoints: FoundInput[] = [];
  readonly datasets: FoundInput[] = [];
  readonly dumps: FoundInput[] = [];
  readonly runs: string[] = [];
  truncated = false;
  /** Folder -> number of its sub-folders that hold images: two or more make class folders. */
  readonly #numClasses = new Map<string, number>();
  /** Files and folders that a contract speaks for. */
  readonly #parts = new Set<string>();
  readonly #deadline: number;
  #numEntries = 0;
  #numSniffed = 0;

  constructor(private readonly limits: FindLimits) {
    this.#deadline = Date.now() + limits.maxMs;
  }

  async run(roots: readonly string[]): Promise<void> {
    let level: Folder[] = outermost(roots).map((path) => ({ path, hasContract: false }));
    for (let depth = 0; depth <= this.limits.maxDepth && level.length > 0; depth++) {
      const next: Folder[] = [];
      for (const folder of level) next.push(...(await this.#visit(folder)));
      level = next;
    }
    if (level.length > 0) this.truncated = true;
    for (const [path, numClasses] of this.#numClasses) {
      if (numClasses > 1) this.datasets.push({ path, kind: 'folders', task: 'classification', title: '' });
    }
  }

  /** Looks at one folder. @returns the folders to look at below it. */
  async #visit(folder: Folder): Promise<Folder[]> {
    const { path } = folder;
    if (this.#numEntries > this.limits.maxEntries || Date.now() > this.#deadline) {
      this.truncated = true;
      return [];
    }
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    this.#numEntries += entries.length;
    const names = new Set(entries.map((entry) => entry.name));
    if (names.has('Annotations') && (names.has('JPEGImages') || names.has('ImageSets'))) {
      this.datasets.push({ path, kind: 'voc', task: 'detection', title: '' });
      return [];
    }
    const files = entries.filter((entry) => entry.isFile());
    await this.#visitContracts(path, files);
    const hasContract = folder.hasContract || this.#parts.has(path);
    await this.#visitFiles({ path, hasContract }, files);
    const below = entries.filter((entry) => entry.isDirectory() && isVisible(entry.name));
    return below.map((entry) => ({ path: join(path, entry.name), hasContract }));
  }

  /**
   * A contract is a checkpoint, and speaks for its parts: the graphs of its folder and below, or those that it names.
   */
  async #visitContracts(folder: string, files: readonly Dirent[]): Promise<void> {
    for (const name of files
      .map((file) => file.name)
      .filter(isContractName)
      .sort()) {
      const { family, title, parts } = await readContractFacts(join(folder, name));
      const isOfFolder = parts.includes(folder);
      if (family === '' && !isOfFolder) continue;
      parts.forEach((part) => this.#parts.add(part));
      const task = family === '' ? null : family === 'classifier' ? 'classification' : 'detection';
      this.checkpoints.push({ path: isOfFolder ? folder : join(folder, name), kind: 'contract', task, title });
    }
  }

  async #visitFiles({ path: folder, hasContract }: Folder, files: readonly Dirent[]): Promise<void> {
    const names = files.map((file) => file.name).sort();
    this.runs.push(
      ...names.filter((name) => extname(name).toLowerCase() === '.ohem').map((name) => join(folder, name)),
    );
    if (names.some((name) => IMAGE.test(name)) && !NO_CLASS.test(basename(folder))) this.#noteClass(dirname(folder));
    const found: FoundInput[] = [];
    if (names.includes('saved_model.pb')) found.push({ path: folder, kind: 'saved-model', task: null, title: '' });
    for (const name of names) {
      const sniffed = await this.#sniff(join(folder, name));
      if (sniffed !== undefined) found.push({ path: join(folder, name), ...sniffed, title: '' });
    }
    const of = (...kinds: FoundInput['kind'][]) => found.filter(({ kind }) => kinds.includes(kind));
    if (!hasContract)
      this.checkpoints.push(...of('onnx', 'tfjs', 'saved-model').filter(({ path }) => !this.#parts.has(path)));
    this.datasets.push(...instancesOf(of('coco')), ...of('yolo', 'csv'));
    this.dumps.push(...of('jsonl', 'npz'));
  }

  async #sniff(path: string): Promise<Sniffed | undefined> {
    if (mustBeOpened(path) && this.#numSniffed++ >= this.limits.maxSniffed) {
      this.truncated = true;
      return undefined;
    }
    return sniffInput(path);
  }

  #noteClass(parent: string): void {
    this.#numClasses.set(parent, (this.#numClasses.get(parent) ?? 0) + 1);
  }
}

/** Workspace folders may lie in each other: what is below another is met on its way. */
function outermost(roots: readonly string[]): string[] {
  const unique = [...new Set(roots)];
  return unique.filter((root) => !unique.some((other) => root.startsWith(other + sep)));
}

/** Captions and keypoints stand beside the boxes of the same images: where there are `instances*.json`, only those. */
function instancesOf(found: readonly FoundInput[]): readonly FoundInput[] {
  const instances = found.filter(({ path }) => basename(path).startsWith('instances'));
  return instances.length > 0 ? instances : found;
}

function isVisible(name: string): boolean {
  return !name.startsWith('.') && !SKIPPED.has(name);
}
