import type { NumberOption } from '../../option-specs.js';
import type { RoiTable, Selection } from '../../tables.js';
import type { SharedOptions } from '../shared-options.js';
import type { LastSteps } from './judge.js';

/** What a preset is given: the shared options and its own. */
export type OptionsOf<Own extends string> = SharedOptions & Readonly<Record<Own, number>>;

/**
 * A named definition of "hard": which RoIs of a minibatch train. One file each in this folder, one line in `index.ts`;
 * everything that lists presets or options follows.
 */
export interface SamplerSpec<Id extends string, Own extends string> {
  readonly id: Id;
  /** A few words for a menu: `loss NMS, B/N per image`. */
  readonly title: string;
  /** Paper section or repository path that defines it, with any deviation. */
  readonly source: string;
  /** `image`: each image of a minibatch is decided alone; `minibatch`: all its images are needed together. */
  readonly scope: 'image' | 'minibatch';
  /** What it ranks by, its mining NMS, its budget: a row of the table in docs/semantics.md. */
  readonly rule: { readonly ranks: string; readonly nms: string; readonly keeps: string };
  /**
   * What a training step needs before this preset can choose: every RoI's loss, nothing (the choice is blind), or
   * rounds over the whole data set between the steps.
   */
  readonly looks: 'at losses' | 'blind' | 'in rounds';
  /** RoIs labelled IGNORE take part, without a class loss. */
  readonly ignoredTakePart?: true;
  /** Options that only this preset reads, in the order in which a person meets them. */
  readonly own?: { readonly [Key in Own]?: NumberOption };
  /** Options that it reads; others are shown greyed. */
  readonly options: readonly (keyof SharedOptions | NoInfer<Own>)[];
  /** Options that say how many RoIs train: the first that is set counts. None where no single one says it. */
  readonly budget: readonly (keyof SharedOptions | NoInfer<Own>)[];
  /** Where this preset's defaults differ from the options' own. */
  readonly defaults?: Partial<OptionsOf<NoInfer<Own>>>;
  /**
   * Decides one minibatch.
   * @param rois rows of all images of the minibatch, images contiguous; zero rows give an empty selection.
   * @param last what the last decision leaves to this one.
   */
  sample(rois: RoiTable, config: OptionsOf<NoInfer<Own>>, last?: LastSteps): Selection;
  /**
   * As `sample`, but of the rows that are not selected only the ignored and invalid ones are told apart: the search
   * stops when the budget is filled. Absent where that is no faster.
   */
  sampleHardest?(rois: RoiTable, config: OptionsOf<NoInfer<Own>>): HardestSelection;
}

/** Who is selected, what ranked them, and who never took part; all other rows read below budget. */
export type HardestSelection = Pick<Selection, 'status' | 'order' | 'rankLoss'>;

/** Declares a preset; its type knows its id and its own options. */
export function sampler<const Id extends string, Own extends string = never>(
  spec: SamplerSpec<Id, Own>,
): SamplerSpec<Id, Own> {
  return spec;
}
