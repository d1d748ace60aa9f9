/** The little that the editor needs of a checkpoint's contract; the engine process reads and checks the rest. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** `ohem.json` in a folder, or `NAME.ohem.json` beside what it speaks for. */
const CONTRACT = /(^|\.)ohem\.json$/;
const OF_FOLDER = 'ohem.json';

export interface ContractFacts {
  /** '' where the contract names none. */
  readonly family: string;
  readonly title: string;
  /** Absolute paths of the files and folders that are parts of the checkpoint and no checkpoints of their own. */
  readonly parts: readonly string[];
}

/** Is this file name a contract's? */
export function isContractName(name: string): boolean {
  return CONTRACT.test(name);
}

/** What a contract file says; empty facts where it cannot be read or is broken: the engine process will say how. */
export async function readContractFacts(path: string): Promise<ContractFacts> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const contract = parseObject(text);
  const textAt = (key: string) => (typeof contract[key] === 'string' ? contract[key] : '');
  return { family: textAt('family'), title: textAt('title').trim(), parts: partsOf(path, contract) };
}

/** The contract that a checkpoint's path stands for, by its name alone; null where it is a plain graph. */
export function contractOf(checkpoint: string): string | null {
  if (isContractName(basename(checkpoint))) return checkpoint;
  return /\.(json|onnx)$/i.test(checkpoint) ? null : join(checkpoint, OF_FOLDER);
}

function partsOf(path: string, contract: Record<string, unknown>): string[] {
  const folder = dirname(path);
  const stem = path.replace(CONTRACT, '');
  const beside = basename(path) === OF_FOLDER ? [folder] : [stem, `${stem}.onnx`, `${stem}.json`];
  const files = [
    contract['graph'],
    ...Object.values(contract).map((part) => (isObject(part) ? part['file'] : undefined)),
  ];
  return [...beside, ...files.filter((file) => typeof file === 'string').map((file) => join(folder, file))];
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
