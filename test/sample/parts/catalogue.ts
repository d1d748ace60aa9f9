/** Every kind of thing that a scene can hold. The first ones are the annotated classes, in the order of their ids. */
import {
  drawBead,
  drawBottleCap,
  drawGear,
  drawMatch,
  drawNail,
  drawORing,
  drawPaperclip,
  drawPencil,
  drawResistor,
  drawSketch,
  drawTablet,
} from './distractors.js';
import { drawNut, drawScrew, drawWasher } from './fasteners.js';
import { drawButton, drawCoin, drawKey } from './keepsakes.js';
import type { Painter } from './drawing.js';

export const SAMPLE_CLASSES = ['screw', 'nut', 'washer', 'coin', 'button', 'key'] as const;
export type SampleClass = (typeof SAMPLE_CLASSES)[number];

export const DISTRACTORS = [
  'o-ring',
  'nail',
  'bottle-cap',
  'bead',
  'paperclip',
  'match',
  'gear',
  'tablet',
  'pencil',
  'resistor',
  'sketch',
] as const;
export type Distractor = (typeof DISTRACTORS)[number];
export type PartKind = SampleClass | Distractor;

export interface Part {
  readonly paint: Painter;
  /** Length relative to the scene's unit. */
  readonly length: number;
  /** Height over the table, as a share of the length: how far its shadow reaches. */
  readonly height: number;
  /** Share of the scene's parts, relative to the others of its group. */
  readonly weight: number;
}

export const PARTS: Readonly<Record<PartKind, Part>> = {
  screw: { paint: drawScrew, length: 1.55, height: 0.1, weight: 1.3 },
  nut: { paint: drawNut, length: 0.85, height: 0.2, weight: 1.1 },
  washer: { paint: drawWasher, length: 0.85, height: 0.05, weight: 1 },
  coin: { paint: drawCoin, length: 1.1, height: 0.05, weight: 0.9 },
  button: { paint: drawButton, length: 0.9, height: 0.08, weight: 1 },
  key: { paint: drawKey, length: 2, height: 0.05, weight: 0.7 },
  'o-ring': { paint: drawORing, length: 0.85, height: 0.08, weight: 1.4 },
  nail: { paint: drawNail, length: 1.7, height: 0.06, weight: 1.3 },
  'bottle-cap': { paint: drawBottleCap, length: 1.15, height: 0.14, weight: 1 },
  bead: { paint: drawBead, length: 0.5, height: 0.4, weight: 0.8 },
  paperclip: { paint: drawPaperclip, length: 1.5, height: 0.05, weight: 0.8 },
  match: { paint: drawMatch, length: 1.6, height: 0.06, weight: 0.8 },
  gear: { paint: drawGear, length: 1, height: 0.08, weight: 1.1 },
  tablet: { paint: drawTablet, length: 0.75, height: 0.12, weight: 0.7 },
  pencil: { paint: drawPencil, length: 2.6, height: 0.06, weight: 0.5 },
  resistor: { paint: drawResistor, length: 1.2, height: 0.1, weight: 0.6 },
  sketch: { paint: drawSketch, length: 4.2, height: 0.005, weight: 0.35 },
};
