/** The size of a part of the panel beside a splitter, CSS px. */
import * as v from 'valibot';
import { choice } from '../state/choice.js';
import { useChoice } from '../state/panel-context.js';

/** Sizes that the person has chosen, by the part's name; null: taken back. */
const SIZES = choice({
  name: 'sizes',
  initial: {},
  schema: v.record(v.string(), v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)))),
  ofWorkspace: true,
});

export interface ChosenSize {
  /** As of a style; undefined: as the style sheet gives it. */
  readonly css: string | undefined;
  readonly set: (size: number | null) => void;
}

export function useSize(name: string): ChosenSize {
  const all = useChoice(SIZES);
  const size = all.value[name] ?? null;
  return {
    css: size === null ? undefined : `${size}px`,
    set: (chosen) => (all.value = { ...all.peek(), [name]: chosen }),
  };
}

/** What a part may measure, and where it lies from its splitter. */
export interface SplitBounds {
  readonly least: number;
  readonly most: number;
  /** 1: the part lies before the splitter and grows with a move to the right or down; −1: behind it. */
  readonly sign: 1 | -1;
}

/** One press of an arrow, and with Shift. */
const [STEP, LEAP] = [16, 64];
/** Arrows in the axis of the move. */
const ARROWS: Readonly<Record<'x' | 'y', readonly [back: string, on: string]>> = {
  x: ['ArrowLeft', 'ArrowRight'],
  y: ['ArrowUp', 'ArrowDown'],
};

/** The size after the splitter has moved by `delta` px to the right or down. */
export function movedSize(from: number, delta: number, { least, most, sign }: SplitBounds): number {
  return Math.round(Math.min(Math.max(from + sign * delta, least), Math.max(most, least)));
}

/** The size after a key: arrows move the splitter, Home and End go to the ends. null: the key is none of these. */
export function keyedSize(
  key: string,
  { axis, leap }: { readonly axis: 'x' | 'y'; readonly leap: boolean },
  from: number,
  bounds: SplitBounds,
): number | null {
  const step = leap ? LEAP : STEP;
  const [back, on] = ARROWS[axis];
  if (key === back) return movedSize(from, -step, bounds);
  if (key === on) return movedSize(from, step, bounds);
  if (key === 'Home') return bounds.least;
  return key === 'End' ? Math.max(bounds.most, bounds.least) : null;
}
