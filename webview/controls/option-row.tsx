import type { Term } from '../../src/core/facts/glossary.js';
import { OPTIONS, type OptionKey } from '../../src/core/mining/mining-options.js';
import { presetConfig } from '../../src/core/mining/select.js';
import type { MiningSide } from './mining-side.js';
import { derivedValue, optionUse, takeOver } from './option-use.js';
import { SpecRow } from './spec-row.js';

/** Options that are a word of the glossary. */
const OPTION_TERMS: Partial<Record<OptionKey, Term>> = {
  batchSize: 'batch size',
  imagesPerBatch: 'minibatch',
  keepRate: 'keep rate',
  nmsThreshold: 'mining NMS',
  rankBy: 'loss rank',
};

export interface OptionRowProps {
  readonly option: OptionKey;
  readonly side: MiningSide;
}

/** One option of mining. */
export function OptionRow({ option, side }: OptionRowProps) {
  const { name, mining, sampler, task } = side;
  const home = presetConfig(task, mining.preset)[option];
  return (
    <SpecRow
      id={`${name}-${option}`}
      name={option}
      spec={OPTIONS[option]}
      term={OPTION_TERMS[option]}
      compared={name === 'compare'}
      use={optionUse(option, sampler, mining)}
      value={shownValue(side, option)}
      own={mining[option]}
      home={home}
      onSet={(value) => side.set(takeOver(option, value, mining))}
      onReset={() => side.set({ ...mining, [option]: home })}
    />
  );
}

function shownValue({ sampler, mining, selection }: MiningSide, option: OptionKey): number | string | null {
  const derived =
    optionUse(option, sampler, mining) === 'derived' ? derivedValue(option, sampler, mining, selection) : null;
  return derived ?? mining[option];
}
