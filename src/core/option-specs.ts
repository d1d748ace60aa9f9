/** How an option is described: from its spec follow its check, its flag, its setting and its control. */
import { MiningError, show } from './mining-error.js';
import { said, type Phrase } from './said.js';

export interface NumberOption {
  readonly kind: 'integer' | 'real';
  readonly min: number;
  readonly max: number;
  /** The least value is itself out of range: (min, max]. */
  readonly minExclusive?: boolean;
  readonly step: number;
  /** null stands for "not set" and needs `nullable`. */
  readonly default: number | null;
  readonly nullable?: boolean;
  readonly label: string;
  readonly help: string;
}
export interface ChoiceOption<Word extends string = string> {
  readonly kind: 'choice';
  readonly choices: readonly Word[];
  readonly default: Word;
  readonly label: string;
  readonly help: string;
}
export type OptionSpec = NumberOption | ChoiceOption;
export interface SwitchOption {
  readonly kind: 'switch';
  readonly default: boolean;
  readonly label: string;
  readonly help: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec | SwitchOption>>;

/** The type of an option's values. */
export type ValueOf<Spec> =
  Spec extends ChoiceOption<infer Word>
    ? Word
    : Spec extends SwitchOption
      ? boolean
      : Spec extends { readonly nullable: true }
        ? number | null
        : number;
export type ValuesOf<Specs> = { readonly [Key in keyof Specs]: ValueOf<Specs[Key]> };

/** From a union what has the keys of all its members. */
export type AllOf<T> = (T extends unknown ? (all: T) => void : never) extends (all: infer All) => void ? All : never;

export function integer(label: string, help: string, value: number, min: number, max: number): NumberOption {
  return { kind: 'integer', label, help, default: value, min, max, step: 1 };
}

export function real(label: string, help: string, value: number, min: number, max: number, step = 0.01): NumberOption {
  return { kind: 'real', label, help, default: value, min, max, step };
}

export function toggle(label: string, help: string, value: boolean): SwitchOption {
  return { kind: 'switch', label, help, default: value };
}

export function choice<Word extends string>(
  label: string,
  help: string,
  choices: readonly Word[],
  value: Word,
): ChoiceOption<Word> {
  return { kind: 'choice', label, help, choices, default: value };
}

/** `batchSize` -> `batch-size`: the flag of the CLI. */
export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `an integer in [0, 1000000]`, `a number in (0, 1]`. */
export function rangeOf(spec: NumberOption): Phrase {
  const range = `${spec.minExclusive ? '(' : '['}${spec.min}, ${spec.max}]`;
  return spec.kind === 'integer' ? said`an integer in ${range}` : said`a number in ${range}`;
}

/**
 * Checks one value of an option.
 * @returns the value.
 * @throws MiningError 'options' that names the option and its range.
 */
export function checkValue(key: string, spec: OptionSpec, value: unknown): number | string | null;
export function checkValue(
  key: string,
  spec: OptionSpec | SwitchOption,
  value: unknown,
): number | string | boolean | null;
export function checkValue(key: string, spec: OptionSpec | SwitchOption, value: unknown) {
  if (spec.kind === 'switch') {
    if (typeof value === 'boolean') return value;
    throw new MiningError('options', flagOf(key), 'true or false', show(value));
  }
  if (spec.kind === 'choice') {
    if (typeof value === 'string' && spec.choices.includes(value)) return value;
    throw new MiningError('options', flagOf(key), said`one of ${spec.choices.join(', ')}`, show(value));
  }
  if (value === null && spec.nullable) return null;
  const valid =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (spec.kind === 'real' || Number.isInteger(value)) &&
    (spec.minExclusive ? value > spec.min : value >= spec.min) &&
    value <= spec.max;
  if (!valid) throw new MiningError('options', flagOf(key), rangeOf(spec), show(value));
  return value;
}
