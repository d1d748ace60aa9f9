/** Where decisions stand in an image as a run has it now, and what is decided there. */
import { NONE, regressedBoxes, type Boxes, type GtTable, type RoiTable } from '../tables.js';
import { rowOfDecision, type Decision, type DecisionTarget } from './decisions.js';

/** What can be decided on: an image, its objects (ground truths), its RoIs. */
export const DECIDABLES = ['image', 'object', 'roi'] as const;
export type Decidable = (typeof DECIDABLES)[number];

/** One of them. */
export interface DecidedPlace {
  readonly imageIndex: number;
  readonly what: Decidable;
  /** Row of the image's ground truth or RoIs; NONE of an image. */
  readonly row: number;
}

/** The tables of one image. */
export interface ImageTables {
  readonly rois: RoiTable;
  readonly gts: GtTable;
}

interface Rows {
  readonly boxes: Boxes;
  readonly labels: readonly string[];
  readonly annotations: ArrayLike<number> | undefined;
}

/** A RoI is known by its regressed box and what it was taken for. @param classes K names. */
function rowsOf(what: 'object' | 'roi', { rois, gts }: ImageTables, classes: readonly string[]): Rows {
  const labels = (ids: ArrayLike<number>) => Array.from(ids, (id) => classes[id] ?? 'background');
  return what === 'object'
    ? { boxes: gts, labels: labels(gts.gtClass), annotations: gts.annotation }
    : { boxes: regressedBoxes(rois), labels: labels(rois.predClass), annotations: undefined };
}

/**
 * How a decision names a row of an image, so that it is found again in another run.
 * @param id of the image. @param classes K names.
 * @returns undefined where the image has no such row.
 */
export function targetOfRow(
  id: string,
  tables: ImageTables,
  classes: readonly string[],
  what: 'object' | 'roi',
  row: number,
): DecisionTarget | undefined {
  const { boxes, labels } = rowsOf(what, tables, classes);
  const label = labels[row];
  if (label === undefined) return undefined;
  const box = [boxes.x1[row], boxes.y1[row], boxes.x2[row], boxes.y2[row]] as const;
  if (what === 'roi') return { image: id, roi: { label, box } };
  const annotation = tables.gts.annotation[row];
  return { image: id, object: { annotation: annotation === NONE ? null : annotation, label, box } };
}

/** The decisions on one image by what they are about now. */
export interface ImageDecisions {
  readonly image: Decision | undefined;
  /** By row. */
  readonly object: ReadonlyMap<number, Decision>;
  readonly roi: ReadonlyMap<number, Decision>;
}

export const NO_DECISIONS: ImageDecisions = { image: undefined, object: new Map(), roi: new Map() };

/**
 * Finds the rows again that decisions speak of; those whose row is gone are left out.
 * @param decisions of this image; of two that find the same row the later one counts.
 * Cost: the decisions times the rows of their kind.
 */
export function placeDecisions(
  decisions: readonly Decision[],
  tables: ImageTables,
  classes: readonly string[],
): ImageDecisions {
  const ofRows = (what: 'object' | 'roi') => {
    const placed = new Map<number, Decision>();
    if (!decisions.some((each) => each[what] !== undefined)) return placed;
    const { boxes, labels, annotations } = rowsOf(what, tables, classes);
    for (const each of decisions) {
      const there = each[what];
      const row = there === undefined ? NONE : rowOfDecision(there, boxes, labels, annotations);
      if (row !== NONE && isLater(each, placed.get(row))) placed.set(row, each);
    }
    return placed;
  };
  return { image: decisionOnImage(decisions), object: ofRows('object'), roi: ofRows('roi') };
}

/** The one on the image itself. */
export function decisionOnImage(decisions: readonly Decision[]): Decision | undefined {
  return decisions.find(({ object, roi }) => object === undefined && roi === undefined);
}

/** The decision on a place of the image. */
export function decisionAt(placed: ImageDecisions, what: Decidable, row: number): Decision | undefined {
  return what === 'image' ? placed.image : placed[what].get(row);
}

/** The decision on a RoI, else on its object. @param gt row of that object; NONE: it has none. */
export function decisionOnRoi({ roi, object }: ImageDecisions, row: number, gt: number): Decision | undefined {
  return roi.get(row) ?? object.get(gt);
}

function isLater(a: Decision, b: Decision | undefined): boolean {
  return b === undefined || Date.parse(a.at) >= Date.parse(b.at);
}
