/** The scenes that measure.py makes, as the core takes them. */
import { expect } from 'vitest';
import { matchableGts } from '../../../src/core/assign/matchable-gts.js';
import type { AnchorGrid } from '../../../src/core/losses/detector-output.js';
import { columnsOf, makeGts, makeOutput } from '../../unit/core/make-output.js';

export type Rows = number[][];

/** A head with objectness and one anchor a cell, three levels. */
export interface Scene {
  numClasses: number;
  levelStart: number[];
  centres: Rows;
  strides: Rows;
  regions: Rows;
  preds: Rows;
  cls: Rows;
  obj: number[];
  gts: Rows;
  gtClass: number[];
}

export const UNSIZED = { width: 0, height: 0 };

/** A scene's detector output and ground truth. */
export function sceneInputs(scene: Scene) {
  const grid: AnchorGrid = {
    centreX: Float32Array.from(scene.centres, ([x]) => x),
    centreY: Float32Array.from(scene.centres, ([, y]) => y),
    strideX: Float32Array.from(scene.strides, ([x]) => x),
    strideY: Float32Array.from(scene.strides, ([, y]) => y),
    levelStart: Int32Array.from(scene.levelStart),
  };
  const output = makeOutput(scene.regions, scene.numClasses, {
    preds: columnsOf(scene.preds),
    scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    scores: Float32Array.from(scene.cls.flat()),
    objectness: Float32Array.from(scene.obj),
    grid,
  });
  const gts = makeGts(scene.gts.map((box, i) => ({ box: box.map(Math.fround), gtClass: scene.gtClass[i] })));
  return { output, grid, gts, subset: matchableGts(gts, scene.numClasses, UNSIZED) };
}

/** Agreement to 1e-10, relative to values above 1. */
export function expectClose(received: number, expected: number, what: string): void {
  const error = Math.abs(received - expected) / Math.max(1, Math.abs(expected));
  expect(error, `${what}: ${received} against ${expected}`).toBeLessThan(1e-10);
}
