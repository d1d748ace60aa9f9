/** Image files of a folder tree: which names are images, which are there, which names are safe. */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Dirent } from 'node:fs';
import { listFolder } from './text-files.js';
import type { Warnings } from './warnings.js';

const IMAGE_EXTENSIONS = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.bmp',
  '.dib',
  '.tif',
  '.tiff',
  '.gif',
  '.avif',
]);

/** Does the name end like an image that `decodeImage` reads? */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.has(path.extname(name).toLowerCase());
}

/**
 * The id of an image file named `name` by an annotation: relative to `root`, forward slashes, `.` and `..` resolved.
 * Backslashes count as slashes, since most names with one come from Windows. null: the name leaves `root`, names no
 * file, or holds a NUL; such an image is not opened. Nor is, on Windows, `D:name`: it is relative to another folder.
 */
export function imageIdWithin(root: string, name: string, system: path.PlatformPath = path): string | null {
  if (name.includes('\0')) return null;
  const slashed = name.replaceAll('\\', '/');
  const relative = system.isAbsolute(slashed) ? system.relative(root, slashed).replaceAll(system.sep, '/') : slashed;
  const id = path.posix.normalize(relative);
  const ofDrive = system.sep === '\\' && /^[a-z]:/i.test(id);
  const leaves =
    ofDrive || id === '..' || id.startsWith('../') || path.posix.isAbsolute(id) || path.win32.isAbsolute(id);
  return leaves || id === '.' || id.endsWith('/') ? null : id;
}

const MAX_DEPTH = 8;

/**
 * Image files below `root`, relative with forward slashes, in code-unit order folder by folder.
 * Links to folders are followed once each (a loop ends), dot folders are skipped, depth at most 8.
 */
export async function walkImages(root: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    const real = await realpath(folder).catch(() => null);
    if (real === null || seen.has(real)) return;
    seen.add(real);
    for (const entry of await listFolder(folder)) {
      if (entry.name.startsWith('.')) continue;
      const full = path.join(folder, entry.name);
      const kind = await kindOf(entry, full);
      if (kind === 'file' && isImageName(entry.name)) found.push(prefix + entry.name);
      else if (kind === 'folder' && depth < MAX_DEPTH) await visit(full, `${prefix}${entry.name}/`, depth + 1);
    }
  };
  await visit(root, '', 0);
  return found;
}

/** Kind of a folder entry, links followed. */
export async function kindOf(entry: Dirent, full: string): Promise<'file' | 'folder' | 'other'> {
  const info = entry.isSymbolicLink() ? await stat(full).catch(() => null) : entry;
  if (info?.isFile() === true) return 'file';
  return info?.isDirectory() === true ? 'folder' : 'other';
}

/** Has the folder itself at least one image file? */
export async function hasImages(folder: string): Promise<boolean> {
  return (await listFolder(folder)).some((entry) => !entry.name.startsWith('.') && isImageName(entry.name));
}

/**
 * Warns of image files that are not on disk. Lists every folder once instead of asking for every file. Such images
 * stay in the data set: they fail when they are decoded, as recorded events.
 */
export async function warnOfMissing(root: string, ids: readonly string[], warnings: Warnings): Promise<void> {
  const listed = new Map<string, Folder>();
  for (const id of ids) {
    const folder = path.posix.dirname(id);
    let found = listed.get(folder);
    if (found === undefined) {
      const names = (await listFolder(path.join(root, folder))).map((entry) => entry.name);
      found = { names: new Set(names), spellings: null };
      listed.set(folder, found);
    }
    if (!found.names.has(path.posix.basename(id)) && !(await isNamedElse(root, id, found)))
      warnings.add('image files missing', id, 'an image file', 'no such file', root);
  }
}

interface Folder {
  readonly names: ReadonlySet<string>;
  /** The names without case and composition; null: not needed so far. */
  spellings: ReadonlySet<string> | null;
}

/** Is it there under another spelling, as where case or composed letters make no other file (Windows, macOS)? */
async function isNamedElse(root: string, id: string, folder: Folder): Promise<boolean> {
  folder.spellings ??= new Set([...folder.names].map(spelling));
  if (!folder.spellings.has(spelling(path.posix.basename(id)))) return false;
  return stat(path.join(root, id)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function spelling(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
