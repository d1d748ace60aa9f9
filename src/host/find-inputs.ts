/**
 * Finds what can be mined below the workspace's folders: checkpoints, annotated image sets, and earlier runs.
 * A walk of our own and not `findFiles`: it must see folders, look inside JSON files, and stop at a bound.
 */
import { open, readdir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { extname, join } from 'node:path';

export interface FoundInput {
  /** Absolute path, as the engine process takes it. */
  readonly path: string;
  readonly kind: 'contract' | 'onnx' | 'tfjs' | 'coco' | 'voc';
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
  /** JSON files looked into. */
  readonly maxSniffed: number;
  readonly maxDepth: number;
  readonly maxMs: number;
}

/** A person waits for this walk, so it ends within seconds on any tree. */
export const FIND_LIMITS: FindLimits = { maxEntries: 200_000, maxSniffed: 400, maxDepth: 8, maxMs: 4000 };

const SKIPPED = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'dist', 'build']);
/** JSON files that are never annotations: not worth opening. */
const SKIPPED_JSON = /^(package(-lock)?|tsconfig.*|composer|manifest)\.json$/i;

/**
 * Walks `roots` breadth first. Hidden folders, links and folders that cannot be read are passed over.
 * Cost: linear in the entries, within `limits`.
 */
export async function findInputs(roots: readonly string[], limits: FindLimits = FIND_LIMITS): Promise<FoundInputs> {
  const walk = new Walk(limits);
  await walk.run(roots);
  return { checkpoints: walk.checkpoints, datasets: walk.datasets, runs: walk.runs, truncated: walk.truncated };
}

class Walk {
  readonly checkpoints: FoundInput[] = [];
  readonly datasets: FoundInput[] = [];
  readonly runs: string[] = [];
  truncated = false;
  readonly #deadline: number;
  #numEntries = 0;
  #numSniffed = 0;

  constructor(private readonly limits: FindLimits) {
    this.#deadline = Date.now() + limits.maxMs;
  }

  async run(roots: readonly string[]): Promise<void> {
    let level = [...roots];
    for (let depth = 0; depth <= this.limits.maxDepth && level.length > 0; depth++) {
      const next: string[] = [];
      for (const folder of level) next.push(...(await this.#visit(folder)));
      level = next;
    }
    if (level.length > 0) this.truncated = true;
  }

  /** Looks at one folder. @returns the folders to look at below it. */
  async #visit(folder: string): Promise<string[]> {
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
    await this.#visitFiles(folder, entries.filter((entry) => entry.isFile()), names.has('ohem.json'));
    return entries.filter((entry) => entry.isDirectory() && isVisible(entry.name)).map((entry) => join(folder, entry.name));
  }

  async #visitFiles(folder: string, files: readonly Dirent[], hasContract: boolean): Promise<void> {
    const hasWeights = files.some((file) => file.name.endsWith('.bin'));
    if (hasContract) this.checkpoints.push({ path: folder, kind: 'contract' });
    for (const { name } of files) {
      const path = join(folder, name);
      const extension = extname(name).toLowerCase();
      if (extension === '.ohem') this.runs.push(path);
      else if (hasContract) continue;
      else if (extension === '.onnx') this.checkpoints.push({ path, kind: 'onnx' });
      else if (extension === '.json' && !SKIPPED_JSON.test(name)) await this.#visitJson(path, hasWeights);
    }
  }

  async #visitJson(path: string, hasWeights: boolean): Promise<void> {
    if (this.#numSniffed >= this.limits.maxSniffed) {
      this.truncated = true;
      return;
    }
    this.#numSniffed++;
    const text = await readEnds(path).catch(() => '');
    if (hasWeights && text.includes('"modelTopology"')) this.checkpoints.push({ path, kind: 'tfjs' });
    else if (looksLikeCoco(text)) this.datasets.push({ path, kind: 'coco' });
  }
}

function isVisible(name: string): boolean {
  return !name.startsWith('.') && !SKIPPED.has(name);
}

/** Two of COCO's three lists: the third may stand between megabytes of the others. */
function looksLikeCoco(text: string): boolean {
  return ['"images"', '"annotations"', '"categories"'].filter((key) => text.includes(key)).length >= 2;
}

/** Bytes read from either end of a JSON file. */
const SNIFF_BYTES = 1 << 15;

async function readEnds(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, SNIFF_BYTES));
    await file.read(head, 0, head.length, 0);
    const tail = Buffer.alloc(Math.min(size - head.length, SNIFF_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    return `${head.toString('latin1')}\n${tail.toString('latin1')}`;
  } finally {
    await file.close();
  }
}
