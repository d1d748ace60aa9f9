import type { MiningConfig, OptionKey, PresetId } from '../mining-options.js';
import type { RoiTable, Selection } from '../../tables.js';

/** A named definition of "hard": which RoIs of a minibatch train. One file each in this folder. */
export interface Sampler {
  readonly id: PresetId;
  /** A few words for a menu: `loss NMS, B/N per image`. */
  readonly title: string;
  /** Paper section or repository path that defines it, with any deviation. */
  readonly source: string;
  /** `image`: each image of a minibatch is decided alone; `minibatch`: all its images are needed together. */
  readonly scope: 'image' | 'minibatch';
  /** Options that the sampler reads; others are shown greyed. */
  readonly options: readonly OptionKey[];
  /** Where this preset's defaults differ from the options' own. */
  readonly defaults?: Partial<Omit<MiningConfig, 'preset'>>;
  /**
   * Decides one minibatch.
   * @param rois rows of all images of the minibatch, images contiguous; zero rows give an empty selection.
   */
  sample(rois: RoiTable, config: MiningConfig): Selection;
  /**
   * As `sample`, but of the rows that are not selected only the ignored and invalid ones are told apart: the search
   * stops when the budget is filled. Absent where that is no faster.
   */
  sampleHardest?(rois: RoiTable, config: MiningConfig): HardestSelection;
}

/** Who is selected, what ranked them, and who never took part; all other rows read below budget. */
export type HardestSelection = Pick<Selection, 'status' | 'order' | 'rankLoss'>;
