/** Values of flags, checked where they are parsed. */
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_KEEP_ROIS } from '../core/facts/run-manifest.js';

/** An integer of at least 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected an integer of at least 0.');
  return value;
}

/** An integer of at least 1. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected an integer of at least 1.');
  return value;
}

export interface KeepFlag {
  readonly keepRois?: number | 'all';
}

/** What `--keep-rois` says, null: all. Absent, a new run keeps the default, a resumed one what it kept. */
export function keptRois({ keepRois }: KeepFlag): { readonly keepRois?: number | null } {
  return keepRois === undefined ? {} : { keepRois: keepRois === 'all' ? null : keepRois };
}

export function keepRoisOption(): Option {
  return new Option('--keep-rois <n>', 'RoIs of an image that the run keeps, about: the hardest and a sample; or all')
    .argParser((text) => (text === 'all' ? text : positiveNumber(text)))
    .default(undefined, String(DEFAULT_KEEP_ROIS));
}

/** A number within [0, 1]. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('expected a number from 0 to 1.');
  return value;
}

/** A number of at least 0. */
export function amount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('expected a number of at least 0.');
  return value;
}

const MIB = 2 ** 20;

/** `--max-inflate`: its value is in bytes. */
export function maxInflateOption(): Option {
  return new Option('--max-inflate <MiB>', 'refuse an NPZ whose arrays inflate to more')
    .argParser((text) => positiveNumber(text) * MIB)
    .default(1024 * MIB, '1024');
}
