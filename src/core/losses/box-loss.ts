/** What a box loss is: of one RoI, unreduced, float64. */
import type { OptionSpecs, ValuesOf } from '../option-specs.js';
import type { GtTable, ImageSize } from '../tables.js';
import type { DetectorOutput } from './detector-output.js';

/** Loss of a foreground row against a row of the ground truth; `label` in [0, K). NaN without a usable box. */
export type BoxLoss = (row: number, gtRow: number, label: number) => number;

/** A box loss: one file each below `box/`, one line in its `index.ts`. */
export interface BoxLossSpec<Id extends string, Own extends OptionSpecs> {
  readonly id: Id;
  /** As the panel and the docs name it. */
  readonly title: string;
  /** Where it is defined. */
  readonly source: string;
  /** Options that only this loss reads. */
  readonly own?: Partial<Own>;
  /** Its name in a recipe: `giou`, `giou 2 + l1 5`. */
  readonly words?: (config: ValuesOf<NoInfer<Own>>) => string;
  /** The loss over one image's output and ground truth. */
  over(output: DetectorOutput, gts: GtTable, config: ValuesOf<NoInfer<Own>>, image: ImageSize): BoxLoss;
}

/** Declares a box loss; its type knows its id and its own options. */
export function boxLoss<const Id extends string, Own extends OptionSpecs = Record<never, never>>(
  spec: BoxLossSpec<Id, Own>,
): BoxLossSpec<Id, Own> {
  return spec;
}
