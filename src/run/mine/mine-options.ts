/** What a person asks for when mining; the CLI's flags and the editor's picks become this. */
import type { MeasureConfig } from '../../core/losses/detector-output.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { DatasetOptions } from '../../dataset/dataset.js';

export interface MineOptions {
  readonly checkpointPath: string;
  readonly datasetPath: string;
  readonly dataset: DatasetOptions;
  readonly outPath: string;
  readonly mining: MiningConfig;
  /** In place of `mining` where the data set turns out to be one of classification; absent: `mining` there too. */
  readonly classificationMining?: MiningConfig;
  /** Changes to the family's own measure defaults. */
  readonly measure: Partial<MeasureConfig>;
  /** Backend id to pin; null: the best that runs here. */
  readonly backend: string | null;
  /** Mine the first n images only; null: all. */
  readonly limit: number | null;
  /** Continue `outPath` where a killed run stopped. */
  readonly resume: boolean;
  /**
   * Seconds without a forward or an image after which the backend is taken to hang and the process ends; 0: never;
   * absent: TIME_LIMIT_S.
   */
  readonly timeLimitS?: number;
  /** Replace an `outPath` that exists. */
  readonly force?: boolean;
}
