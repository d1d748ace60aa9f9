/** The shards of a run in a folder where other processes write them, maybe on other machines: looked at by turns. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest, ShardFacts } from '../../core/facts/run-manifest.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { runFileError } from '../file/run-file-error.js';
import { openRun, type RunReader } from '../file/run-store.js';
import { withoutShard } from './merge-shards.js';

/** A shard as it was when it was last read. */
export interface ShardFile {
  readonly path: string;
  readonly manifest: RunManifest;
  readonly shard: ShardFacts;
  readonly numImages: number;
  /** When it was begun, or images of it were last mined anew: ISO 8601. */
  readonly madeAt: string;
}

export interface ShardLook {
  /** Shards of one run, by their index, each once. */
  readonly shards: readonly ShardFile[];
  /** Open, of those whose files are not as they were at the look before. */
  readonly changed: ReadonlyMap<ShardFile, RunReader>;
  /** Lines about the other files. */
  readonly leftOut: readonly string[];
}

/** A file, and what it was found to be as it stood. */
interface Known {
  /** Changes with the file. */
  readonly stamp: string;
  readonly file: ShardFile | null;
  /** Why it is no shard that can be read; told when it has not changed since. */
  readonly why: string;
}

export class ShardFolder {
  readonly #known = new Map<string, Known>();

  /** @param notThis a run file in the folder that is no shard: the one that is made of them. */
  constructor(
    readonly path: string,
    private readonly notThis: string,
  ) {}

  /**
   * Reads the files that have changed, and hands them to `use`. A file that is cut short, was deleted meanwhile or
   * cannot be read now is left out until it can.
   * @throws MiningError 'run-file' where the folder cannot be read.
   */
  async look<T>(use: (look: ShardLook) => Promise<T>): Promise<T> {
    const open = new Map<string, RunReader>();
    try {
      const leftOut: string[] = [];
      const files: ShardFile[] = [];
      for (const file of await this.#paths()) {
        const { file: shard, why } = await this.#read(file, open);
        if (shard !== null) files.push(shard);
        if (why !== '' && !open.has(file)) leftOut.push(why);
      }
      const chosen = chooseShards(files);
      const changed = chosen.shards.flatMap((shard) => {
        const reader = open.get(shard.path);
        return reader === undefined ? [] : ([[shard, reader]] as const);
      });
      return await use({ ...chosen, changed: new Map(changed), leftOut: [...leftOut, ...chosen.leftOut] });
    } finally {
      for (const reader of open.values()) await reader.close();
    }
  }

  /** Looks at a file again although nothing has written to it. */
  forget({ path: file }: ShardFile): void {
    this.#known.delete(file);
  }

  forgetAll(): void {
    this.#known.clear();
  }

  async #paths(): Promise<string[]> {
    const names = await readdir(this.path).catch((error: unknown) => {
      throw runFileError(error, this.path, 'shards', 'a folder of them');
    });
    const paths = names.filter((name) => name.endsWith('.ohem')).map((name) => join(this.path, name));
    for (const gone of [...this.#known.keys()].filter((file) => !paths.includes(file))) this.#known.delete(gone);
    return paths.filter((file) => file !== this.notThis).sort();
  }

  async #read(file: string, open: Map<string, RunReader>): Promise<Pick<Known, 'file' | 'why'>> {
    const before = this.#known.get(file);
    const stamp = await stampOf(file);
    if (before?.stamp === stamp) return before;
    const now = { stamp, ...(await readShard(file, open)) };
    this.#known.set(file, now);
    return { file: now.file, why: '' };
  }
}

async function readShard(file: string, open: Map<string, RunReader>): Promise<Omit<Known, 'stamp'>> {
  try {
    const reader = await openRun(file);
    open.set(file, reader);
    const { manifest } = reader;
    const { shard } = manifest.dataset;
    if (shard === undefined) return { file: null, why: `${file} is no shard` };
    const madeAt = [manifest.createdAt, ...(manifest.remined ?? []).map(({ at }) => at)].sort().at(-1) ?? '';
    return { file: { path: file, manifest, shard, numImages: reader.images.length, madeAt }, why: '' };
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    return { file: null, why: error.message };
  }
}

/** Changes when the file grows or another takes its name; '' where there is none. */
async function stampOf(file: string): Promise<string> {
  return stat(file).then(
    ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
    () => '',
  );
}

/**
 * Of shards of several runs those of the run that has most of them, of as many the latest; of one that is there twice
 * the one that was made last.
 */
export function chooseShards(files: readonly ShardFile[]): Pick<ShardLook, 'shards' | 'leftOut'> {
  const latestFirst = [...files].sort(
    (a, b) => compare(b.madeAt, a.madeAt) || b.numImages - a.numImages || compare(a.path, b.path),
  );
  const runs: ShardFile[][] = [];
  for (const file of latestFirst) {
    const run = runs.find(([first]) => first !== undefined && difference(first, file) === null);
    if (run === undefined) runs.push([file]);
    else run.push(file);
  }
  const [most = [], ...others] = runs.sort((a, b) => numShards(b) - numShards(a));
  const byIndex = new Map<number, ShardFile>();
  const leftOut: string[] = [];
  for (const file of most) {
    const taken = byIndex.get(file.shard.index);
    if (taken === undefined) byIndex.set(file.shard.index, file);
    else leftOut.push(`${file.path} is shard ${file.shard.index} again, as ${taken.path}`);
  }
  const [first] = most;
  if (first !== undefined) for (const file of others.flat()) leftOut.push(difference(first, file) ?? '');
  return { shards: [...byIndex.values()].sort((a, b) => a.shard.index - b.shard.index), leftOut };
}

function numShards(files: readonly ShardFile[]): number {
  return new Set(files.map(({ shard }) => shard.index)).size;
}

/** In what a file is no shard of the run of another; null: it is one. */
function difference(of: ShardFile, { path: file, manifest, shard }: ShardFile): string | null {
  if (shard.count !== of.shard.count) return `${file} is one of ${shard.count} shards, ${of.path} of ${of.shard.count}`;
  try {
    checkSameRun(withoutShard(of.manifest), withoutShard(manifest), file);
    return null;
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    return error.message;
  }
}

/** For `sort`. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
