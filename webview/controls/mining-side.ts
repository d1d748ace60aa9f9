import { DEFAULT_CONFIG, type MiningConfig } from '../../src/core/mining/mining-options.js';
import type { Sampler } from '../../src/core/mining/samplers/index.js';
import type { Task } from '../../src/core/tables.js';
import type { ImageSelection } from '../rows/image-selection.js';
import { taskOf } from '../state/model.js';
import type { Panel } from '../state/panel-context.js';

/** What a set of controls reads and writes: the panel's own definition of "hard", or the one beside it. */
export interface MiningSide {
  /** Begins the ids and test ids of its fields. */
  readonly name: 'option' | 'compare';
  readonly mining: MiningConfig;
  /** Of the run. */
  readonly task: Task;
  readonly sampler: Sampler;
  readonly selection: ImageSelection | null;
  readonly set: (mining: MiningConfig) => void;
}

/** A: what the panel selects by. Reads signals. */
export function ownSide({ model, actions }: Panel): MiningSide {
  return {
    name: 'option',
    mining: model.mining.value,
    task: taskOf(model),
    sampler: model.sampler.value,
    selection: model.selection.value,
    set: actions.setMining,
  };
}

/** B: what A is compared with; nothing of use while there is none. Reads signals. */
export function otherSide({ model, actions }: Panel): MiningSide {
  const { sampler, selection } = model.other;
  return {
    name: 'compare',
    mining: model.compared.value ?? DEFAULT_CONFIG,
    task: taskOf(model),
    sampler: sampler.value,
    selection: selection.value,
    set: actions.compareWith,
  };
}
