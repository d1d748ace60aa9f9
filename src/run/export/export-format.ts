import type { RunManifest } from '../../core/facts/run-manifest.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { ExportFormatFacts } from '../../protocol/worker-messages.js';
import type { RunExtent } from '../file/read-run.js';
import type { RoiRecord } from '../query/selected-rois.js';

/** What is exported from: a run, and the definition of a hard example that chose the rows. */
export interface ExportSource {
  /** Of the run file. */
  readonly path: string;
  readonly manifest: RunManifest;
  readonly extent: RunExtent;
  readonly config: MiningConfig;
  /** Detection score below which `predicted` is background. */
  readonly backgroundBelow: number;
}

/** A file format for selected RoIs. A new one is one file and one line of `EXPORT_FORMATS`. */
export interface ExportFormat extends ExportFormatFacts {
  /**
   * The file's text, piece by piece.
   * @param batches rows by minibatch, hardest first; read once.
   * Cost: one minibatch in memory.
   */
  write(source: ExportSource, batches: AsyncIterable<readonly RoiRecord[]>): AsyncIterable<string>;
}
