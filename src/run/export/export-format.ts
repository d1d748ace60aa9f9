import type { ImageOrder } from '../../core/facts/image-orders.js';
import type { ImageSummary, RunManifest } from '../../core/facts/run-manifest.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { GtTable } from '../../core/tables.js';
import type { Verdict } from '../../core/triage/decisions.js';
import type { ExportFormatFacts } from '../../protocol/worker-messages.js';
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
  /** Selected RoIs, hardest first. */
  readonly rows: readonly RoiRecord[];
  /** The images of those rows, in file order. */
  readonly images: readonly ExportImage[];
}

export interface ExportImage {
  /** As in the rows. */
  readonly imageIndex: number;
  /** By the definition of a hard example that chose the rows. */
  readonly summary: ImageSummary;
  readonly gts: GtTable;
}

/** A file format for selected RoIs. A new one is one file and one line of `EXPORT_FORMATS`. */
export interface ExportFormat extends ExportFormatFacts {
  /** What the file holds, for docs and help. */
  readonly holds: string;
  /**
   * The file's text, piece by piece.
   * @param batches by minibatch, in file order; read once.
   * Cost: one minibatch in memory, for formats that sort a line an image as well.
   */
  write(source: ExportSource, batches: AsyncIterable<ExportBatch>): AsyncIterable<string>;
}
