/** RoI dumps of a folder, by their first or last bytes. */
import { join } from 'node:path';
import type { FolderLook } from '../../core/facts/folder-look.js';
import type { Phrase } from '../../core/said.js';
import type { Task } from '../../core/tables.js';

export interface FoundDump {
  readonly path: string;
  readonly what: Phrase;
  readonly task: Task;
}

/** The dumps in a folder itself. */
export async function findDumps(folder: FolderLook): Promise<FoundDump[]> {
  const found: FoundDump[] = [];
  for (const name of folder.files) {
    const path = join(folder.path, name);
    const isNpz = /\.npz$/i.test(name);
    if (!isNpz && !/\.jsonl$/i.test(name)) continue;
    // A zip archive lists its entries at its end.
    const task = isNpz ? archiveTask(await folder.tail(name)) : headerTask(await folder.head(name));
    const what: Phrase = isNpz ? 'RoI dump, NPZ' : 'RoI dump, JSON Lines';
    if (task !== null) found.push({ path, what, task });
  }
  return found;
}

function headerTask(text: string): Task | null {
  const header = /^\s*(\{.*)/.exec(text)?.[1] ?? '';
  if (!/"ohem_dump"\s*:/.test(header)) return null;
  return /"task"\s*:\s*"classification"/.test(header) ? 'classification' : 'detection';
}

function archiveTask(names: string): Task | null {
  const has = (name: string) => names.includes(`${name}.npy`);
  const isDump = ['image', 'label', 'classes'].every(has) && (has('logits') || has('loss_cls'));
  return isDump ? (has('rois') ? 'detection' : 'classification') : null;
}
