/** RoI dumps: what a training script says of its own RoIs. Format: docs/roi-dump.md, version 1. */
import type { Phrase } from '../../core/said.js';
import type { Task } from '../../core/tables.js';

export interface DumpHeader {
  readonly task: Task;
  /** K foreground class names. */
  readonly classes: readonly string[];
  /** The label that means background: 0, K, or null where there is none. */
  readonly background: number | null;
  /** null: the dump gives losses, not logits. */
  readonly activation: 'softmax' | 'sigmoid' | null;
}

/** One image of a dump, as it was written: labels are the dump's own, columns that it lacks are null. */
export interface DumpImage {
  /** `line 3`: where errors point. */
  readonly where: Phrase;
  readonly image: string;
  /** px; 0 unknown. */
  readonly width: number;
  readonly height: number;
  readonly numRois: number;
  /** R labels; -1 ignore. */
  readonly label: Int32Array;
  /** R * 4: x1, y1, x2, y2; null for classification. */
  readonly rois: Float64Array | null;
  /** R * numColumns. */
  readonly logits: Float64Array | null;
  readonly numColumns: number;
  readonly lossCls: Float64Array | null;
  /** R * 4 encoded deltas. */
  readonly locPred: Float64Array | null;
  readonly locTarget: Float64Array | null;
  readonly lossLoc: Float64Array | null;
  readonly score: Float64Array | null;
  /** R labels in the dump's own numbering. */
  readonly predLabel: Int32Array | null;
  /** R * 4. */
  readonly predBoxes: Float64Array | null;
  /** R places in `gts`; -1 none. */
  readonly matchedGt: Int32Array | null;
  readonly iou: Float64Array | null;
  readonly gts: DumpGts | null;
}

export interface DumpGts {
  readonly numGts: number;
  /** G * 4. */
  readonly boxes: Float64Array;
  readonly label: Int32Array;
  readonly crowd: Uint8Array;
}

export interface Dump {
  readonly path: string;
  readonly header: DumpHeader;
  /** null: only reading to the end tells. */
  readonly numImages: number | null;
  /** In the order of the file; can be read once. @throws MiningError 'dump' at the first image that is wrong. */
  readonly images: AsyncIterable<DumpImage>;
}
