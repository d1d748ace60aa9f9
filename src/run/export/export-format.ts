import type { ImageOrder } from '../../core/facts/image-orders.js';
import type { ImageSummary, RunManifest } from '../../core/facts/run-manifest.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { GtTable } from '../../core/tables.js';
import type { Verdict } from '../../core/triage/decisions.js';
import type { ExportScope } from '../../protocol/gallery-messages.js';
import type { ExportFormatFacts } from '../../protocol/worker-messages.js';
import type { FolderFile } from '../../files/replace-folder.js';
import type { RunExtent } from '../file/read-run.js';
import type { RoiRecord } from '../query/selected-rois.js';

/** Which rows are written, and how they are told. */
export interface ExportChoice {
  readonly mining: MiningConfig;
  /** Detection score below which a prediction is background, [0, 1]. */
  readonly backgroundBelow: number;
  /** What makes an image hard: the order of formats that list images, and of `most`. */
  readonly order: ImageOrder;
  /** The hardest images only, so many; null all. */
  readonly most: number | null;
  /** Only images on which, or on an object or a RoI of which, one of these was decided; absent: all. */
  readonly verdicts?: readonly Verdict[];
  /** Absent: every selected RoI. */
  readonly scope?: ExportScope;
}

/** What is exported from. */
export interface ExportSource extends ExportChoice {
  /** Of the run file. */
  readonly path: string;
  readonly manifest: RunManifest;
  readonly extent: RunExtent;
}

/** A minibatch's part of an export. */
export interface ExportBatch {
  /** RoIs that are exported, the selected ones where nobody says otherwise; hardest first. */
  readonly rows: readonly RoiRecord[];
  /** The images of those rows, or of the objects that are exported; in file order. */
  readonly images: readonly ExportImage[];
}

export interface ExportImage {
  /** As in the rows. */
  readonly imageIndex: number;
  /** By the definition of a hard example that chose the rows. */
  readonly summary: ImageSummary;
  readonly gts: GtTable;
  /** Somebody decided to leave it out of training. */
  readonly isIgnored: boolean;
  /** Rows of `gts` of which somebody decided so. */
  readonly ignoredGts: ReadonlySet<number>;
  /** Rows of `gts` that are exported where objects are listed by themselves; null: all. */
  readonly listedGts: ReadonlySet<number> | null;
}

/** What all formats say of themselves. A new one is one file and one line of `EXPORT_FORMATS`. */
interface FormatFacts extends ExportFormatFacts {
  /** What the file or folder holds, for docs and help. */
  readonly holds: string;
}

/** A format that is one text. */
export interface TextFormat extends FormatFacts {
  readonly extension: string;
  /**
   * The file's text, piece by piece.
   * @param batches by minibatch, in file order; read once.
   * Cost: one minibatch in memory, for formats that sort a line an image as well.
   */
  text(source: ExportSource, batches: AsyncIterable<ExportBatch>): AsyncIterable<string>;
}

/** A format that is a folder of files. */
export interface FolderFormat extends FormatFacts {
  readonly extension: null;
  /** The folder's files, one by one; `batches` and cost as of a text. */
  files(source: ExportSource, batches: AsyncIterable<ExportBatch>): AsyncIterable<FolderFile>;
}

export type ExportFormat = TextFormat | FolderFormat;
