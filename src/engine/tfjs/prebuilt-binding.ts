/**
 * TensorFlow's binding as test/package/prebuilt-binding.mjs makes it, so that a person needs no compiler: linked to the
 * names of TensorFlow's libraries only, with a run path of 1 KB that says nothing until the folder of a TensorFlow is
 * written over it. Carried by the vsix of its platform.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How the empty run path begins; dashes fill it. */
export const RUN_PATH_MARK = '/ohem-run-path';
/** Bytes of the run path, without the zero at its end. */
export const RUN_PATH_BYTES = 1024;

/** The one for this platform, beside the bundle; null: none is carried. */
export async function readPrebuilt(): Promise<Uint8Array | null> {
  const beside = dirname(fileURLToPath(import.meta.url));
  return readFile(join(beside, 'prebuilt', `tfjs-binding-${process.platform}-${process.arch}.node`)).catch(() => null);
}

/**
 * A copy of the binding that looks for TensorFlow in a folder.
 * @param folder absolute; the dynamic linker takes `:` and `$` in it for its own.
 * @throws Error when the folder is too long or cannot be written so, or the binding has no empty run path.
 */
export function withRunPath(binding: Uint8Array, folder: string): Uint8Array {
  const path = Buffer.from(folder);
  if (path.length > RUN_PATH_BYTES || /[:$]/.test(folder)) throw new Error(`no run path: ${folder}`);
  const at = Buffer.from(binding.buffer, binding.byteOffset, binding.byteLength).indexOf(`${RUN_PATH_MARK}-`);
  if (at < 0) throw new Error('the prebuilt binding has no run path to write over');
  const copy = Uint8Array.from(binding);
  copy.fill(0, at, at + RUN_PATH_BYTES);
  copy.set(path, at);
  return copy;
}
