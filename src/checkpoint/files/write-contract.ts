/** Writes what a person said of a checkpoint into the contract beside it. */
import { extname, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { replaceFile } from '../../files/replacing.js';
import { sharedKeys } from './contract.js';
import { locateContract } from './locate.js';

/**
 * Changes keys of a checkpoint's contract; where there is none, makes `NAME.ohem.json` beside it. Everything else in it
 * stays, but for the keys of another family.
 * @param checkpoint what `openModel` takes.
 * @param keys with the family, which a new contract needs.
 * @returns the contract's path.
 * @throws MiningError 'options' where it cannot be written, 'checkpoint' where the old one is broken.
 */
export async function writeContract(
  checkpoint: string,
  keys: { readonly family: string } & Readonly<Record<string, unknown>>,
): Promise<string> {
  const found = await locateContract(checkpoint);
  const path = found?.path ?? (await newContractPath(checkpoint));
  const written: Json = found?.contract ?? {};
  const kept = written['family'] === keys.family ? written : sharedKeys(written);
  const text = `${JSON.stringify({ ...kept, ...keys }, null, 2)}\n`;
  await replaceFile({ path, force: found !== null }, (handle) => handle.writeFile(text));
  return path;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * What a checkpoint's contract says otherwise than `keys`.
 * @returns its path and the keys, as `preprocess.std`; null where it says nothing otherwise, or there is none.
 * @throws MiningError 'checkpoint' where it is broken.
 */
export async function contradicted(
  checkpoint: string,
  keys: Json,
): Promise<{ readonly path: string; readonly contradicted: readonly string[] } | null> {
  const found = await locateContract(checkpoint);
  const differing = found === null ? [] : keysThatDiffer(found.contract, keys);
  return found === null || differing.length === 0 ? null : { path: found.path, contradicted: differing };
}

function keysThatDiffer(written: Json, keys: Json): string[] {
  const isObject = (value: unknown): value is Json =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.entries(keys).flatMap(([key, value]) => {
    const before = written[key];
    if (before === undefined || JSON.stringify(before) === JSON.stringify(value)) return [];
    if (!isObject(before) || !isObject(value)) return [key];
    return keysThatDiffer(before, value).map((inner) => `${key}.${inner}`);
  });
}

async function newContractPath(checkpoint: string): Promise<string> {
  if ((await stat(checkpoint)).isDirectory()) return join(checkpoint, 'ohem.json');
  return `${checkpoint.slice(0, checkpoint.length - extname(checkpoint).length)}.ohem.json`;
}
