/** Which rows of a run an export takes. */
import { selectHardExamples, selectHardest } from '../../core/mining/select.js';
import { predictedClasses } from '../../core/predictions.js';
import { NONE, Status, STATUS_NAMES } from '../../core/tables.js';
import type { Decided } from '../../core/triage/decisions.js';
import { filterRows } from '../../core/triage/row-filters.js';
import type { ExportScope } from '../../protocol/gallery-messages.js';
import { GalleryShelf, type GallerySource } from '../gallery/open-gallery.js';
import type { DecidedImages } from './decided-images.js';
import type { RunBatch } from '../file/read-run.js';
import type { Wording } from '../query/selected-rois.js';

/** What is taken of a minibatch. */
export interface ChosenRows {
  /** Rows of the minibatch, hardest first. */
  readonly rows: readonly number[];
  /** By place of the image in the minibatch: it is taken though none of its rows is, and of its objects these. */
  readonly images: ReadonlyMap<number, ReadonlySet<number> | null>;
}

export interface RowChoice {
  /** How the run is decided for it. */
  readonly select: typeof selectHardest;
  of(batch: RunBatch): ChosenRows;
}

/**
 * @param scope undefined: every selected RoI.
 * @param gallery what the items of a scope are of.
 * @param decided what people decided on the run.
 * @throws MiningError 'run-file'; of rows by their verdict as `DecidedImages.has`.
 * Cost: of a scope of items as of opening the gallery.
 */
export async function rowChoice(
  scope: ExportScope | undefined,
  gallery: GallerySource,
  wording: Wording,
  decided: DecidedImages,
): Promise<RowChoice> {
  if (scope?.of === 'rows')
    return { select: selectHardExamples, of: (batch) => filtered(batch, scope, wording, decided.onRows(batch)) };
  if (scope?.of === 'items') return itemChoice(scope.query, gallery);
  return { select: selectHardest, of: (batch) => ({ rows: [...selectedRows(batch)], images: new Map() }) };
}

function* selectedRows({ selection: { order, status } }: RunBatch): Generator<number> {
  for (const row of order) if (status[row] === Status.selected) yield row;
}

/** Ranked rows hardest first, then those that are not ranked. */
function filtered(
  { rois, selection: { order, status } }: RunBatch,
  { statuses, filters, background }: Extract<ExportScope, { of: 'rows' }>,
  { classes, backgroundBelow }: Wording,
  decidedOf: (row: number) => Decided,
): ChosenRows {
  const names = [...classes, background];
  const passes = filterRows(rois, predictedClasses(rois, backgroundBelow), status, filters, names, decidedOf);
  const takes = (row: number) =>
    passes[row] === 1 && statuses.some((name) => STATUS_NAMES.indexOf(name) === status[row]);
  const unranked = [...status.keys()].filter((row) => status[row] === Status.ignored || status[row] === Status.invalid);
  return { rows: [...order, ...unranked].filter(takes), images: new Map() };
}

type Query = Extract<ExportScope, { of: 'items' }>['query'];

async function itemChoice(query: Query, source: GallerySource): Promise<RowChoice> {
  const watch = { tell: () => {}, warn: () => {} };
  const asked = { kind: query.kind, besideOf: source.runPath };
  const gallery = await new GalleryShelf().open(source, asked, watch, new AbortController().signal);
  const byImage = new Map<number, { readonly rows: Set<number>; readonly gts: Set<number> }>();
  for (const { imageIndex, row, gt } of gallery.places(query)) {
    const found = byImage.get(imageIndex) ?? { rows: new Set(), gts: new Set() };
    byImage.set(imageIndex, found);
    if (row !== NONE) found.rows.add(row);
    if (gt !== NONE) found.gts.add(gt);
  }
  return {
    // Rows that are not selected have their own status, too.
    select: query.kind === 'detections' ? selectHardExamples : selectHardest,
    of(batch) {
      const { rois, rowStart, firstImage, images } = batch;
      const placeOf = (row: number) => rois.imageIndex[row] ?? NONE;
      const imageOf = (row: number) => byImage.get(firstImage + placeOf(row));
      const isListed = (row: number) => imageOf(row)?.rows.has(row - (rowStart[placeOf(row)] ?? 0)) ?? false;
      const ofObject = (row: number) => imageOf(row)?.gts.has(rois.gtIndex[row] ?? NONE) ?? false;
      const takes: Record<Query['kind'], (row: number) => boolean> = {
        rois: isListed,
        detections: isListed,
        objects: ofObject,
        suspects: (row) => isListed(row) || ofObject(row),
        images: (row) => imageOf(row) !== undefined,
      };
      const rows = query.kind === 'detections' ? batch.selection.order : selectedRows(batch);
      const there = [...images.keys()].filter((place) => byImage.has(firstImage + place));
      const listed = (place: number) =>
        query.kind === 'objects' ? (byImage.get(firstImage + place)?.gts ?? null) : null;
      return {
        rows: [...rows].filter(takes[query.kind]),
        images: new Map(there.map((place) => [place, listed(place)])),
      };
    },
  };
}
