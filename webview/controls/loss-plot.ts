/** The bars of the histogram, drawn by uPlot: all RoIs quiet, the selected share of each bar in its colour on top. */
import uPlot from 'uplot';
import type { ThemeLook } from '../chrome/theme.js';
import { formatCount, formatLoss } from '../rows/format.js';
import { barHeight, binStarts, countTicks, NUM_BINS, selectedHeight, type LossBins } from './loss-bins.js';

/** CSS px of the counts' axis and of the losses' axis; the style sheet's `.cut-area` leaves the same room. */
const [Y_AXIS, X_AXIS] = [30, 20];
/** Room for the cut's label above the bars and for the last number at the right, CSS px. */
const [TOP, RIGHT] = [16, 10];
/** CSS px between two numbers of the losses' axis. */
const X_SPACE = 56;
const REST_ALPHA = 0.35;
const OUTLINE = 'rgba(0, 0, 0, 0.5)';

export interface LossScene {
  readonly bins: LossBins;
  /** One CSS colour a bin, for its selected part. */
  readonly colours: readonly string[];
  readonly look: ThemeLook;
}

export interface LossPlot {
  paint(scene: LossScene): void;
  resize(width: number, height: number): void;
  close(): void;
}

/** Opens a plot inside an element; sizes are CSS px and include the axes. */
export function openLossPlot(parent: HTMLElement, first: LossScene, width: number, height: number): LossPlot {
  let scene = first;
  const plot = new uPlot(
    optionsOf(() => scene, width, height),
    dataOf(scene),
    parent,
  );
  return {
    paint(next) {
      scene = next;
      // Axes read their colours anew with every drawing; data decides the scales.
      plot.setData(dataOf(next));
    },
    resize: (newWidth, newHeight) => plot.setSize({ width: newWidth, height: newHeight }),
    close: () => plot.destroy(),
  };
}

function dataOf({ bins }: LossScene): uPlot.AlignedData {
  const heights = Array.from(bins.count, (count) => barHeight(count, bins.mostCount));
  // Nothing selected is nothing drawn: an outline around no height would be a line.
  const selected = heights.map((_, bin) => selectedHeight(bins, bin) || null);
  return [binStarts(bins), heights, selected];
}

function optionsOf(scene: () => LossScene, width: number, height: number): uPlot.Options {
  return {
    width,
    height,
    padding: [TOP, RIGHT, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [scene().bins.min, endOf(scene().bins)] },
      y: { range: () => [0, 1] },
    },
    axes: [lossAxis(scene), countAxis(scene)],
    series: [{}, restBars(scene), selectedBars(scene)],
  };
}

/** A scale needs a length: one value alone gets 1 nat. */
function endOf({ min, max }: LossBins): number {
  return max > min ? max : min + 1;
}

function restBars(scene: () => LossScene): uPlot.Series {
  const values = () => sameForAll(scene().look.foreground);
  return { ...bars({ fill: { unit: 3, values } }), alpha: REST_ALPHA, width: 0 };
}

/** Outlined: the brightest colours must be seen on a light ground, too. */
function selectedBars(scene: () => LossScene): uPlot.Series {
  const fill = { unit: 3, values: () => [...scene().colours] };
  return { ...bars({ fill, stroke: { unit: 3, values: () => sameForAll(OUTLINE) } }), width: 1 };
}

function bars(disp: uPlot.Series.BarsPathBuilderDisplay): uPlot.Series {
  const paths = uPlot.paths.bars?.({ align: 1, size: [0.9, Infinity, 1], disp });
  return { points: { show: false }, ...(paths && { paths }) };
}

function sameForAll(colour: string): string[] {
  return Array.from({ length: NUM_BINS }, () => colour);
}

function lossAxis(scene: () => LossScene): uPlot.Axis {
  return {
    size: X_AXIS,
    space: X_SPACE,
    gap: 3,
    font: scene().look.smallFont,
    stroke: () => scene().look.quiet,
    grid: { show: false },
    ticks: { stroke: () => scene().look.line, size: 3, width: 1 },
    border: { show: true, stroke: () => scene().look.line, width: 1 },
    values: (_, splits) => splits.map((loss) => (Number.isInteger(loss) ? formatCount(loss) : formatLoss(loss))),
  };
}

/** Powers of ten where the bars' logarithmic heights put them. */
function countAxis(scene: () => LossScene): uPlot.Axis {
  return {
    size: Y_AXIS,
    gap: 2,
    font: scene().look.smallFont,
    stroke: () => scene().look.quiet,
    grid: { stroke: 'rgba(128, 128, 128, 0.25)', width: 1 },
    ticks: { show: false },
    splits: () => countTicks(scene().bins.mostCount).map((count) => barHeight(count, scene().bins.mostCount)),
    values: () => countTicks(scene().bins.mostCount).map(formatCountShort),
  };
}

/** 1000 -> "1k". */
function formatCountShort(count: number): string {
  return count < 1000 ? String(count) : `${count / 1000}k`;
}
