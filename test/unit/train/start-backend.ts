/** Training is tested on the JavaScript backend, and by test/tfjs-node-suite.mjs on TensorFlow's native one. */
import { findBinding } from '../../../src/engine/tfjs/tfjs-binding.js';
import { startCpu, startTensorFlow } from '../../../src/train/network/tensorflow.js';

/** As a configuration of `ohem train` names it. */
export const TESTED_BACKEND =
  process.env['OHEM_REQUIRED_BACKENDS']?.split(',').includes('tfjs-node') === true ? 'tensorflow' : 'cpu';

export async function startTestedBackend(): Promise<void> {
  if (TESTED_BACKEND === 'cpu') return startCpu();
  return startTensorFlow((await findBinding()).folder);
}
