/** Which checkpoints can be trained here, and why others cannot. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';

/** Family and format that `src/train` builds and goes on with. */
const [FAMILY, FORMAT] = ['fast-rcnn', 'tfjs-layers'];

/**
 * Folder of the checkpoint that a run was mined from, where it can be trained.
 * @throws MiningError 'checkpoint' that says why it cannot, and what can.
 */
export async function trainableFolder({ task, checkpoint }: Pick<RunManifest, 'task' | 'checkpoint'>): Promise<string> {
  if (checkpoint === null) throw notTrainable('a checkpoint', 'losses that a training wrote');
  if (task !== 'detection') throw notTrainable('a detector', 'a classifier', checkpoint.path);
  if (checkpoint.family !== FAMILY)
    throw notTrainable(`a detector of the family ${FAMILY}`, `one of ${checkpoint.family}`, checkpoint.path);
  const { path } = checkpoint;
  const contract = path.endsWith('.json') ? path : join(path, 'ohem.json');
  const format = await formatOf(contract);
  if (format !== FORMAT) throw notTrainable(`weights as TensorFlow.js layers (${FORMAT})`, format, contract);
  return dirname(contract);
}

/** Formats other than layers are graphs without variables. */
async function formatOf(contract: string): Promise<string> {
  try {
    const { format } = JSON.parse(await readFile(contract, 'utf8')) as { readonly format?: unknown };
    return typeof format === 'string' ? format : 'a contract without a format';
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return gone ? `no ${basename(contract)}` : 'a contract that cannot be read';
  }
}

function notTrainable(expected: string, received: string, file?: string): MiningError {
  const todo = vscode.l10n.t(
    'Trainable are the sample’s detector and what `ohem train` writes; of other trainings import their ' +
      'losses (Import RoI Dump)',
  );
  return new MiningError('checkpoint', 'training', expected, received, {
    ...(file === undefined ? {} : { file }),
    todo,
  });
}
