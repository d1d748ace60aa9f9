/** A run's items, ready for questions. What has been computed for one question serves the next. */
import { rankRows } from '../../core/rank.js';
import type { Decision } from '../../core/triage/decisions.js';
import { SUSPICIONS } from '../../core/triage/label-suspects.js';
import { decisionAt } from '../../core/triage/placed-decisions.js';
import {
  decidedPlace,
  type FacetCounts,
  type GalleryAnswer,
  type GalleryItem,
  type GalleryPage,
  type GalleryQuery,
  type GallerySort,
  type ItemKind,
  type SimilarTo,
} from '../../protocol/gallery-messages.js';
import type { GalleryItems } from './build-gallery.js';
import { predictionOf, type RunFacts } from './facets/facet.js';
import { FACETS } from './facets/index.js';
import { allocateItems, type Items } from './items.js';
import type { PlacedDecisions } from './run-decisions.js';
import type { Similarities } from './similar/find-similar.js';
import type { SuspectItems } from './suspect-items.js';
import { bitOf, codesOf, countCodes, failures, groupRows, passingRows, type Codes } from './filter-items.js';

/** Larger comes first. */
const SORT_KEYS: Readonly<Record<GallerySort, (items: Items, row: number) => number>> = {
  loss: ({ loss }, row) => loss[row],
  score: ({ score }, row) => score[row],
  iou: ({ iou }, row) => -iou[row],
  size: ({ x1, y1, x2, y2 }, row) => (x1[row] - x2[row]) * (y2[row] - y1[row]),
  doubt: (_, row) => -row,
};

const NO_ITEMS = allocateItems(0);

interface Found {
  readonly answer: GalleryAnswer;
  /** Items that pass, in the order in which they are shown. */
  readonly rows: Int32Array;
}

/** What an item stands for. */
export type ItemPlace = Pick<GalleryItem, 'imageIndex' | 'row' | 'gt'>;

export class Gallery {
  readonly #codes = new Map<ItemKind, readonly Codes[]>();
  readonly #orders = new Map<string, Int32Array>();
  #decisions: PlacedDecisions = new Map();
  #suspects: SuspectItems | null = null;
  #similar: Similarities | null = null;
  #last: { readonly question: string; readonly found: Found } | undefined;

  constructor(
    private readonly gallery: GalleryItems,
    private readonly run: RunFacts,
  ) {}

  /** Takes the decisions as they are now; the same object changes nothing. */
  setDecisions(decisions: PlacedDecisions): void {
    if (decisions === this.#decisions) return;
    this.#decisions = decisions;
    this.#codes.clear();
    this.#last = undefined;
  }

  get hasSuspects(): boolean {
    return this.#suspects !== null;
  }

  /** Takes the labels to check; without them there are none. */
  setSuspects(suspects: SuspectItems): void {
    this.#suspects = suspects;
    this.#codes.delete('suspects');
    this.#orders.clear();
    this.#last = undefined;
  }

  /** Takes how alike items are to what the next questions are about; without it they have the order of their `sort`. */
  setSimilar(similar: Similarities | null): void {
    if (similar === this.#similar) return;
    this.#similar = similar;
    this.#last = undefined;
  }

  /** Filters, counts, sorts and groups. Cost: linear in the items of the kind, for each facet once. */
  query(query: GalleryQuery): GalleryAnswer {
    return this.#find(query).answer;
  }

  /** Items [first, first + most) of those that pass; fewer at the end. */
  page({ query, first, most }: GalleryPage): readonly GalleryItem[] {
    const rows = this.#find(query).rows.subarray(first, first + most);
    const similar = this.#similarTo(query);
    return Array.from(rows, (row) => this.#itemAt(query.kind, row, similar));
  }

  /** Places of the items that pass, in no order. */
  *places({ kind, where }: Pick<GalleryQuery, 'kind' | 'where'>): Generator<ItemPlace> {
    const { image, row, gt } = this.itemsOf(kind);
    for (const item of this.#find({ kind, where, sort: 'loss', group: null }).rows)
      yield { imageIndex: image[item], row: row[item], gt: gt[item] };
  }

  /** Places of the images of the items that pass, those with the hardest items first. */
  imagesOf({ kind, where }: Pick<GalleryQuery, 'kind' | 'where'>): readonly number[] {
    const { image } = this.itemsOf(kind);
    const { rows } = this.#findAnew({ kind, where, sort: 'loss', group: null });
    return [...new Set(Array.from(rows, (row) => image[row]))];
  }

  #find(query: GalleryQuery): Found {
    const question = JSON.stringify(query);
    if (this.#last?.question !== question) this.#last = { question, found: this.#findAnew(query) };
    return this.#last.found;
  }

  #findAnew(query: GalleryQuery): Found {
    const { kind, where, sort, group } = query;
    const similar = this.#similarTo(query);
    const { numImages, numLeftOut } = this.gallery;
    const { length } = this.itemsOf(kind);
    const codes = this.#codesOf(kind);
    const failed = failures(codes, where, length);
    const order = similar === null ? this.#orderOf(kind, sort) : orderItems(length, (row) => similar.values[row]);
    const passing = passingRows(order, failed);
    const grouping = codes.find(({ facet }) => facet.id === group);
    const { rows, groups } = groupRows(passing, grouping);
    const answer: GalleryAnswer = {
      numItems: length,
      numShown: rows.length,
      numImages,
      numLeftOut: kind === 'rois' ? numLeftOut : 0,
      facets: codes.map((each) => facetCounts(each, failed, where[each.facet.id] ?? [])),
      groups,
      confusion: this.#confusion(codes, failed),
      suspects: kind === 'suspects' ? (this.#suspects?.facts ?? null) : null,
      similar: similar?.facts ?? null,
    };
    return { answer, rows };
  }

  #codesOf(kind: ItemKind): readonly Codes[] {
    const known = this.#codes.get(kind);
    if (known !== undefined) return known;
    const items = this.itemsOf(kind);
    const run = { ...this.run, decisionOf: (row: number) => this.#decisionOf(kind, items, row) };
    const codes = FACETS.map((facet, place) => codesOf(facet, place, items, run));
    this.#codes.set(kind, codes);
    return codes;
  }

  #orderOf(kind: ItemKind, sort: GallerySort): Int32Array {
    const name = `${kind} ${sort}`;
    const known = this.#orders.get(name);
    if (known !== undefined) return known;
    const items = this.itemsOf(kind);
    const key = SORT_KEYS[sort];
    const order = orderItems(items.length, (row) => key(items, row));
    this.#orders.set(name, order);
    return order;
  }

  #confusion(codes: readonly Codes[], failed: Uint16Array): GalleryAnswer['confusion'] {
    const [label, prediction] = ['label', 'prediction'].map((id) => codes.find(({ facet }) => facet.id === id));
    if (label === undefined || prediction === undefined) return [];
    const numNames = this.run.classes.length + 1;
    const others = ~(bitOf(label) | bitOf(prediction));
    const counts = new Map<number, number>();
    for (let row = 0; row < failed.length; row++) {
      if ((failed[row] & others) !== 0) continue;
      const [given, said] = [label.codes[row], prediction.codes[row]];
      if (given >= numNames || said >= numNames) continue;
      const cell = given * numNames + said;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    return [...counts].map(([cell, count]) => [Math.floor(cell / numNames), cell % numNames, count] as const);
  }

  itemsOf(kind: ItemKind): Items {
    return kind === 'suspects' ? (this.#suspects?.items ?? NO_ITEMS) : this.gallery.items[kind];
  }

  /** What has been found for this question. */
  #similarTo({ kind, similarTo }: Pick<GalleryQuery, 'kind' | 'similarTo'>): Similarities | null {
    const found = this.#similar;
    return found !== null && found.kind === kind && isSame(found.to, similarTo) ? found : null;
  }

  #decisionOf(kind: ItemKind, { image, row, gt }: Items, place: number): Decision | undefined {
    const placed = this.#decisions.get(image[place]);
    if (placed === undefined) return undefined;
    const about = decidedPlace(kind, { imageIndex: image[place], row: row[place], gt: gt[place] });
    return decisionAt(placed, about.what, about.row);
  }

  #itemAt(kind: ItemKind, row: number, similar: Similarities | null): GalleryItem {
    const items = this.itemsOf(kind);
    return {
      imageIndex: items.image[row],
      row: items.row[row],
      gt: items.gt[row],
      annotation: items.annotation[row],
      label: items.label[row],
      prediction: predictionOf(items, row, this.run),
      selected: items.selected[row] === 1,
      score: known(items.score[row]),
      iou: known(items.iou[row]),
      loss: known(items.loss[row]),
      suspicion: suspicionOf(items, row),
      similarity: known(similar?.values[row] ?? NaN),
      decision: this.#decisionOf(kind, items, row) ?? null,
      box: [items.x1[row], items.y1[row], items.x2[row], items.y2[row]],
    };
  }
}

function suspicionOf({ suspicions }: Items, row: number): GalleryItem['suspicion'] {
  if (suspicions === undefined) return null;
  return { kind: SUSPICIONS[suspicions.kind[row]].id, score: suspicions.score[row] };
}

function isSame(a: SimilarTo, b: SimilarTo | undefined): boolean {
  return b !== undefined && a.imageIndex === b.imageIndex && a.what === b.what && a.row === b.row;
}

/** All rows, largest key first, equal ones by row; those without a finite key last. */
function orderItems(length: number, key: (row: number) => number): Int32Array {
  const keys = new Float64Array(length);
  const rows = new Int32Array(length);
  for (let row = 0; row < length; row++) {
    const value = key(row);
    keys[row] = Number.isFinite(value) ? value : -Number.MAX_VALUE;
    rows[row] = row;
  }
  return rankRows(keys, rows);
}

function facetCounts(codes: Codes, failed: Uint16Array, picked: readonly number[]): FacetCounts {
  const { id, title, shape } = codes.facet;
  const counts = countCodes(codes, failed);
  const values = codes.names.map((name, code) => ({ code, name, count: counts[code] }));
  const isShown = (code: number, count: number) => shape === 'histogram' || count > 0 || picked.includes(code);
  return { id, title, shape, values: values.filter(({ code, count }) => isShown(code, count)) };
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
