import type { TargetedPointerEvent } from 'preact';
import { OPTIONS, type OptionKey } from '../../src/core/mining/mining-options.js';
import { budgetOption } from '../../src/core/mining/select.js';
import type { NumberOption } from '../../src/core/option-specs.js';
import { formatCount, formatLoss } from '../rows/format.js';
import { countRows } from '../rows/roi-text.js';
import { usePanel } from '../state/panel-context.js';
import { cutLoss, numKeptAt, type LossBins } from './loss-bins.js';
import { batchesOf, takeOver } from './option-use.js';
import { t, tListed } from '../words/t.js';

/** Page keys move the cut by this share of the budget. */
const PAGE_SHARE = 0.25;

/** The budget's cut: a slider that sets the batch size (or what the preset has in its place). */
export function BudgetCut({ bins }: { readonly bins: LossBins }) {
  const { model, actions } = usePanel();
  const [whole, sampler, mining] = [model.decision.value.whole, model.sampler.value, model.mining.value];
  const option = budgetOption(mining);
  const selection = model.selection.value;
  if (whole === null || selection === null || option === null) return null;
  const perRoi = option === 'batchSize' ? batchesOf(selection, sampler, mining) : 1;
  const keep = (numKept: number) =>
    actions.setMining(takeOver(option, budgetFor(numKept, whole.order.length, option, perRoi), mining));
  const loss = cutLoss(whole) ?? bins.max;
  const place = bins.max > bins.min ? Math.min(Math.max((loss - bins.min) / (bins.max - bins.min), 0), 1) : 0;
  const dragTo = (event: TargetedPointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left) / Math.max(width, 1), 0), 1);
    keep(Math.max(numKeptAt(whole, bins.min + share * (bins.max - bins.min)), 1));
  };
  return (
    <div
      class="cut-area"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        dragTo(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && dragTo(event)}
    >
      <CutHandle
        place={place}
        loss={loss}
        numKept={whole.keepNum}
        numRanked={whole.order.length}
        label={tListed(OPTIONS[option].label)}
        onKeep={keep}
      />
    </div>
  );
}

interface CutHandleProps {
  /** Along the axis, [0, 1]. */
  readonly place: number;
  readonly loss: number;
  readonly numKept: number;
  readonly numRanked: number;
  /** The option that it sets. */
  readonly label: string;
  readonly onKeep: (numKept: number) => void;
}

function CutHandle({ place, loss, numKept, numRanked, label, onKeep }: CutHandleProps) {
  const noun = usePanel().model.noun.value;
  const turn = (event: KeyboardEvent) => {
    const step = cutStep(event.key, numKept, numRanked);
    if (step === null) return;
    event.preventDefault();
    onKeep(Math.min(Math.max(numKept + step, 1), numRanked));
  };
  return (
    <div
      class="cut"
      role="slider"
      tabIndex={0}
      aria-label={t('Budget cut, sets {0}', label)}
      aria-valuemin={0}
      aria-valuemax={numRanked}
      aria-valuenow={numKept}
      aria-valuetext={t('{0} selected, losses from {1}', countRows(numKept, noun), formatLoss(loss))}
      data-testid="cut"
      data-side={place > 0.5 ? 'left' : 'right'}
      style={{ left: `${place * 100}%` }}
      onKeyDown={turn}
    >
      <span class="cut-label">{t('budget: {0} selected', formatCount(numKept))}</span>
    </div>
  );
}

/** The option's value that keeps so many RoIs. @param perRoi what B grows by with each. */
function budgetFor(numKept: number, numRanked: number, option: OptionKey, perRoi: number): number {
  const value = option === 'keepRate' ? numKept / Math.max(numRanked, 1) : Math.round(numKept * perRoi);
  return withinRange(value, OPTIONS[option] as NumberOption);
}

function withinRange(value: number, spec: NumberOption): number {
  const least = spec.minExclusive === true ? spec.min + spec.step / 100 : spec.min;
  return Math.min(Math.max(value, least), spec.max);
}

/**
 * Change of the number of selected RoIs for a key; right is towards harder, so fewer. null: not a key of the slider.
 */
function cutStep(key: string, numSelected: number, numRanked: number): number | null {
  const page = Math.max(Math.round(numSelected * PAGE_SHARE), 1);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: -1,
    ArrowUp: 1,
    ArrowLeft: 1,
    ArrowDown: -1,
    PageUp: page,
    PageDown: -page,
    Home: -numRanked,
    End: numRanked,
  };
  return steps[key] ?? null;
}
