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

interface NumberFieldProps {
  readonly option: OptionKey;
  readonly spec: NumberOption;
}

/** A slider and a field for the same number. */
function NumberField({ option, spec }: NumberFieldProps) {
  const { model, actions } = usePanel();
  const set = (next: number | null) => actions.setMining(takeOver(option, next, model.mining.value));
  return (
    <>
      <OptionSlider option={option} spec={spec} onSet={set} />
      <TypedNumber option={option} spec={spec} onSet={set} />
    </>
  );
}

function OptionSlider({ option, spec, onSet }: NumberFieldProps & { readonly onSet: (value: number) => void }) {
  const { model } = usePanel();
  const scale = sliderScale(spec);
  const value = shownValue(model, option);
  if (scale === null) return null;
  return (
    <input
      type="range"
      class="option-slider"
      aria-label={`${spec.label}, slider`}
      data-testid={`option-${option}-slider`}
      min={0}
      max={scale.last}
      step={1}
      disabled={optionUse(option, model.sampler.value, model.mining.value) === 'unused'}
      value={scale.toPosition(value ?? spec.min)}
      aria-valuetext={value === null ? 'not set' : display(value)}
      onInput={(event) => onSet(scale.toValue(event.currentTarget.valueAsNumber))}
    />
  );
}

/** What is typed counts once it is valid; what is refused stays, with the reason, until it is mended. */
function TypedNumber({ option, spec, onSet }: NumberFieldProps & { readonly onSet: (value: number | null) => void }) {
  const { model } = usePanel();
  const refused = useSignal<{ readonly text: string; readonly reason: string } | null>(null);
  const value = shownValue(model, option);
  useSignalEffect(() => {
    // A value that came from elsewhere (slider, histogram, preset) answers the refusal.
    void model.mining.value[option];
    refused.value = null;
  });
  const take = (field: HTMLInputElement) => {
    refused.value = null;
    try {
      onSet(readNumber(option, field));
    } catch (error) {
      refused.value = { text: field.value, reason: error instanceof Error ? error.message : String(error) };
    }
  };
  return (
    <>
      <input
        id={`option-${option}`}
        type="number"
        class="option-number"
        min={spec.min}
        max={spec.max}
        step={spec.step}
        autoComplete="off"
        data-testid={`option-${option}`}
        disabled={optionUse(option, model.sampler.value, model.mining.value) === 'unused'}
        aria-invalid={refused.value !== null}
        aria-describedby={refused.value === null ? undefined : `option-${option}-error`}
        value={refused.value?.text ?? (value === null ? '' : display(value))}
        onChange={(event) => take(event.currentTarget)}
      />
      {refused.value !== null && (
        <p id={`option-${option}-error`} class="option-error" role="alert" data-testid={`option-${option}-error`}>
          {refused.value.reason}
        </p>
      )}
    </>
  );
}

/** @throws MiningError with the option's range. */
function readNumber(option: OptionKey, field: HTMLInputElement): number | null {
  // An emptied field is "not set"; letters leave it empty, too, but are bad input.
  const cleared = field.value === '' && !field.validity.badInput;
  const value = checkOption(option, cleared ? null : field.valueAsNumber);
  return typeof value === 'number' ? value : null;
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
