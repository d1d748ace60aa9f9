import { useComputed } from '@preact/signals';
import type { TargetedPointerEvent } from 'preact';
import { OPTIONS, type MiningConfig, type NumberOption, type OptionKey } from '../../src/core/mining-options.js';
import type { Sampler } from '../../src/core/samplers/sampler.js';
import { colourAt } from '../canvas/colour-map.js';
import { Section } from '../chrome/section.js';
import { countOf, formatCount, formatLoss } from '../state/format.js';
import { usePanel } from '../state/panel-context.js';
import { barHeight, binLosses, cutLoss, NUM_BINS, numKeptAt, type LossBins } from './loss-bins.js';
import { budgetOption, takeOver } from './option-use.js';

/** Units of the drawing; the style stretches it over the side bar. */
const HEIGHT = 100;
/** Place on the colour map that stands for all of it in the key. */
const KEY_PLACE = 0.4;
/** Page keys move the cut by this share of the budget. */
const PAGE_SHARE = 0.25;

/** How the image's losses are spread, counts on a logarithmic axis, and where the budget cuts. */
export function Histogram() {
  const { model } = usePanel();
  const numRanked = model.selection.value?.numRanked ?? 0;
  return (
    <Section title={`Losses of ${countOf(numRanked, 'RoI')}`} aside={<HistogramKey />} testId="histogram">
      {numRanked > 0 && <HistogramPlot />}
    </Section>
  );
}

function HistogramKey() {
  const { model } = usePanel();
  const colour = colourAt(model.colours.value, KEY_PLACE);
  return (
    <>
      selected <span class="loss-key" style={{ background: colour }} aria-hidden="true" /> others <span class="loss-key bar-rest" aria-hidden="true" />
    </>
  );
}

function HistogramPlot() {
  const { model } = usePanel();
  const bins = useComputed(() => (model.selection.value === null ? null : binLosses(model.selection.value))).value;
  if (bins === null) return null;
  return (
    <div class="histogram">
      <Bars bins={bins} />
      <Cut bins={bins} />
      <div class="histogram-axis" aria-hidden="true">
        <span>{formatLoss(bins.min)}</span>
        <span class="quiet">loss, nats · counts logarithmic</span>
        <span>{formatLoss(bins.max)}</span>
      </div>
    </div>
  );
}

function Bars({ bins }: { readonly bins: LossBins }) {
  const { model } = usePanel();
  const colours = model.colours.value;
  return (
    <svg class="histogram-bars" viewBox={`0 0 ${NUM_BINS} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Losses from ${formatLoss(bins.min)} to ${formatLoss(bins.max)} nats`}>
      {Array.from(bins.count, (count, bin) => {
        const height = barHeight(count, bins.mostCount) * HEIGHT;
        // Of a bar, the selected share is coloured from below.
        const selected = count === 0 ? 0 : (bins.selected[bin] / count) * height;
        return (
          <g key={bin}>
            <rect class="bar-rest" x={bin + 0.06} width={0.88} y={HEIGHT - height} height={height - selected} />
            <rect class="bar-selected" fill={colourAt(colours, bins.hardness[bin])} x={bin + 0.06} width={0.88} y={HEIGHT - selected} height={selected} />
          </g>
        );
      })}
    </svg>
  );
}

/** The budget's cut: a slider that sets the batch size (or what the preset has in its place). */
function Cut({ bins }: { readonly bins: LossBins }) {
  const { model, actions } = usePanel();
  const [whole, sampler, mining] = [model.decision.value.whole, model.sampler.value, model.mining.value];
  const option = budgetOption(sampler, mining);
  if (whole === null || option === null) return null;
  const keep = (numKept: number) => actions.setMining(takeOver(option, budgetFor(numKept, whole.order.length, option, sampler, mining), mining));
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
      <CutHandle place={place} loss={loss} numKept={whole.keepNum} numRanked={whole.order.length} label={OPTIONS[option].label} onKeep={keep} />
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
      aria-label={`Budget cut, sets ${label}`}
      aria-valuemin={0}
      aria-valuemax={numRanked}
      aria-valuenow={numKept}
      aria-valuetext={`${countOf(numKept, 'RoI')} selected, losses from ${formatLoss(loss)}`}
      data-testid="cut"
      data-side={place > 0.5 ? 'left' : 'right'}
      style={{ left: `${place * 100}%` }}
      onKeyDown={turn}
    >
      <span class="cut-label">budget: {formatCount(numKept)} selected</span>
    </div>
  );
}

/** The option's value that keeps so many RoIs of the minibatch. */
function budgetFor(numKept: number, numRanked: number, option: OptionKey, sampler: Sampler, mining: MiningConfig): number {
  const perRoi = option === 'batchSize' && sampler.scope === 'image' ? mining.imagesPerBatch : 1;
  const value = option === 'keepRate' ? numKept / Math.max(numRanked, 1) : numKept * perRoi;
  return withinRange(value, OPTIONS[option] as NumberOption);
}

function withinRange(value: number, spec: NumberOption): number {
  const least = spec.minExclusive === true ? spec.min + spec.step / 100 : spec.min;
  return Math.min(Math.max(value, least), spec.max);
}

/** Change of the number of selected RoIs for a key; right is towards harder, so fewer. null: not a key of the slider. */
function cutStep(key: string, numSelected: number, numRanked: number): number | null {
  const page = Math.max(Math.round(numSelected * PAGE_SHARE), 1);
  const steps: Readonly<Record<string, number>> = { ArrowRight: -1, ArrowUp: 1, ArrowLeft: 1, ArrowDown: -1, PageUp: page, PageDown: -page, Home: -numRanked, End: numRanked };
  return steps[key] ?? null;
}

