/**
 * Finds what can be mined below some folders: checkpoints, predictions, annotated image sets, RoI dumps, and earlier
 * runs. It only makes a menu: what a path is, its format or family says when it is opened.
 */
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { graphFileTitle } from '../../checkpoint/files/locate.js';
import { findCheckpoints } from '../../checkpoint/find-checkpoints.js';
import type { FolderLook } from '../../core/facts/folder-look.js';
import { findDumps } from '../../dataset/dump/find-dumps.js';
import { PREDICTION_FORMATS } from '../../dataset/predictions/registry.js';
import { FORMATS } from '../../dataset/registry.js';
import type { FoundInput, FoundInputs } from '../../protocol/found-inputs.js';
import { Looks, type LookLimits } from './looks.js';

export interface FindLimits extends LookLimits {
  readonly maxDepth: number;
}

/** A person waits for this walk, so it ends within seconds on any tree. */
export const FIND_LIMITS: FindLimits = { maxEntries: 200_000, maxOpened: 400, maxDepth: 8, maxMs: 4000 };

/**
 * Walks `roots` breadth first. Hidden folders, links and folders that cannot be read are passed over. Never throws.
 * Cost: linear in the entries, within `limits`.
 */
export async function findInputs(roots: readonly string[], limits: FindLimits = FIND_LIMITS): Promise<FoundInputs> {
  const looks = new Looks(limits);
  const walk = new Walk();
  let level = outermost(roots.map((root) => resolve(root)));
  for (let depth = 0; depth <= limits.maxDepth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const path of level) {
      const look = await looks.take(path);
      if (look !== null) next.push(...(await walk.visit(look)));
    }
    level = next;
  }
  const { checkpoints, predictions, datasets, dumps, runs } = walk;
  return { checkpoints, predictions, datasets, dumps, runs, truncated: looks.truncated || level.length > 0 };
}

/** The dump at a path, as `findInputs` lists it; null: it does not look like one. Never throws. */
export async function dumpAt(path: string): Promise<FoundInput | null> {
  const absolute = resolve(path);
  const look = new Looks(FIND_LIMITS).only(dirname(absolute), basename(absolute));
  const [dump] = await findDumps(look);
  return dump === undefined ? null : { ...dump, title: fileTitle(dump.path) };
}

class Walk {
  readonly checkpoints: FoundInput[] = [];
  readonly predictions: FoundInput[] = [];
  readonly datasets: FoundInput[] = [];
  readonly dumps: FoundInput[] = [];
  readonly runs: string[] = [];
  /** Files and folders that a contract speaks for. */
  readonly #parts = new Set<string>();

  /** Looks at one folder. @returns the folders to look at below it. */
  async visit(folder: FolderLook): Promise<string[]> {
    const checkpoints = await findCheckpoints(folder, this.#parts);
    for (const found of checkpoints)
      this.checkpoints.push({ ...found, title: found.title === '' ? checkpointTitle(found.path) : found.title });
    for (const { title: what, find } of PREDICTION_FORMATS)
      for (const path of await find(folder)) {
        // A folder with a model is not one of predictions.
        if (path === folder.path && checkpoints.length > 0) continue;
        this.predictions.push({ path, what, task: 'detection', title: fileTitle(path) });
      }
    for (const dump of await findDumps(folder)) this.dumps.push({ ...dump, title: fileTitle(dump.path) });
    const runs = folder.files.filter((name) => extname(name).toLowerCase() === '.ohem');
    this.runs.push(...runs.map((name) => join(folder.path, name)));
    return (await this.#visitDatasets(folder)).map((name) => join(folder.path, name));
  }

  /** @returns names of the folders below it that are no parts of what was found. */
  async #visitDatasets(folder: FolderLook): Promise<readonly string[]> {
    let others = folder.folders;
    for (const { title: what, task, find, ownsFolder, partsOf } of FORMATS) {
      const paths = await find(folder);
      const isFolder = paths.includes(folder.path);
      for (const path of paths)
        this.datasets.push({ path, what, task, title: isFolder ? basename(path) : fileTitle(path) });
      if (isFolder) return ownsFolder === true ? [] : others;
      const parts = paths.length > 0 && partsOf !== undefined ? await partsOf(folder) : [];
      others = others.filter((name) => !parts.includes(name));
    }
    return others;
  }
}

/** Annotations, dumps and TensorFlow.js models are mostly named alike: the folder above tells them apart. */
function fileTitle(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`;
}

function checkpointTitle(path: string): string {
  return graphFileTitle(path) === null ? fileTitle(path) : basename(path);
}

/** Workspace folders may lie in each other: what is below another is met on its way. */
function outermost(roots: readonly string[]): string[] {
  const unique = [...new Set(roots)];
  return unique.filter((root) => !unique.some((other) => root.startsWith(other + sep)));
}
