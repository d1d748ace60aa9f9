import { presetConfig } from '../../src/core/mining/select.js';
import { SAMPLERS } from '../../src/core/mining/samplers/index.js';
import type { MiningSide } from './mining-side.js';
import { t, tListed } from '../words/t.js';
import { termOf } from '../words/term.js';

/** The choice of a preset by its short name, its title in full; each comes with its own values for every option. */
export function PresetRow({ side, label = t('Preset') }: { readonly side: MiningSide; readonly label?: string }) {
  const { sampler, task } = side;
  return (
    <div class="option option-preset">
      <label class="option-label" for={`${side.name}-preset`} {...termOf('preset')}>
        {label}
      </label>
      <select
        id={`${side.name}-preset`}
        class="option-choice"
        data-testid={`${side.name}-preset`}
        value={sampler.id}
        onChange={(event) =>
          side.set(presetConfig(task, SAMPLERS[event.currentTarget.selectedIndex]?.id ?? sampler.id))
        }
      >
        {SAMPLERS.map(({ id, title }) => (
          <optgroup key={id} label={tListed(title)}>
            <option value={id}>{id}</option>
          </optgroup>
        ))}
      </select>
      <p class="preset-title quiet" title={sampler.source} data-testid={`${side.name}-preset-title`}>
        {tListed(sampler.title)}
      </p>
    </div>
  );
}
