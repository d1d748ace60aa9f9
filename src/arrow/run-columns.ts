/** The only list of a run file's columns: writer, readers, index and docs/run-file.md follow it (docs/adr/0005). */
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { NUM_BINS, type RoiRest } from '../core/roi-rest.js';
import { NUM_TOP } from '../core/tables.js';
import type { GtTable, RoiTable } from '../core/tables.js';

/** How a column is stored; `real` is float32 or float64 by the manifest's `precision`. */
export type Storage = 'utf8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'real';

export interface ColumnSpec<Key extends string> {
  /** Name in the file, as Python sees it. */
  readonly name: string;
  /** Name of the column in the table of the core. */
  readonly key: Key;
  readonly storage: Storage;
  /** Values a row, for columns that hold more than one: stored as a fixed-size list. */
  readonly stride?: number;
}

/** Columns of a RoiTable that are stored: `imageIndex` is the row of the file. */
export type RoiKey = Exclude<keyof RoiTable, 'numRois' | 'numClasses' | 'roiBox' | 'imageIndex' | 'rests'>;
export type GtKey = Exclude<keyof GtTable, 'numGts' | 'imageIndex'>;
export type SummaryKey = keyof ImageSummary;

/** Where the record batch with an image lies in its file: bytes [start, end). Examples share one. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Row of an image in its record batch: those that lie in the same bytes follow each other. Cost: the row. */
export function rowInBatch(ranges: Sliced<ByteRange>, imageIndex: number): number {
  const start = ranges.slice(imageIndex, imageIndex + 1)[0]?.start;
  let row = 0;
  for (let end = imageIndex; end > 0; end -= AT_ONCE)
    for (const range of ranges.slice(Math.max(0, end - AT_ONCE), end).reverse()) {
      if (range.start !== start) return row;
      row++;
    }
  return row;
}

/** An array, or a list of which items are read when they are asked for. */
interface Sliced<T> {
  slice(start: number, end: number): T[];
}

/** Ranges that are looked at at once. */
const AT_ONCE = 64;

const column = <Key extends string>(name: string, key: Key, storage: Storage, stride?: number): ColumnSpec<Key> =>
  stride === undefined ? { name, key, storage } : { name, key, storage, stride };

/** One value an image. They come first, so that a scan reads no RoI. */
export const SUMMARY_COLUMNS: readonly ColumnSpec<SummaryKey>[] = [
  column('id', 'id', 'utf8'),
  column('path', 'path', 'utf8'),
  column('annotation_path', 'annotationPath', 'utf8'),
  column('width', 'width', 'int32'),
  column('height', 'height', 'int32'),
  column('num_rois', 'numRois', 'int32'),
  column('num_gts', 'numGts', 'int32'),
  column('num_foreground', 'numForeground', 'int32'),
  column('num_selected', 'numSelected', 'int32'),
  column('num_ignored', 'numIgnored', 'int32'),
  column('num_invalid', 'numInvalid', 'int32'),
  column('loss_sum', 'lossSum', 'float64'),
  column('loss_mean', 'lossMean', 'float64'),
  column('loss_max', 'lossMax', 'float64'),
  column('entropy', 'entropy', 'float64'),
  column('mistakenness', 'mistakenness', 'float64'),
  column('error', 'error', 'utf8'),
];

/** One value a RoI, inside the list column `rois`. */
export const ROI_COLUMNS: readonly ColumnSpec<RoiKey>[] = [
  column('x1', 'x1', 'real'),
  column('y1', 'y1', 'real'),
  column('x2', 'x2', 'real'),
  column('y2', 'y2', 'real'),
  column('pred_x1', 'predX1', 'real'),
  column('pred_y1', 'predY1', 'real'),
  column('pred_x2', 'predX2', 'real'),
  column('pred_y2', 'predY2', 'real'),
  column('score', 'score', 'float32'),
  column('pred_class', 'predClass', 'int32'),
  column('gt_index', 'gtIndex', 'int32'),
  column('gt_class', 'gtClass', 'int32'),
  column('iou', 'iou', 'float32'),
  column('loss_cls', 'lossCls', 'real'),
  column('loss_loc', 'lossLoc', 'real'),
  column('entropy', 'entropy', 'float32'),
  column('el2n', 'el2n', 'float32'),
  column('top_class', 'topClass', 'int16', NUM_TOP),
  column('top_score', 'topScore', 'float32', NUM_TOP),
];

/** Columns of `rois` behind these in a run that keeps the hardest RoIs only. */
const KEPT_COLUMNS: readonly ColumnSpec<RoiKey>[] = [
  column('roi_index', 'roiIndex', 'int32'),
  column('sampled', 'sampled', 'uint8'),
];

/** One entry, or none where all RoIs are kept, inside the list column `rest` of such a run. */
export const REST_COLUMNS: readonly ColumnSpec<keyof RoiRest>[] = [
  column('num_background', 'numBackground', 'int32'),
  column('num_ignored', 'numIgnored', 'int32'),
  column('num_invalid', 'numInvalid', 'int32'),
  column('first_index', 'firstIndex', 'int32'),
  column('max_loss_cls', 'maxLossCls', 'float64'),
  column('max_loss_loc', 'maxLossLoc', 'float64'),
  column('max_score', 'maxScore', 'float32'),
  column('sum_loss_cls', 'sumLossCls', 'float64'),
  column('histogram', 'histogram', 'int32', NUM_BINS),
];

/** One value an object, inside the list column `gts`. */
export const GT_COLUMNS: readonly ColumnSpec<GtKey>[] = [
  column('x1', 'x1', 'float64'),
  column('y1', 'y1', 'float64'),
  column('x2', 'x2', 'float64'),
  column('y2', 'y2', 'float64'),
  column('gt_class', 'gtClass', 'int32'),
  column('is_crowd', 'isCrowd', 'uint8'),
  column('is_difficult', 'isDifficult', 'uint8'),
  column('annotation', 'annotation', 'int32'),
];

/** What an example's columns leave out: its box is the whole image, its object the one that it has. */
const KNOWN_OF_EXAMPLES: ReadonlySet<string> = new Set<RoiKey | GtKey | SummaryKey>([
  'x1',
  'y1',
  'x2',
  'y2',
  'predX1',
  'predY1',
  'predX2',
  'predY2',
  'gtIndex',
  'isCrowd',
  'isDifficult',
  'lossMean',
  'lossMax',
]);

const ofExamples = <Key extends string>(columns: readonly ColumnSpec<Key>[]): readonly ColumnSpec<Key>[] =>
  columns.filter(({ key }) => !KNOWN_OF_EXAMPLES.has(key));

/** Of an example there is one or none. */
const asCount = (spec: ColumnSpec<SummaryKey>): ColumnSpec<SummaryKey> =>
  spec.key.startsWith('num') ? { ...spec, storage: 'uint8' } : spec;

/** How the rows of a run look. */
export interface RowFormat {
  readonly summary: readonly ColumnSpec<SummaryKey>[];
  readonly rois: readonly ColumnSpec<RoiKey>[];
  readonly gts: readonly ColumnSpec<GtKey>[];
  /** There is a list `rest`. */
  readonly hasRest: boolean;
  /** A record batch has many images, and only what is not known of an example (docs/adr/0028). */
  readonly isOfExamples: boolean;
}

const ALL_KEPT: RowFormat = {
  summary: SUMMARY_COLUMNS,
  rois: ROI_COLUMNS,
  gts: GT_COLUMNS,
  hasRest: false,
  isOfExamples: false,
};

/** By `ohemRun` of the manifest. */
const ROW_FORMATS: Readonly<Record<RunManifest['ohemRun'], RowFormat>> = {
  1: ALL_KEPT,
  2: { ...ALL_KEPT, rois: [...ROI_COLUMNS, ...KEPT_COLUMNS], hasRest: true },
  3: {
    summary: ofExamples(SUMMARY_COLUMNS).map(asCount),
    rois: ofExamples(ROI_COLUMNS),
    gts: ofExamples(GT_COLUMNS),
    hasRest: false,
    isOfExamples: true,
  },
};

export function rowFormat({ ohemRun }: Pick<RunManifest, 'ohemRun'>): RowFormat {
  return ROW_FORMATS[ohemRun];
}

/** One row an image of the index behind the stream: the summary and where the record batch lies. */
export const RANGE_COLUMNS: readonly ColumnSpec<keyof ByteRange>[] = [
  column('start', 'start', 'int64'),
  column('end', 'end', 'int64'),
];

/** Names of the list columns, in file order behind the summary. */
export const ROIS = 'rois';
export const GTS = 'gts';
export const REST = 'rest';

/** Key of the schema's metadata that holds the RunManifest as JSON. */
export const MANIFEST_KEY = 'ohem';
/** Key of the schema's metadata that holds the XXH32 of that JSON, hex: the run's images are sealed (checksum.ts). */
export const CHECKSUM_KEY = 'ohem_xxh32';
