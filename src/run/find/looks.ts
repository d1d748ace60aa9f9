/** Looks into folders within bounds: of entries, of opened files, of time. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderLook } from '../../core/facts/folder-look.js';
import { peek } from '../../dataset/rows/text-files.js';

export interface LookLimits {
  /** Directory entries in all. */
  readonly maxEntries: number;
  /** Files looked into. */
  readonly maxOpened: number;
  readonly maxMs: number;
}

const PART_BYTES = 2 ** 16;
/** Folders of packages and builds. */
const SKIPPED_FOLDERS = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'dist', 'build']);
/** Files of other tools: not worth opening. */
const SKIPPED_FILES = /^(package(-lock)?|tsconfig.*|composer|manifest|pnpm-lock|docker-compose.*)\.(json|ya?ml)$/i;

export class Looks {
  /** A bound was met: something was not looked at. */
  truncated = false;
  /** Folders that were looked into from above and are yet to be visited. */
  readonly #ahead = new Map<string, Promise<FolderLook>>();
  readonly #deadline: number;
  #numEntries = 0;
  #numOpened = 0;

  constructor(private readonly limits: LookLimits) {
    this.#deadline = Date.now() + limits.maxMs;
  }

  /** The folder at a path, to be visited once; null: a bound is met. */
  async take(path: string): Promise<FolderLook | null> {
    if (this.#isOver()) return null;
    const look = this.#ahead.get(path) ?? this.#list(path);
    this.#ahead.delete(path);
    return look;
  }

  /** A folder as if it held one file. */
  only(path: string, name: string): FolderLook {
    return this.#look(path, [name], []);
  }

  #isOver(): boolean {
    const isOver = this.#numEntries > this.limits.maxEntries || Date.now() > this.#deadline;
    this.truncated ||= isOver;
    return isOver;
  }

  async #list(path: string): Promise<FolderLook> {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    this.#numEntries += entries.length;
    const visible = entries.filter(({ name }) => !name.startsWith('.'));
    const files = visible.filter((entry) => entry.isFile() && !SKIPPED_FILES.test(entry.name));
    const folders = visible.filter((entry) => entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name));
    const names = (found: typeof entries) => found.map(({ name }) => name).sort();
    return this.#look(path, names(files), names(folders));
  }

  #look(path: string, files: readonly string[], folders: readonly string[]): FolderLook {
    const heads = new Map<string, Promise<string>>();
    return {
      path,
      files,
      folders,
      inside: (name) => this.#inside(join(path, name)),
      // Several formats look at the same files.
      head: (name, numBytes = PART_BYTES) => kept(heads, name, () => this.#head(join(path, name), numBytes)),
      tail: (name) => this.#tail(join(path, name)),
    };
  }

  #inside(path: string): Promise<FolderLook> {
    return this.#isOver() ? Promise.resolve(this.#look(path, [], [])) : kept(this.#ahead, path, () => this.#list(path));
  }

  async #head(path: string, numBytes: number): Promise<string> {
    return this.#mayOpen() ? (await peek(path, numBytes)).replace(/^\ufeff/, '') : '';
  }

  async #tail(path: string): Promise<string> {
    return this.#mayOpen() ? readTail(path).catch(() => '') : '';
  }

  #mayOpen(): boolean {
    const may = this.#numOpened++ < this.limits.maxOpened;
    this.truncated ||= !may;
    return may;
  }
}

function kept<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

async function readTail(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const start = Math.max(0, (await file.stat()).size - PART_BYTES);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, start);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
