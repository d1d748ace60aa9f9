/** Predictions of a file an image: a folder, `labels` or `preds` in it, or one file which stands for all beside it. */
import path from 'node:path';
import { isFile, isFolder, listFolder, peek } from '../rows/text-files.js';

/** Files looked into before a folder is taken for something else. */
const NUM_PROBES = 8;
const INNER = ['labels', 'preds'];

/**
 * The files that hold predictions, in code-unit order; none where the first few do not look like any. Never throws.
 * @param looksLike of the first 4 KiB.
 */
export async function predictionFiles(
  location: string,
  extension: string,
  looksLike: (head: string) => boolean,
): Promise<string[]> {
  const isOne = path.extname(location).toLowerCase() === extension && (await isFile(location));
  if (!isOne && !(await isFolder(location))) return [];
  const folders = isOne ? [path.dirname(location)] : [location, ...INNER.map((name) => path.join(location, name))];
  for (const folder of folders) {
    const names = (await listFolder(folder)).map(({ name }) => name);
    const files = names.filter((name) => path.extname(name).toLowerCase() === extension && !name.startsWith('.'));
    const probes = isOne ? [path.basename(location)] : files.slice(0, NUM_PROBES);
    const heads = await Promise.all(probes.map((name) => peek(path.join(folder, name), 4096)));
    if (heads.some((head) => looksLike(head.replace(/^\ufeff/, ''))))
      return files.map((name) => path.join(folder, name));
  }
  return [];
}
