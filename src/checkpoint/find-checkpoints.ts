/** Checkpoints of a folder, by names and first bytes; nothing is loaded. */
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import type { FolderLook } from '../core/facts/folder-look.js';
import type { Phrase } from '../core/said.js';
import type { Task } from '../core/tables.js';
import { graphFileTitle, graphsOfStem, isContractName, isTfjsText } from './files/locate.js';
import { FAMILIES, taskOf } from './registry.js';

export interface FoundCheckpoint {
  /** What `openModel` takes. */
  readonly path: string;
  /** `ONNX`, `checkpoint with a contract`. */
  readonly what: Phrase;
  /** null: the tensors will tell. */
  readonly task: Task | null;
  /** The contract's title; '' none. */
  readonly title: string;
}

/** Contracts of models with many classes are long, bytes. */
const MAX_CONTRACT_BYTES = 2 ** 22;
const OF_FOLDER = 'ohem.json';
const WITH_CONTRACT: Phrase = 'checkpoint with a contract';
const textOr = (instead: string) => v.fallback(v.string(), instead);
const contractFacts = v.looseObject({ family: textOr(''), title: textOr(''), graph: textOr('') });
const withFile = v.object({ file: v.string() });

/**
 * The checkpoints in a folder itself. A contract speaks for its parts, which are no checkpoints of their own.
 * @param parts files and folders that contracts speak for; those of this folder's contracts are added.
 */
export async function findCheckpoints(folder: FolderLook, parts: Set<string>): Promise<FoundCheckpoint[]> {
  const contracts = await findContracts(folder, parts);
  if (isPart(folder.path, parts)) return contracts;
  if (folder.files.includes('saved_model.pb'))
    contracts.push({ path: folder.path, what: 'SavedModel', task: null, title: '' });
  for (const name of folder.files) {
    const path = join(folder.path, name);
    if (!isPart(path, parts)) contracts.push(...(await graphAt(folder, name)));
  }
  return contracts;
}

async function findContracts(folder: FolderLook, parts: Set<string>): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  for (const name of folder.files.filter(isContractName)) {
    const contract = parseFacts(await folder.head(name, MAX_CONTRACT_BYTES));
    const isOfFolder = name === OF_FOLDER;
    if (contract.family === '' && !isOfFolder) continue;
    const path = join(folder.path, name);
    partsOf(path, contract).forEach((part) => parts.add(part));
    const family = FAMILIES.find(({ id }) => id === contract.family);
    found.push({
      path: isOfFolder ? folder.path : path,
      what: WITH_CONTRACT,
      task: family === undefined ? null : taskOf(family),
      title: contract.title.trim(),
    });
  }
  return found;
}

async function graphAt(folder: FolderLook, name: string): Promise<FoundCheckpoint[]> {
  const path = join(folder.path, name);
  const what = graphFileTitle(name);
  if (what !== null) return [{ path, what, task: null, title: '' }];
  if (!/\.json$/i.test(name) || isContractName(name)) return [];
  const text = await folder.head(name);
  if (!isTfjsText(text)) return [];
  // A Keras Sequential has one output: such graphs are classifiers.
  const task = /"class_name"\s*:\s*"Sequential"/.test(text) ? 'classification' : null;
  return [{ path, what: 'TensorFlow.js', task, title: '' }];
}

/** Is the path, or a folder above it, a part? */
function isPart(path: string, parts: ReadonlySet<string>): boolean {
  if (parts.has(path)) return true;
  const above = dirname(path);
  return above !== path && isPart(above, parts);
}

type ContractFacts = v.InferOutput<typeof contractFacts>;

/** Empty facts where it is broken: opening it will say how. */
function parseFacts(text: string): ContractFacts {
  try {
    const result = v.safeParse(contractFacts, JSON.parse(text));
    if (result.success) return result.output;
  } catch {
    // As above.
  }
  return { family: '', title: '', graph: '' };
}

function partsOf(path: string, contract: ContractFacts): string[] {
  const folder = dirname(path);
  const stem = path.replace(/\.ohem\.json$/, '');
  const beside = basename(path) === OF_FOLDER ? [folder] : [stem, ...graphsOfStem(stem)];
  const files = Object.values(contract).flatMap((part) => (v.is(withFile, part) ? [part.file] : []));
  return [...beside, ...[contract.graph, ...files].filter((file) => file !== '').map((file) => join(folder, file))];
}
