/** Class names of a checkpoint whose contract does not give them. */
import { dirname, join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { isDict, parsePythonLiteral } from './python-literal.js';
import { jsonOf, namesByIndex, type Sidecar } from './sidecar.js';
import { readText } from '../../files/reading.js';

/** Where names of a contract are from. */
const CONTRACT = 'contract';

export interface ClassNames {
  readonly names: readonly string[];
  /** `classes.txt`, `metadata`, `contract`, `config.json`. */
  readonly from: string;
}

/**
 * Names from the contract, else a sidecar, else embedded metadata, else `classes.txt` beside the model, one name a
 * line.
 * @returns null where none of them has any.
 * @throws MiningError 'checkpoint' for a `classes.txt` with an empty line between names.
 */
export async function findClassNames(
  contract: readonly string[] | undefined,
  sidecar: Sidecar | null,
  metadata: Readonly<Record<string, string>>,
  modelPath: string,
): Promise<ClassNames | null> {
  if (contract !== undefined) return { names: contract, from: CONTRACT };
  if (sidecar?.classes !== undefined) return { names: sidecar.classes, from: sidecar.from };
  const embedded = parseNames(metadata['names'] ?? metadata['classes'] ?? '');
  if (embedded !== null) return { names: embedded, from: 'metadata' };
  const [path] = await classesFileOf(modelPath);
  return path === undefined ? null : readClassesFile(path);
}

/** The `classes.txt` beside a model; none where it is no text that can be read. */
export async function classesFileOf(modelPath: string): Promise<string[]> {
  const path = join(dirname(modelPath), 'classes.txt');
  return readText(path).then(
    () => [path],
    () => [],
  );
}

/** @throws MiningError 'checkpoint' when there are names, but not one for each of the K classes of the outputs. */
export function checkNames(names: ClassNames | null, numClasses: number, path: string): void {
  if (names === null || names.names.length === numClasses) return;
  throw new MiningError(
    'checkpoint',
    names.from === CONTRACT ? 'contract.classes' : said`class names (${names.from})`,
    said`${numClasses}, as the outputs have it`,
    String(names.names.length),
    { file: path },
  );
}

/**
 * Names in the forms that exporters embed: a JSON list, a JSON object by index, or Python's `{0: 'person', 1: "bike"}`.
 * @returns null for any other text, and where indices have gaps.
 */
export function parseNames(text: string): string[] | null {
  const json = jsonOf(text);
  if (typeof json === 'object' && json !== null) return namesByIndex(Object.entries(json)) ?? null;
  const literal = parsePythonLiteral(text);
  return isDict(literal) ? (namesByIndex(literal.pairs) ?? null) : null;
}

async function readClassesFile(path: string): Promise<ClassNames> {
  const names = (await readText(path))
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const empty = names.indexOf('');
  if (empty >= 0)
    throw new MiningError('checkpoint', said`line ${empty + 1}`, 'a class name', 'an empty line', { file: path });
  return { names, from: 'classes.txt' };
}
