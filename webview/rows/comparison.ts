/** Two definitions of "hard" on the rows in view: A is what the panel selects by, B what it is compared with. */
import {
  compareSelections,
  comparisonFacts,
  Mark,
  MARK_NAMES,
  type ComparisonFacts,
} from '../../src/core/reports/compare-selections.js';
import { DEFAULT_CONFIG, type MiningConfig } from '../../src/core/mining/mining-options.js';
import type { PresetId } from '../../src/core/mining/samplers/index.js';
import { presetConfig } from '../../src/core/mining/select.js';
import type { RoiTable, Task } from '../../src/core/tables.js';
import type { RunComparison } from '../../src/protocol/panel-messages.js';
import type { ImageSelection } from './image-selection.js';
import { t } from '../words/t.js';

export { Mark, MARK_NAMES, type ComparisonFacts, type RunComparison };

/** `overlay`: one picture with marks; `side`: two pictures, each with its own selection. */
export const COMPARE_VIEWS = ['overlay', 'side'] as const;
export type CompareView = (typeof COMPARE_VIEWS)[number];

/** Marks of RoIs that either side selects, in the order of chips and keys. The others are never shown. */
export const SELECTED_MARKS = [Mark.both, Mark.onlyA, Mark.onlyB] as const;
export type SelectedMark = (typeof SELECTED_MARKS)[number];
/** Style and test id of each. */
export const MARK_IDS: Readonly<Record<SelectedMark, string>> = {
  [Mark.both]: 'both',
  [Mark.onlyA]: 'only-a',
  [Mark.onlyB]: 'only-b',
};

/** A person's words for the marks, in code order. */
export const MARK_WORDS = [t('both'), t('only A'), t('only B'), t('neither')] as const;

/** Shown or not. */
export type MarkLayers = Readonly<Record<SelectedMark, boolean>>;
export const ALL_MARKS: MarkLayers = { [Mark.both]: true, [Mark.onlyA]: true, [Mark.onlyB]: true };

export interface Comparison {
  /** R mark codes. */
  readonly mark: Uint8Array;
  readonly facts: ComparisonFacts;
  /** What B makes of the rows in view. */
  readonly b: ImageSelection;
}

export function compareRows(rois: RoiTable, a: ImageSelection, b: ImageSelection): Comparison {
  const compared = compareSelections(rois, a, b);
  return { mark: compared.mark, facts: comparisonFacts(compared), b };
}

/** 1 for each row that the filters let through and whose mark is shown. */
export function rowsWithMarks(passes: Uint8Array, mark: Uint8Array, layers: MarkLayers): Uint8Array {
  return passes.map((pass, row) => (pass === 1 && layers[mark[row] as SelectedMark] ? 1 : 0));
}

/** What a person most likely wants to see beside a preset: the random baseline; beside that, the default. */
export function firstOther(task: Task, preset: PresetId): MiningConfig {
  return presetConfig(task, preset === 'random' ? DEFAULT_CONFIG.preset : 'random');
}

/** True where the answer is for other settings than the present ones. */
export function isStale(answer: RunComparison, a: MiningConfig, b: MiningConfig): boolean {
  return JSON.stringify([answer.a, answer.b]) !== JSON.stringify([a, b]);
}
