/** What an assigner is: the rule by which a training would have matched RoIs with ground truth. */
import type { AnchorGrid, DetectorOutput } from '../losses/detector-output.js';
import type { OptionSpecs, ValuesOf } from '../option-specs.js';
import type { Boxes, ImageSize } from '../tables.js';
import type { Assignment } from './assignment.js';
import type { GtSubset } from './matchable-gts.js';

/** One image to match. Whoever needs all rows and all ground truths at once has them. */
export interface AssignTask {
  readonly output: DetectorOutput;
  /** Of `softmaxNorms`. */
  readonly norms: Float64Array | null;
  /** The boxes that are compared with ground truth: the regions or the regressed boxes (R). */
  readonly compared: Boxes;
  /** Empty where the family has none: only those who need it read it. */
  readonly grid: AnchorGrid;
  readonly gts: GtSubset;
  readonly image: ImageSize;
}

/** One file each in this folder, one line in `index.ts`. */
export interface AssignerSpec<Id extends string, Own extends OptionSpecs> {
  readonly id: Id;
  /** The rule and its fixed parameters, as docs/semantics.md shows it. */
  readonly rule: string;
  /** Where it is defined. */
  readonly source: string;
  /** What it reads beside the boxes: the grid of a dense head, the head's scores. */
  readonly needs: readonly ('grid' | 'scores')[];
  /** Options that only this assigner reads. */
  readonly own?: Partial<Own>;
  /** Its parameters, short: `α 0.5, β 6, k 10`; absent: it has none. */
  readonly words?: (config: ValuesOf<NoInfer<Own>>) => string;
  /** @throws MiningError 'options' where its options do not fit each other. */
  assign(task: AssignTask, config: ValuesOf<NoInfer<Own>>): Assignment;
}

/** Declares an assigner; its type knows its id and its own options. */
export function assigner<const Id extends string, Own extends OptionSpecs = Record<never, never>>(
  spec: AssignerSpec<Id, Own>,
): AssignerSpec<Id, Own> {
  return spec;
}
