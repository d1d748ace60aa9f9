/** Lines over steps, drawn by uPlot. Colour never stands alone: each line has its own dashes. */
import uPlot from 'uplot';
import type { ThemeLook } from '../chrome/theme.js';
import type { CurveId, CurveSet } from './curves.js';
import { axisValue } from './curves.js';

/** CSS px. */
const [Y_AXIS, X_AXIS] = [42, 22];
const [TOP, RIGHT] = [8, 14];
/** What was measured behind its smooth course. */
const NOISE_ALPHA = 0.35;

export interface LineLook {
  /** Name of a theme colour. */
  readonly colour: string;
  readonly dash: readonly number[];
}

/** As `train.css` draws the legend. */
export const LINE_LOOKS: Readonly<Record<CurveId, LineLook>> = {
  selectedLoss: { colour: '--vscode-charts-orange', dash: [] },
  allRoiLoss: { colour: '--vscode-charts-blue', dash: [7, 4] },
  coco50: { colour: '--vscode-charts-green', dash: [] },
  coco: { colour: '--vscode-charts-purple', dash: [7, 4] },
  foreground: { colour: '--vscode-charts-green', dash: [] },
};

export interface CurveScene {
  readonly set: CurveSet;
  readonly hidden: ReadonlySet<CurveId>;
  readonly look: ThemeLook;
  /** Both ends of the value axis; null: as the values need, from 0 on. */
  readonly range: readonly [number, number] | null;
  /** The last step of the axis: charts of one training share it. */
  readonly lastStep: number;
}

export interface CurvePlot {
  paint(scene: CurveScene): void;
  resize(width: number, height: number): void;
  /** Marks a place of the curves; null: none. */
  mark(index: number | null): void;
  close(): void;
}

/**
 * Opens a plot inside an element; sizes are CSS px and include the axes.
 * @param onPoint the pointer has come to a place of the curves; null: it has left.
 */
export function openCurvePlot(
  parent: HTMLElement,
  first: CurveScene,
  width: number,
  height: number,
  onPoint: (index: number | null) => void,
): CurvePlot {
  let scene = first;
  const plot = new uPlot(
    optionsOf(() => scene, width, height),
    dataOf(scene),
    parent,
  );
  // uPlot's own hook cannot tell the pointer from new data.
  plot.over.addEventListener('pointermove', (event) => onPoint(plot.posToIdx(event.offsetX)));
  plot.over.addEventListener('pointerleave', () => onPoint(null));
  return {
    paint(next) {
      scene = next;
      next.set.curves.forEach(({ id }, i) => {
        for (const series of seriesOf(i)) plot.setSeries(series, { show: !next.hidden.has(id) });
      });
      plot.setData(dataOf(next));
    },
    resize: (newWidth, newHeight) => plot.setSize({ width: newWidth, height: newHeight }),
    mark(index) {
      const step = index === null ? undefined : scene.set.steps[index];
      plot.setCursor(step === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(step, 'x'), top: 0 }, false);
    },
    close: () => plot.destroy(),
  };
}

/** Places of a curve's noise and its smooth course among uPlot's series; the steps are the first. */
function seriesOf(curve: number): [number, number] {
  return [1 + 2 * curve, 2 + 2 * curve];
}

function dataOf({ set: { steps, curves } }: CurveScene): uPlot.AlignedData {
  // A curve that is drawn as it is has no noise behind it.
  const lines = curves.flatMap(({ values, smooth }) => [
    smooth === null ? values.map(() => null) : [...values],
    [...(smooth ?? values)],
  ]);
  return [[...steps], ...lines] as uPlot.AlignedData;
}

function optionsOf(scene: () => CurveScene, width: number, height: number): uPlot.Options {
  return {
    width,
    height,
    padding: [TOP, RIGHT, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: {
      x: { time: false, range: () => stepRange(scene()) },
      y: { range: (_, min, max) => valueRange(scene(), min, max) },
    },
    axes: [
      axis(scene, X_AXIS),
      {
        ...axis(scene, Y_AXIS),
        values: (_, splits) => {
          const [first] = scene().set.curves;
          return first === undefined ? [] : splits.map((value) => axisValue(first.id, value));
        },
      },
    ],
    series: [{}, ...scene().set.curves.flatMap(({ id }) => [line(id, true), line(id, false)])],
  };
}

/** From the start, so that charts with points at other steps stand under each other. A scale needs a length. */
function stepRange({ lastStep }: CurveScene): [number, number] {
  return [0, Math.max(lastStep, 1)];
}

function valueRange({ range }: CurveScene, min: number | null, max: number | null): [number, number] {
  if (range !== null) return [...range];
  const most = Math.max(max ?? 1, 0);
  return [Math.min(0, min ?? 0), most > 0 ? most * 1.05 : 1];
}

function line(id: CurveId, isNoise: boolean): uPlot.Series {
  const { colour, dash } = LINE_LOOKS[id];
  return {
    stroke: () => themeColour(colour),
    width: isNoise ? 1 : 2,
    alpha: isNoise ? NOISE_ALPHA : 1,
    dash: isNoise ? [] : [...dash],
    spanGaps: true,
    points: {
      show: (plot, series) =>
        !isNoise && Array.from(plot.data[series] ?? []).filter((value) => value !== null).length <= 12,
      size: 6,
      fill: () => themeColour(colour),
    },
  };
}

/** A theme without charts colours has a foreground. */
export function themeColour(name: string): string {
  const style = getComputedStyle(document.body);
  return style.getPropertyValue(name).trim() || style.color;
}

function axis(scene: () => CurveScene, size: number): uPlot.Axis {
  return {
    size,
    gap: 4,
    font: scene().look.smallFont,
    stroke: () => scene().look.quiet,
    grid: { stroke: 'rgba(128, 128, 128, 0.25)', width: 1 },
    ticks: { show: false },
    border: { show: true, stroke: () => scene().look.line, width: 1 },
  };
}
