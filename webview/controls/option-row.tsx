import { useSignal, useSignalEffect } from '@preact/signals';
import { checkOption, OPTIONS, rangeOf, type ChoiceOption, type NumberOption, type OptionKey } from '../../src/core/mining-options.js';
import { resolveConfig } from '../../src/core/select.js';
import { IconButton } from '../chrome/icon-button.js';
import { usePanel } from '../state/panel-context.js';
import { derivedValue, optionUse, takeOver } from './option-use.js';
import { sliderScale } from './slider-scale.js';

/** One option: slider and number, or a choice; with its range, a reset, and an error where the typed value is refused. */
export function OptionRow({ option }: { readonly option: OptionKey }) {
  const { model } = usePanel();
  const spec = OPTIONS[option];
  const use = optionUse(option, model.sampler.value, model.mining.value);
  return (
    <div class="option" data-use={use} title={tooltip(option)}>
      <label class="option-label" for={`option-${option}`}>
        {spec.label}
      </label>
      {spec.kind === 'choice' ? <ChoiceField option={option} spec={spec} /> : <NumberField option={option} spec={spec} />}
      <ResetButton option={option} />
    </div>
  );
}

function tooltip(option: OptionKey): string {
  const spec = OPTIONS[option];
  return spec.kind === 'choice' ? spec.help : `${spec.help} — ${rangeOf(spec)}`;
}

function ChoiceField({ option, spec }: { readonly option: OptionKey; readonly spec: ChoiceOption }) {
  const { model, actions } = usePanel();
  const unused = optionUse(option, model.sampler.value, model.mining.value) === 'unused';
  return (
    <select
      id={`option-${option}`}
      class="option-choice"
      data-testid={`option-${option}`}
      disabled={unused}
      value={String(model.mining.value[option])}
      onChange={(event) => actions.setOption(option, event.currentTarget.value)}
    >
      {spec.choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

/** A slider and a field for the same number. What is typed counts once it is valid; what is not is explained. */
function NumberField({ option, spec }: { readonly option: OptionKey; readonly spec: NumberOption }) {
  const { model, actions } = usePanel();
  const error = useSignal('');
  /** What was typed and refused: it stays until it is mended. */
  const refusedText = useSignal<string | null>(null);
  const use = optionUse(option, model.sampler.value, model.mining.value);
  const value = shownValue(model, option);
  const scale = sliderScale(spec);
  useSignalEffect(() => {
    // A value that came from elsewhere (slider, histogram, preset) answers the error.
    void model.mining.value[option];
    error.value = '';
    refusedText.value = null;
  });
  const set = (next: number | null) => actions.setMining(takeOver(option, next, model.mining.value));
  const type = (field: HTMLInputElement) => {
    error.value = '';
    refusedText.value = null;
    // An emptied field is "not set"; letters leave it empty, too, but are bad input.
    const cleared = field.value === '' && !field.validity.badInput;
    try {
      set(checkOption(option, cleared ? null : field.valueAsNumber) as number | null);
    } catch (refused) {
      error.value = refused instanceof Error ? refused.message : String(refused);
      refusedText.value = field.value;
    }
  };
  return (
    <>
      {scale !== null && (
        <input
          type="range"
          class="option-slider"
          aria-label={`${spec.label}, slider`}
          data-testid={`option-${option}-slider`}
          min={0}
          max={scale.last}
          step={1}
          disabled={use === 'unused'}
          value={scale.toPosition(value ?? spec.min)}
          aria-valuetext={value === null ? 'not set' : display(value)}
          onInput={(event) => set(scale.toValue(event.currentTarget.valueAsNumber))}
        />
      )}
      <input
        id={`option-${option}`}
        type="number"
        class="option-number"
        min={spec.min}
        max={spec.max}
        step={spec.step}
        autoComplete="off"
        data-testid={`option-${option}`}
        disabled={use === 'unused'}
        aria-invalid={error.value !== ''}
        aria-describedby={error.value === '' ? undefined : `option-${option}-error`}
        value={refusedText.value ?? (value === null ? '' : display(value))}
        onChange={(event) => type(event.currentTarget)}
      />
      {error.value !== '' && (
        <p id={`option-${option}-error`} class="option-error" role="alert" data-testid={`option-${option}-error`}>
          {error.value}
        </p>
      )}
    </>
  );
}

function shownValue(model: ReturnType<typeof usePanel>['model'], option: OptionKey): number | null {
  const [sampler, mining] = [model.sampler.value, model.mining.value];
  const derived = optionUse(option, sampler, mining) === 'derived' ? derivedValue(option, sampler, mining, model.selection.value) : null;
  const own = mining[option];
  return derived ?? (typeof own === 'number' ? own : null);
}

/** At most three figures of a fraction; whole numbers whole. */
function display(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function ResetButton({ option }: { readonly option: OptionKey }) {
  const { model, actions } = usePanel();
  const home = resolveConfig(model.mining.value.preset)[option];
  return (
    <IconButton
      icon="discard"
      label={`Reset ${OPTIONS[option].label} to ${home === null ? 'not set' : String(home)}`}
      testId={`option-${option}-reset`}
      disabled={model.mining.value[option] === home}
      onClick={() => actions.setOption(option, home)}
    />
  );
}
