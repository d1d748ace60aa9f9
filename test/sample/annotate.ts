/** Ground truth of a scene: the visible objects of the annotated classes. */
import { allocateGtTable, type GtTable } from '../../src/core/tables.js';
import { SAMPLE_CLASSES } from './parts/catalogue.js';
import type { RenderedScene } from './render-scene.js';
import type { Scene } from './scene.js';
import { measureVisible } from './silhouettes.js';

/** Objects of which less is visible than this are not annotated; a person could not name them. */
export const LEAST_VISIBLE_SHARE = 0.3;
/** Least width and height of an annotated box, px. */
export const LEAST_SIDE = 5;

/** One annotated object. */
export interface SceneObject {
  /** [0, K) in SAMPLE_CLASSES. */
  readonly gtClass: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Visible area, px². */
  readonly area: number;
}

/** The annotated objects of a rendered scene, bottom to top. */
export function annotateScene(scene: Scene, rendered: RenderedScene): SceneObject[] {
  const visible = measureVisible(rendered.outlines);
  const objects: SceneObject[] = [];
  scene.items.forEach(({ kind }, i) => {
    const gtClass = SAMPLE_CLASSES.findIndex((name) => name === kind);
    const seen = visible[i];
    if (gtClass < 0 || seen === undefined || seen.share < LEAST_VISIBLE_SHARE) return;
    const { x1, y1, x2, y2, area } = seen;
    if (Math.min(x2 - x1, y2 - y1) >= LEAST_SIDE) objects.push({ gtClass, x1, y1, x2, y2, area });
  });
  return objects;
}

/** Objects of one image as a table. */
export function gtTableOf(objects: readonly SceneObject[]): GtTable {
  const table = allocateGtTable(objects.length);
  objects.forEach(({ gtClass, x1, y1, x2, y2 }, row) => {
    table.gtClass[row] = gtClass;
    table.x1[row] = x1;
    table.y1[row] = y1;
    table.x2[row] = x2;
    table.y2[row] = y2;
  });
  return table;
}
