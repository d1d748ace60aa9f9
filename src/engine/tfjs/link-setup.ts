/** `ohem engines setup --tensorflow`: the TensorFlows of this machine that the binding can be linked to. */
import { resolve } from 'node:path';
import { said, type Phrase } from '../../core/said.js';
import { missingTools } from '../setup/machine.js';
import type { Look, Setup, SetupOffer } from '../setup/setup.js';
import { findTensorflows, tensorflowAt, type FoundTensorflow } from './find-tensorflow.js';
import { linkBinding, linkFolder } from './link-binding.js';
import { readPrebuilt } from './prebuilt-binding.js';

/** MB: measured with npm 10; the binding itself is 1. */
const SIZE = { downloadMb: 75, diskMb: 300 };

export const linkSetup: Setup = {
  id: 'tensorflow',
  option: '--tensorflow <path>',
  help:
    'link the binding to this TensorFlow: its folder, a Python environment, its python, ' +
    'or an unpacked libtensorflow (default: the best that is found)',
  size: SIZE,
  folder: linkFolder,
  async offers({ machine, workFolder, named }) {
    const isCarried = (await readPrebuilt()) !== null;
    if (named === null) return linkOffers(await findTensorflows(workFolder), machine, isCarried);
    const found = await tensorflowAt(resolve(named));
    const why = said`no TensorFlow 2 with its libraries and headers in ${named}`;
    const none = { folder: named, version: '2', cuda: null, why };
    return linkOffers([found ?? none], machine, isCarried);
  },
};

/** @param isCarried the binding is prebuilt for this platform: a TensorFlow of Python is linked without a compiler. */
export function linkOffers(
  tensorflows: readonly FoundTensorflow[],
  machine: Look['machine'],
  isCarried: boolean,
): SetupOffer[] {
  const otherwise: Phrase = machine.platform.startsWith('linux-')
    ? missingTools(isCarried ? { ...machine, compiler: 'none needed' } : machine)
    : said`linking is done on Linux so far, not on ${machine.platform}`;
  return tensorflows.map((tensorflow) => offer(tensorflow, otherwise));
}

function offer(tensorflow: FoundTensorflow, otherwise: Phrase): SetupOffer {
  const { folder, version, cuda, why } = tensorflow;
  return {
    id: linkSetup.id,
    title:
      cuda === null
        ? said`TensorFlow ${version} that is here (CPU)`
        : said`TensorFlow ${version} that is here (CUDA ${cuda})`,
    detail:
      cuda === null
        ? 'SavedModels, training, speed; nothing but the binding is fetched'
        : 'SavedModels, training, speed, GPU; nothing but the binding is fetched',
    more: said`The binding is linked to ${folder}`,
    args: ['--tensorflow', folder],
    ...SIZE,
    isHere: true,
    why: why === '' ? otherwise : why,
    carryOut: (tell, signal) => linkBinding(tensorflow, tell, signal),
  };
}
