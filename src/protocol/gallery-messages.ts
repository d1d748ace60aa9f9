/** What is asked about a run's gallery, and answered: by the panel of the host, by the host of the engine process. */
import * as v from 'valibot';
import { NONE, STATUS_NAMES } from '../core/tables.js';
import { GROUNDS } from '../core/triage/row-filters.js';
import { DECIDED_IDS, type Decision } from '../core/triage/decisions.js';
import type { SureScores } from '../core/triage/label-quality.js';
import type { Suspicion } from '../core/triage/label-suspects.js';
import { DECIDABLES, type DecidedPlace } from '../core/triage/placed-decisions.js';
import { name, whole } from './check.js';

/** What a cell of the gallery can stand for in every run: a selected RoI, a detection, an object, an image. */
export const STORED_KINDS = ['rois', 'detections', 'objects', 'images'] as const;
export type StoredKind = (typeof STORED_KINDS)[number];
/** And a label to check. */
export const ITEM_KINDS = [...STORED_KINDS, 'suspects'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** `doubt`: of labels to check, the order of that list. */
export const GALLERY_SORTS = ['loss', 'score', 'iou', 'size', 'doubt'] as const;
export type GallerySort = (typeof GALLERY_SORTS)[number];

/** Most items of one page. */
export const MAX_PAGE = 500;

/** Images that are looked at for their features before somebody asks for more: half a minute or so on two cores. */
export const FIRST_LOOK = 100;

/** What items are to be alike to: an object or RoI of an image, or all of it. */
export const similarTo = v.object({
  imageIndex: whole(0, 2 ** 31),
  what: v.picklist(DECIDABLES),
  row: whole(NONE, 2 ** 31),
  /** Images that the checkpoint looks at, at most, those of the hardest items that pass first; more may be known. */
  most: whole(0, 2 ** 31),
});
export type SimilarTo = Readonly<v.InferOutput<typeof similarTo>>;

export const galleryQuery = v.object({
  kind: v.picklist(ITEM_KINDS),
  /** By facet the codes of the values that pass; of a facet that is left out all do. */
  where: v.record(v.string(), v.array(whole(0, 2 ** 16))),
  sort: v.picklist(GALLERY_SORTS),
  /** Facet by whose values the items stand together; null none. */
  group: v.nullable(name),
  /** Orders them in the place of `sort`; not of labels to check. */
  similarTo: v.exactOptional(similarTo),
});
export type GalleryQuery = Readonly<v.InferOutput<typeof galleryQuery>>;

export const galleryPage = v.object({
  query: galleryQuery,
  /** Place of the first item wanted. */
  first: whole(0, 2 ** 31),
  most: whole(1, MAX_PAGE),
});
export type GalleryPage = Readonly<v.InferOutput<typeof galleryPage>>;

/** How far a run is read for its gallery. */
export interface GalleryProgress {
  /** Images. */
  readonly numDone: number;
  readonly numTotal: number;
}

/** What a query finds. Counts of a facet are of the items that pass all other facets. */
export interface GalleryAnswer {
  /** Items of the kind, and those that pass. */
  readonly numItems: number;
  readonly numShown: number;
  /** Images of the run that were read for it. */
  readonly numImages: number;
  /** Selected RoIs that are not listed, of images where very many are selected. */
  readonly numLeftOut: number;
  readonly facets: readonly FacetCounts[];
  /** Where each group begins is the sum of those before it; one without a name where nothing is grouped. */
  readonly groups: readonly { readonly name: string; readonly count: number }[];
  /**
   * Items by label and prediction, [0, K] each, that pass all facets but these two; pairs without an item are absent.
   */
  readonly confusion: readonly (readonly [label: number, prediction: number, count: number])[];
  /** Of labels to check: what a person should know of their scores; null of other items. */
  readonly suspects: SuspectFacts | null;
  /** Where they are asked by what they are alike to. */
  readonly similar: SimilarFacts | null;
}

/** How much is known of what items are alike to. */
export interface SimilarFacts {
  /** Images of the items that pass: how many the checkpoint has looked at, and all. */
  readonly numLooked: number;
  readonly numImages: number;
  /** Of those that it has looked at: pixels that could not be read. */
  readonly numFailed: number;
  /** The tensor that the features are from. */
  readonly features: string;
  /** The checkpoint's files, its contract among them, are others than those of the run. */
  readonly isOther: boolean;
}

export interface SuspectFacts {
  /** Scores above which predictions were asked; null in classification. */
  readonly sure: SureScores | null;
  /** Images that were read; scores of a part of the data set are provisional. */
  readonly numImages: number;
  readonly numInDataset: number;
  readonly complete: boolean;
  /** Images without a measure, whose labels are not checked. */
  readonly numFailed: number;
  /** They look like images of the training, whose wrong labels may have been learnt. */
  readonly ofTraining: boolean;
}

export interface FacetCounts {
  readonly id: string;
  readonly title: string;
  /** `histogram`: all bins of a number, in order; `list`: the values that occur or are picked. */
  readonly shape: 'list' | 'histogram';
  readonly values: readonly { readonly code: number; readonly name: string; readonly count: number }[];
}

/** A cell of the gallery. Numbers that nobody knows are null. */
export interface GalleryItem {
  readonly imageIndex: number;
  /** RoI and object of the image; NONE. */
  readonly row: number;
  readonly gt: number;
  /** Where the object stands in its annotation file; NONE. */
  readonly annotation: number;
  /** [0, K], K background; NONE unknown. */
  readonly label: number;
  readonly prediction: number;
  readonly selected: boolean;
  readonly score: number | null;
  readonly iou: number | null;
  readonly loss: number | null;
  /** Of a label to check: why, and how doubtful, [0, 1], low: look; null of other items. */
  readonly suspicion: { readonly kind: Suspicion; readonly score: number } | null;
  /** Cosine of its features with those that it is to be alike to, [-1, 1]; null: not asked, or not looked at. */
  readonly similarity: number | null;
  /** What somebody decided on it; null: nobody. */
  readonly decision: Decision | null;
  /** What to cut out of the image, px. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** What a decision on an item is about. A label to check is its object; without one, the RoI; else the image. */
export function decidedPlace(kind: ItemKind, item: Pick<GalleryItem, 'imageIndex' | 'row' | 'gt'>): DecidedPlace {
  const { imageIndex, row, gt } = item;
  const ofImage = kind === 'images' || (row === NONE && gt === NONE);
  if (ofImage) return { imageIndex, what: 'image', row: NONE };
  const ofObject = kind === 'objects' || (kind === 'suspects' && gt !== NONE);
  return ofObject ? { imageIndex, what: 'object', row: gt } : { imageIndex, what: 'roi', row };
}

/** A cell as the panel shows it. */
export interface PanelItem extends GalleryItem {
  /** Id of the image. */
  readonly id: string;
  /** Loadable by the webview; null where the pixels are unknown or must be converted first. */
  readonly uri: string | null;
  /** Upright size of the image, px; 0 unknown. */
  readonly width: number;
  readonly height: number;
}

const aClass = v.nullable(whole(0, 2 ** 16));

/** What of a run is exported: what a panel shows of it, or what the command line names. */
export const exportScope = v.variant('of', [
  /** RoIs of these statuses that pass the filters of a list. */
  v.strictObject({
    of: v.literal('rows'),
    /** What the filter's text may call the background. */
    background: v.string(),
    statuses: v.pipe(v.array(v.picklist(STATUS_NAMES)), v.readonly()),
    filters: v.strictObject({
      ground: v.picklist(GROUNDS),
      status: v.nullable(v.picklist(STATUS_NAMES)),
      label: aClass,
      prediction: aClass,
      wrong: v.boolean(),
      text: v.string(),
      verdict: v.nullable(v.picklist(DECIDED_IDS)),
    }),
  }),
  /** Items of the gallery that pass its facets: RoIs, detections, objects or images. */
  v.strictObject({ of: v.literal('items'), query: galleryQuery }),
]);
export type ExportScope = Readonly<v.InferOutput<typeof exportScope>>;
