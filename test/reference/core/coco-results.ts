/** Detections and objects as COCO's files tell them, as the core takes them. */
import type { Detections } from '../../../src/core/triage/detections.js';
import type { GtTable } from '../../../src/core/tables.js';
import { columnsOf, makeGts } from '../../unit/core/make-output.js';

/** [x1, y1, x2, y2] */
export type Corners = readonly [number, number, number, number];

export interface FoundBox {
  readonly box: Corners;
  readonly label: number;
  readonly score: number;
}

/** @param found best first. */
export function makeDetections(found: readonly FoundBox[]): Detections {
  const { x1, y1, x2, y2 } = columnsOf(found.map(({ box }) => box));
  return {
    numDetections: found.length,
    row: Int32Array.from(found.keys()),
    predClass: Int32Array.from(found, ({ label }) => label),
    score: Float64Array.from(found, ({ score }) => score),
    x1: Float64Array.from(x1),
    y1: Float64Array.from(y1),
    x2: Float64Array.from(x2),
    y2: Float64Array.from(y2),
  };
}

export interface LabelledBox {
  readonly box: Corners;
  readonly label: number;
  readonly crowd?: boolean;
}

export function makeObjects(objects: readonly LabelledBox[]): GtTable {
  return makeGts(objects.map(({ box, label, crowd = false }) => ({ box, gtClass: label, crowd })));
}

/** From x, y, width, height. */
export function cornersOf([x, y, width, height]: Corners): Corners {
  return [x, y, x + width, y + height];
}
