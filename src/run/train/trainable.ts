/** Which checkpoints a training can go on from. */
import { dirname } from 'node:path';
import { fastRcnnSchema, type FastRcnnContract } from '../../checkpoint/families/fast-rcnn/fast-rcnn-contract.js';
import { checkContract } from '../../checkpoint/files/contract.js';
import { locateContract } from '../../checkpoint/files/locate.js';
import { TRAINED_FAMILY } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';

/** What `src/train` builds and goes on with: graphs of other formats have no variables. */
const FORMAT = 'tfjs-layers';

export interface Trainable {
  /** Absolute where the checkpoint's path is; the contract's files start here. */
  readonly folder: string;
  /** The contract's own path. */
  readonly file: string;
  readonly contract: FastRcnnContract;
}

/**
 * @param path of a checkpoint: its folder or its contract.
 * @throws MiningError 'checkpoint' that says why it cannot be trained, and what can.
 */
export async function trainable(path: string): Promise<Trainable> {
  const located = await locateContract(path);
  if (located === null) throw notTrainable('a folder with ohem.json', 'a checkpoint without a contract', path);
  const { path: file, contract } = located;
  if (contract.family !== TRAINED_FAMILY)
    throw notTrainable(said`a detector of the family ${TRAINED_FAMILY}`, said`one of ${contract.family}`, file);
  const checked = checkContract(fastRcnnSchema, located);
  if (checked.format !== FORMAT)
    throw notTrainable(said`weights as TensorFlow.js layers (${FORMAT})`, checked.format, file);
  return { folder: dirname(file), file, contract: checked };
}

function notTrainable(expected: Phrase, received: Phrase, file: string): MiningError {
  const todo =
    'Trainable are the sample’s detector and what `ohem train` writes; of other trainings import their losses ' +
    '(Import RoI Dump, `ohem import`)';
  return new MiningError('checkpoint', 'training', expected, received, { file, todo, reason: 'not-trainable' });
}
