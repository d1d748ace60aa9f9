import type { Term } from '../../src/core/facts/glossary.js';
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { themeLook } from '../chrome/theme.js';
import { curveText, placeText, type CurveId, type CurveSet } from './curves.js';
import { openCurvePlot, type CurvePlot, type CurveScene } from './curve-plot.js';
import { t } from '../words/t.js';
import { termOf } from '../words/term.js';

export interface CurveChartProps {
  readonly title: string;
  /** What it measures. */
  readonly term: Term;
  readonly set: CurveSet;
  readonly range?: readonly [number, number];
  readonly lastStep: number;
  /** What stands where there is nothing to draw yet. */
  readonly empty: string;
  readonly testId: string;
}

/** A line chart with its legend, a cursor that keys move, and its course in words. */
export function CurveChart({ title, term, set, range, lastStep, empty, testId }: CurveChartProps) {
  const hidden = useSignal<ReadonlySet<CurveId>>(new Set());
  const toggle = (id: CurveId) => {
    const next = new Set(hidden.value);
    if (!next.delete(id)) next.add(id);
    hidden.value = next;
  };
  return (
    <section class="curve" data-testid={testId} data-points={set.steps.length}>
      <div class="curve-head">
        <h2 {...termOf(term)}>{title}</h2>
        {set.curves.length > 1 && <Legend set={set} hidden={hidden.value} toggle={toggle} />}
      </div>
      {set.steps.length === 0 ? (
        <p class="curve-empty quiet">{empty}</p>
      ) : (
        <Plot title={title} set={set} hidden={hidden.value} range={range ?? null} lastStep={lastStep} />
      )}
    </section>
  );
}

interface LegendProps {
  readonly set: CurveSet;
  readonly hidden: ReadonlySet<CurveId>;
  readonly toggle: (id: CurveId) => void;
}

function Legend({ set, hidden, toggle }: LegendProps) {
  return (
    <div class="chips" role="group" aria-label={t('Curves')}>
      {set.curves.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class="chip"
          aria-pressed={!hidden.has(id)}
          title={hidden.has(id) ? t('Show {0}', name) : t('Hide {0}', name)}
          data-testid={`curve-${id}`}
          onClick={() => toggle(id)}
        >
          <span class={`line-key line-${id}`} aria-hidden="true" /> {name}
        </button>
      ))}
    </div>
  );
}

interface PlotProps {
  readonly title: string;
  readonly set: CurveSet;
  readonly hidden: ReadonlySet<CurveId>;
  readonly range: readonly [number, number] | null;
  readonly lastStep: number;
}

/**
 * uPlot keeps its own elements; Preact only hands it the scene.
 * @param place where the cursor is; null: at the last point.
 */
function useCurvePlot(scene: CurveScene, place: Signal<number | null>) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<CurvePlot | null>(null);
  const latest = useRef(scene);
  latest.current = scene;
  useEffect(() => {
    if (element.current === null) return;
    const { clientWidth, clientHeight } = element.current;
    const opened = openCurvePlot(
      element.current,
      latest.current,
      clientWidth,
      clientHeight,
      (index) => (place.value = index),
    );
    plot.current = opened;
    const observer = new ResizeObserver(
      ([entry]) => entry && opened.resize(entry.contentRect.width, entry.contentRect.height),
    );
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      opened.close();
      plot.current = null;
    };
  }, []);
  useEffect(() => {
    plot.current?.paint(latest.current);
    if (place.peek() !== null) plot.current?.mark(place.peek());
  }, Object.values(scene));
  return { element, mark: (index: number | null) => plot.current?.mark(index) };
}

function Plot({ title, set, hidden, range, lastStep }: PlotProps) {
  const place = useSignal<number | null>(null);
  const { element, mark } = useCurvePlot({ set, hidden, range, lastStep, look: themeLook().value }, place);
  const last = set.steps.length - 1;
  const shown = Math.min(place.value ?? last, last);
  const go = (index: number | null) => {
    place.value = index;
    mark(index);
  };
  return (
    <>
      <div
        ref={element}
        class="curve-plot"
        tabIndex={0}
        role="slider"
        aria-label={title}
        aria-description={set.curves.map((curve) => curveText(curve, set.steps)).join('. ')}
        aria-valuemin={set.steps[0]}
        aria-valuemax={set.steps[last]}
        aria-valuenow={set.steps[shown]}
        aria-valuetext={placeText(set, shown)}
        title={t('Arrow keys go from point to point')}
        onKeyDown={(event) => {
          const next = placeAfter(event.key, place.value, last);
          if (next === undefined) return;
          event.preventDefault();
          go(next);
        }}
        onBlur={() => go(null)}
      />
      <p class="curve-place quiet" data-testid="curve-place">
        {place.value === null ? placeText(set, shown) : t('at {0}', placeText(set, shown))}
      </p>
    </>
  );
}

/** Where a key goes; undefined: it is none of ours. */
export function placeAfter(key: string, place: number | null, last: number): number | null | undefined {
  const at = place ?? last;
  const moves: Readonly<Record<string, number | null>> = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageDown: at - 10,
    PageUp: at + 10,
    Home: 0,
    End: last,
    Escape: null,
  };
  const next = moves[key];
  return typeof next === 'number' ? Math.min(Math.max(next, 0), last) : next;
}
