/** Images that are no longer where a run file says: by what the start of their paths is to be replaced. */

/** Paths that begin with the parts `from` begin with `to` now. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Parts of a path of either kind: a run may come from another system. */
const partsOf = (path: string): string[] => path.split(/[\\/]/);

/** Where a file is now, by the first move that speaks of it; the path itself where none does. */
export function movedPath(path: string, moves: readonly Move[]): string {
  for (const { from, to } of moves) {
    const [parts, start] = [partsOf(path), partsOf(from)];
    if (parts.length > start.length && start.every((part, i) => part === parts[i]))
      return [to, ...parts.slice(start.length)].join('/');
  }
  return path;
}

/**
 * The move that leads from a path to a folder that holds the file: as it is, or below some of the folders that it lay
 * in; as many of them as there are.
 * @returns null where the folder does not hold it.
 */
export async function moveTo(
  folder: string,
  path: string,
  isFile: (path: string) => Promise<boolean>,
): Promise<Move | null> {
  const parts = partsOf(path);
  for (let length = 1; length < parts.length; length++) {
    if (parts.slice(length).includes('..')) continue;
    const candidate = [folder, ...parts.slice(length)].join('/');
    if (await isFile(candidate)) return { from: parts.slice(0, length).join('/'), to: folder };
  }
  return null;
}
