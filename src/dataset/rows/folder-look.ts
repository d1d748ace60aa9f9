/** A folder as formats look at it where a person named it: the same view as the search's, without its bounds. */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { kindOf } from './image-files.js';
import { listFolder, peek } from './text-files.js';

/** Looks into a folder; what cannot be read looks empty. Links count as what they lead to. Never throws. */
export async function lookAt(folder: string): Promise<FolderView> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await listFolder(folder)) {
    if (entry.name.startsWith('.')) continue;
    const kind = await kindOf(entry, path.join(folder, entry.name));
    if (kind === 'file') files.push(entry.name);
    if (kind === 'folder') folders.push(entry.name);
  }
  return {
    path: path.resolve(folder),
    files,
    folders,
    inside: (name) => lookAt(path.join(folder, name)),
    head: async (name, numBytes) => (await peek(path.join(folder, name), numBytes)).replace(/^\ufeff/, ''),
  };
}
