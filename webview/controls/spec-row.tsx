import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Term } from '../../src/core/facts/glossary.js';
import { checkValue } from '../../src/core/option-specs.js';
import type { ChoiceOption, NumberOption, OptionSpecs } from '../../src/core/option-specs.js';
import { IconButton } from '../chrome/icon-button.js';
import type { OptionUse } from './option-use.js';
import { sliderScale } from './slider-scale.js';
import { t, tListed } from '../words/t.js';
import { termOf } from '../words/term.js';
import { messageOf } from '../words/message-of.js';

type Value = number | string | boolean | null;

export interface SpecRowProps {
  /** Of the field, and of tests. */
  readonly id: string;
  /** The option's key, by which an error names it. */
  readonly name: string;
  readonly spec: OptionSpecs[string];
  /** What the option is about. */
  readonly term?: Term | undefined;
  /** Of the compared side, whose fields stand beside equal ones. */
  readonly compared?: boolean;
  readonly use?: OptionUse;
  /** What is shown; for a derived option not `own`. */
  readonly value: Value;
  readonly own?: Value;
  /** What the reset gives back. */
  readonly home: Value;
  readonly onSet: (value: Value) => void;
  readonly onReset: () => void;
}

/**
 * One option: slider and number, a choice, or a switch; with its range, a reset, and an error where the typed value is
 * refused.
 */
export function SpecRow(props: SpecRowProps) {
  const { id, spec, term, use = 'used', value, own = value, home, onReset } = props;
  const name = accessibleName(props);
  return (
    <div class="option" data-use={use} title={tooltip(spec)} {...(term && termOf(term, tooltip(spec)))}>
      <label class="option-label" for={id}>
        {tListed(spec.label)}
      </label>
      <Field {...props} />
      <IconButton
        icon="discard"
        label={t('Reset {0} to {1}', name, home === null ? t('not set') : tListed(String(home)))}
        testId={`${id}-reset`}
        disabled={own === home}
        onClick={onReset}
      />
    </div>
  );
}

/** Equal options of two sides have two names. */
function accessibleName({ spec, compared = false }: SpecRowProps): string {
  return compared ? t('{0}, compared', tListed(spec.label)) : tListed(spec.label);
}

function tooltip(spec: OptionSpecs[string]): string {
  const help = tListed(spec.help);
  return spec.kind === 'integer' || spec.kind === 'real' ? `${help} — ${rangeText(spec)}` : help;
}

/** As `rangeOf`, in the language of the panel. */
function rangeText({ kind, min, minExclusive, max }: NumberOption): string {
  const range = `${minExclusive ? '(' : '['}${min}, ${max}]`;
  return kind === 'integer' ? t('an integer in {0}', range) : t('a number in {0}', range);
}

function Field(props: SpecRowProps) {
  const { spec } = props;
  if (spec.kind === 'choice') return <ChoiceField {...props} spec={spec} />;
  if (spec.kind === 'switch') return <SwitchField {...props} />;
  return (
    <>
      <OptionSlider {...props} spec={spec} />
      <TypedNumber {...props} spec={spec} />
    </>
  );
}

function ChoiceField(props: SpecRowProps & { readonly spec: ChoiceOption }) {
  const { id, spec, use, value, onSet } = props;
  return (
    <select
      id={id}
      class="option-choice"
      aria-label={accessibleName(props)}
      data-testid={id}
      disabled={use === 'unused'}
      value={String(value)}
      onChange={(event) => onSet(event.currentTarget.value)}
    >
      {spec.choices.map((choice) => (
        <option key={choice} value={choice}>
          {tListed(choice)}
        </option>
      ))}
    </select>
  );
}

function SwitchField(props: SpecRowProps) {
  const { id, use, value, onSet } = props;
  return (
    <input
      id={id}
      type="checkbox"
      class="option-switch"
      aria-label={accessibleName(props)}
      data-testid={id}
      disabled={use === 'unused'}
      checked={value === true}
      onChange={(event) => onSet(event.currentTarget.checked)}
    />
  );
}

interface NumberProps extends SpecRowProps {
  readonly spec: NumberOption;
}

function OptionSlider(props: NumberProps) {
  const { id, spec, use, value, onSet } = props;
  const scale = sliderScale(spec);
  if (scale === null) return null;
  return (
    <input
      type="range"
      class="option-slider"
      aria-label={t('{0}, slider', accessibleName(props))}
      data-testid={`${id}-slider`}
      min={0}
      max={scale.last}
      step={1}
      disabled={use === 'unused'}
      value={scale.toPosition(typeof value === 'number' ? value : spec.min)}
      aria-valuetext={typeof value === 'number' ? display(value) : t('not set')}
      onInput={(event) => onSet(scale.toValue(event.currentTarget.valueAsNumber))}
    />
  );
}

/** What is typed counts once it is valid; what is refused stays, with the reason, until it is mended. */
function TypedNumber(props: NumberProps) {
  const { id, name, spec, use, value, own = value, onSet } = props;
  const refused = useSignal<{ readonly text: string; readonly reason: string } | null>(null);
  // A value that came from elsewhere (slider, histogram, preset) answers the refusal.
  useEffect(() => void (refused.value = null), [refused, own]);
  const take = (field: HTMLInputElement) => {
    refused.value = null;
    try {
      onSet(checkValue(name, spec, numberIn(field)));
    } catch (error) {
      refused.value = { text: field.value, reason: messageOf(error) };
    }
  };
  return (
    <>
      <input
        id={id}
        type="number"
        class="option-number"
        aria-label={accessibleName(props)}
        min={spec.min}
        max={spec.max}
        step={spec.step}
        autoComplete="off"
        data-testid={id}
        disabled={use === 'unused'}
        aria-invalid={refused.value !== null}
        aria-describedby={refused.value === null ? undefined : `${id}-error`}
        value={refused.value?.text ?? (typeof value === 'number' ? display(value) : '')}
        onChange={(event) => take(event.currentTarget)}
      />
      {refused.value !== null && (
        <p id={`${id}-error`} class="option-error" role="alert" data-testid={`${id}-error`}>
          {refused.value.reason}
        </p>
      )}
    </>
  );
}

/** An emptied field is "not set"; letters leave it empty, too, but are bad input. */
function numberIn(field: HTMLInputElement): number | null {
  return field.value === '' && !field.validity.badInput ? null : field.valueAsNumber;
}

/** At most three figures of a fraction; whole numbers whole. */
function display(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}
