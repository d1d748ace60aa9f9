/** What this machine has for native backends, and what can be set up on it. */
import { dataFolder } from './places.js';
import { BACKENDS } from './registry.js';
import { nodeSetup } from './setup/fetch-node.js';
import { lookAtMachine, type Machine } from './setup/machine.js';
import type { Setup, SetupOffer } from './setup/setup.js';
import { linkedIn } from './tfjs/link-binding.js';
import type { LinkedTensorflow } from './tfjs/tfjs-binding.js';

/** All that can be set up: what the backends name, best first, and Node.js for the engine process. */
export const SETUPS: readonly Setup[] = [...new Set(BACKENDS.flatMap(({ setups }) => setups ?? [])), nodeSetup];

export interface SetupSurvey {
  readonly machine: Machine;
  /** What TensorFlow's binding is linked to now; null: it is not set up. */
  readonly linked: LinkedTensorflow | null;
  /** Where everything goes that is set up. */
  readonly dataFolder: string;
  /** Best first; the last is to set up nothing. */
  readonly choices: readonly SetupOffer[];
}

/**
 * @param workFolder searched for Python environments.
 * @param named a set-up's id, and what the person gave with its option.
 */
export async function survey(
  workFolder: string,
  named: Readonly<Record<string, string | undefined>> = {},
): Promise<SetupSurvey> {
  const [machine, linked] = await Promise.all([lookAtMachine(), linkedIn()]);
  const offers = await Promise.all(
    SETUPS.map((setup) => setup.offers({ machine, workFolder, named: named[setup.id] ?? null })),
  );
  return { machine, linked, dataFolder: dataFolder(), choices: [...offers.flat(), NOTHING] };
}

const NOTHING: SetupOffer = {
  id: 'none',
  title: 'Nothing native',
  detail: 'TensorFlow.js models run on WASM, ONNX models on ONNX Runtime; SavedModels do not',
  more: '',
  args: [],
  downloadMb: 0,
  diskMb: 0,
  isHere: false,
  why: '',
  carryOut: async () => undefined,
};
