/**
 * Finds what can be mined below the workspace's folders: checkpoints, annotated image sets, and earlier runs. It only
 * makes a menu: the engine process decides what a path is.
 */
import { open, readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

export interface FoundInput {
  /** Absolute path, as the engine process takes it. */
  readonly path: string;
  readonly kind: 'contract' | 'onnx' | 'tfjs' | 'coco' | 'voc' | 'yolo' | 'folders';
}

export interface FoundInputs {
  readonly checkpoints: readonly FoundInput[];
  readonly datasets: readonly FoundInput[];
  /** `*.ohem` files. */
  readonly runs: readonly string[];
  /** A bound was met: there may be more. */
  readonly truncated: boolean;
}

export interface FindLimits {
  /** Directory entries looked at in all. */
  readonly maxEntries: number;
  /** JSON and YAML files looked into. */
  readonly maxSniffed: number;
  readonly maxDepth: number;
  readonly maxMs: number;
}

/** A person waits for this walk, so it ends within seconds on any tree. */
export const FIND_LIMITS: FindLimits = { maxEntries: 200_000, maxSniffed: 400, maxDepth: 8, maxMs: 4000 };

const SKIPPED = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'dist', 'build']);
/** Files of other tools: not worth opening. */
const SKIPPED_FILE = /^(package(-lock)?|tsconfig.*|composer|manifest|pnpm-lock|docker-compose.*)\.(json|ya?ml)$/i;
const CONTRACT = /(^|\.)ohem\.json$/;
const IMAGE = /\.(jpe?g|png|bmp|webp|tiff?)$/i;
/** Folders that hold a part of another layout and name no class. */
const NO_CLASS = /^(images?|imgs|labels?|masks?|annotations|train(val|ing)?|val(id(ation)?)?|test(ing)?|[a-z]*(train|val|test)\d+)$/i;

/**
 * Walks `roots` breadth first. Hidden folders, links and folders that cannot be read are passed over.
 * Cost: linear in the entries, within `limits`.
 */
export async function findInputs(roots: readonly string[], limits: FindLimits = FIND_LIMITS): Promise<FoundInputs> {
  const walk = new Walk(limits);
  await walk.run(roots);
  return { checkpoints: walk.checkpoints, datasets: walk.datasets, runs: walk.runs, truncated: walk.truncated };
}

interface Folder {
  readonly path: string;
  /** It, or a folder above it, is a checkpoint with a contract. */
  readonly hasContract: boolean;
}

class Walk {
  readonly checkpoints: FoundInput[] = [];
  readonly datasets: FoundInput[] = [];
  readonly runs: string[] = [];
  truncated = false;
  /** Folder -> number of its sub-folders that hold images: two or more make class folders. */
  readonly #numClasses = new Map<string, number>();
  readonly #deadline: number;
  #numEntries = 0;
  #numSniffed = 0;

  constructor(private readonly limits: FindLimits) {
    this.#deadline = Date.now() + limits.maxMs;
  }

  async run(roots: readonly string[]): Promise<void> {
    let level: Folder[] = [...new Set(roots)].map((path) => ({ path, hasContract: false }));
    for (let depth = 0; depth <= this.limits.maxDepth && level.length > 0; depth++) {
      const next: Folder[] = [];
      for (const folder of level) next.push(...(await this.#visit(folder)));
      level = next;
    }
    if (level.length > 0) this.truncated = true;
    for (const [path, numClasses] of this.#numClasses) if (numClasses > 1) this.datasets.push({ path, kind: 'folders' });
  }

  /** Looks at one folder. @returns the folders to look at below it. */
  async #visit({ path: folder, hasContract }: Folder): Promise<Folder[]> {
    if (this.#numEntries > this.limits.maxEntries || Date.now() > this.#deadline) {
      this.truncated = true;
      return [];
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    this.#numEntries += entries.length;
    const names = new Set(entries.map((entry) => entry.name));
    if (names.has('Annotations') && (names.has('JPEGImages') || names.has('ImageSets'))) {
      this.datasets.push({ path: folder, kind: 'voc' });
      return [];
    }
    await this.#visitFiles(folder, entries.filter((entry) => entry.isFile()), hasContract);
    const below = entries.filter((entry) => entry.isDirectory() && isVisible(entry.name));
    return below.map((entry) => ({ path: join(folder, entry.name), hasContract: hasContract || names.has('ohem.json') }));
  }

  async #visitFiles(folder: string, files: readonly Dirent[], hasContract: boolean): Promise<void> {
    const names = files.map((file) => file.name).sort();
    this.runs.push(...names.filter((name) => extname(name).toLowerCase() === '.ohem').map((name) => join(folder, name)));
    if (names.some((name) => IMAGE.test(name)) && !NO_CLASS.test(basename(folder))) this.#noteClass(dirname(folder));
    if (names.includes('ohem.json')) this.checkpoints.push({ path: folder, kind: 'contract' });
    const found: FoundInput[] = [];
    for (const name of names) {
      const kind = await this.#kindOf(join(folder, name));
      if (kind !== undefined) found.push({ path: join(folder, name), kind });
    }
    // A contract speaks for the graphs of its folder and below.
    if (!hasContract && !names.includes('ohem.json')) this.checkpoints.push(...found.filter(({ kind }) => kind === 'onnx' || kind === 'tfjs'));
    this.datasets.push(...instancesOf(found.filter(({ kind }) => kind === 'coco')), ...found.filter(({ kind }) => kind === 'yolo'));
  }

  async #kindOf(path: string): Promise<FoundInput['kind'] | undefined> {
    const extension = extname(path).toLowerCase();
    if (extension === '.onnx') return 'onnx';
    if (!['.json', '.yaml', '.yml'].includes(extension) || CONTRACT.test(path) || SKIPPED_FILE.test(basename(path))) return undefined;
    if (this.#numSniffed++ >= this.limits.maxSniffed) {
      this.truncated = true;
      return undefined;
    }
    const text = await readHead(path).catch(() => '');
    if (extension !== '.json') return /^names\s*:/m.test(text) && /^(train|val|test)\s*:/m.test(text) ? 'yolo' : undefined;
    if (/"(modelTopology|weightsManifest)"\s*:/.test(text)) return 'tfjs';
    return /^[\s\ufeff]*\{/.test(text) && /"(images|annotations|categories)"\s*:\s*\[/.test(text) ? 'coco' : undefined;
  }

  #noteClass(parent: string): void {
    this.#numClasses.set(parent, (this.#numClasses.get(parent) ?? 0) + 1);
  }
}

/** Captions and keypoints stand beside the boxes of the same images: where there are `instances*.json`, only those. */
function instancesOf(found: readonly FoundInput[]): readonly FoundInput[] {
  const instances = found.filter(({ path }) => basename(path).startsWith('instances'));
  return instances.length > 0 ? instances : found;
}

function isVisible(name: string): boolean {
  return !name.startsWith('.') && !SKIPPED.has(name);
}

const HEAD_BYTES = 1 << 16;

async function readHead(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
