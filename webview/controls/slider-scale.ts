/** Between an option's values and the even steps of a slider. */
import type { NumberOption } from '../../src/core/option-specs.js';

/** Positions of a slider whose values are not evenly spaced. */
const NUM_STEPS = 1000;
/** More steps than this in the range: equal steps would hide the small values, so the scale is logarithmic. */
const MOST_EVEN_STEPS = 2000;
/** A range beyond this is not for sliding (seeds). */
const MOST_SLIDABLE = 1e7;

export interface SliderScale {
  /** Last position; the first is 0. Positions are whole numbers. */
  readonly last: number;
  /** Position nearest to a value; values outside the range go to the ends. */
  toPosition(value: number): number;
  /** A valid value of the option. */
  toValue(position: number): number;
}

/** How an option slides; null for a range that only typing serves. */
export function sliderScale(spec: NumberOption): SliderScale | null {
  const range = spec.max - spec.min;
  if (range > MOST_SLIDABLE) return null;
  return range / spec.step <= MOST_EVEN_STEPS ? evenScale(spec) : logScale(spec);
}

function evenScale(spec: NumberOption): SliderScale {
  const last = Math.round((spec.max - spec.min) / spec.step);
  return {
    last,
    toPosition: (value) => clamp(Math.round((value - spec.min) / spec.step), last),
    toValue: (position) => legal(spec.min + position * spec.step, spec),
  };
}

/** Logarithmic in value - min + unit, where the unit is 1 for whole numbers and the least value otherwise. */
function logScale(spec: NumberOption): SliderScale {
  const unit = spec.kind === 'integer' ? 1 : Math.max(spec.min, spec.step);
  const whole = Math.log1p((spec.max - spec.min) / unit);
  return {
    last: NUM_STEPS,
    toPosition: (value) =>
      clamp(Math.round((Math.log1p(Math.max(value - spec.min, 0) / unit) / whole) * NUM_STEPS), NUM_STEPS),
    toValue: (position) => legal(spec.min + unit * Math.expm1((position / NUM_STEPS) * whole), spec),
  };
}

/** The nearest value that the option allows, rounded to what a person would type. */
function legal(value: number, spec: NumberOption): number {
  const rounded = spec.kind === 'integer' ? Math.round(value) : Number(value.toPrecision(3));
  const least = spec.minExclusive ? spec.min + spec.step : spec.min;
  return Math.min(Math.max(rounded, least), spec.max);
}

function clamp(position: number, last: number): number {
  return Math.min(Math.max(position, 0), last);
}
