import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { checkOption, OPTIONS, type OptionKey } from '../../src/core/mining/mining-options.js';
import { rangeOf, type ChoiceOption, type NumberOption } from '../../src/core/option-specs.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { IconButton } from '../chrome/icon-button.js';
import type { MiningSide } from './mining-side.js';
import { derivedValue, optionUse, takeOver } from './option-use.js';
import { sliderScale } from './slider-scale.js';

export interface OptionRowProps {
  readonly option: OptionKey;
  readonly side: MiningSide;
}

/**
 * One option: slider and number, or a choice; with its range, a reset, and an error where the typed value is refused.
 */
export function OptionRow({ option, side }: OptionRowProps) {
  const spec = OPTIONS[option];
  const use = optionUse(option, side.sampler, side.mining);
  return (
    <div class="option" data-use={use} title={tooltip(option)}>
      <label class="option-label" for={`${side.name}-${option}`}>
        {spec.label}
      </label>
      {spec.kind === 'choice' ? (
        <ChoiceField option={option} side={side} spec={spec} />
      ) : (
        <NumberField option={option} side={side} spec={spec} />
      )}
      <ResetButton option={option} side={side} />
    </div>
  );
}

function tooltip(option: OptionKey): string {
  const spec = OPTIONS[option];
  return spec.kind === 'choice' ? spec.help : `${spec.help} — ${rangeOf(spec)}`;
}

function ChoiceField({ option, side, spec }: OptionRowProps & { readonly spec: ChoiceOption }) {
  const unused = optionUse(option, side.sampler, side.mining) === 'unused';
  return (
    <select
      id={`${side.name}-${option}`}
      class="option-choice"
      data-testid={`${side.name}-${option}`}
      disabled={unused}
      value={String(side.mining[option])}
      onChange={(event) => side.set({ ...side.mining, [option]: event.currentTarget.value })}
    >
      {spec.choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

interface NumberFieldProps extends OptionRowProps {
  readonly spec: NumberOption;
}

/** A slider and a field for the same number. */
function NumberField(props: NumberFieldProps) {
  const { option, side } = props;
  const set = (next: number | null) => side.set(takeOver(option, next, side.mining));
  return (
    <>
      <OptionSlider {...props} onSet={set} />
      <TypedNumber {...props} onSet={set} />
    </>
  );
}

function OptionSlider({ option, side, spec, onSet }: NumberFieldProps & { readonly onSet: (value: number) => void }) {
  const scale = sliderScale(spec);
  const value = shownValue(side, option);
  if (scale === null) return null;
  return (
    <input
      type="range"
      class="option-slider"
      aria-label={`${spec.label}, slider`}
      data-testid={`${side.name}-${option}-slider`}
      min={0}
      max={scale.last}
      step={1}
      disabled={optionUse(option, side.sampler, side.mining) === 'unused'}
      value={scale.toPosition(value ?? spec.min)}
      aria-valuetext={value === null ? 'not set' : display(value)}
      onInput={(event) => onSet(scale.toValue(event.currentTarget.valueAsNumber))}
    />
  );
}

/** What is typed counts once it is valid; what is refused stays, with the reason, until it is mended. */
function TypedNumber({
  option,
  side,
  spec,
  onSet,
}: NumberFieldProps & { readonly onSet: (value: number | null) => void }) {
  const refused = useSignal<{ readonly text: string; readonly reason: string } | null>(null);
  const value = shownValue(side, option);
  const own = side.mining[option];
  // A value that came from elsewhere (slider, histogram, preset) answers the refusal.
  useEffect(() => void (refused.value = null), [refused, own]);
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
        id={`${side.name}-${option}`}
        type="number"
        class="option-number"
        min={spec.min}
        max={spec.max}
        step={spec.step}
        autoComplete="off"
        data-testid={`${side.name}-${option}`}
        disabled={optionUse(option, side.sampler, side.mining) === 'unused'}
        aria-invalid={refused.value !== null}
        aria-describedby={refused.value === null ? undefined : `${side.name}-${option}-error`}
        value={refused.value?.text ?? (value === null ? '' : display(value))}
        onChange={(event) => take(event.currentTarget)}
      />
      {refused.value !== null && (
        <p
          id={`${side.name}-${option}-error`}
          class="option-error"
          role="alert"
          data-testid={`${side.name}-${option}-error`}
        >
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

function shownValue({ sampler, mining, selection }: MiningSide, option: OptionKey): number | null {
  const derived =
    optionUse(option, sampler, mining) === 'derived' ? derivedValue(option, sampler, mining, selection) : null;
  const own = mining[option];
  return derived ?? (typeof own === 'number' ? own : null);
}

/** At most three figures of a fraction; whole numbers whole. */
function display(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function ResetButton({ option, side }: OptionRowProps) {
  const home = resolveConfig(side.mining.preset)[option];
  return (
    <IconButton
      icon="discard"
      label={`Reset ${OPTIONS[option].label} to ${home === null ? 'not set' : String(home)}`}
      testId={`${side.name}-${option}-reset`}
      disabled={side.mining[option] === home}
      onClick={() => side.set({ ...side.mining, [option]: home })}
    />
  );
}
