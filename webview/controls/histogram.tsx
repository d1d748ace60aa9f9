import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { colourAt } from '../geometry/colour-map.js';
import { Section } from '../chrome/section.js';
import { themeLook } from '../chrome/theme.js';
import { formatLoss } from '../rows/format.js';
import { countRows } from '../rows/roi-text.js';
import { usePanel } from '../state/panel-context.js';
import { BudgetCut } from './budget-cut.js';
import { binLosses, type LossBins } from './loss-bins.js';
import { openLossPlot, type LossPlot, type LossScene } from './loss-plot.js';
import { t } from '../words/t.js';

/** Place on the colour map that stands for all of it in the key. */
const KEY_PLACE = 0.4;

/** How the losses are spread, counts on a logarithmic axis, and where the budget cuts. */
export function Histogram() {
  const { model } = usePanel();
  const numRanked = model.selection.value?.numRanked ?? 0;
  return (
    <Section
      title={t('Losses of {0}, nats', countRows(numRanked, model.noun.value))}
      term="nats"
      aside={<HistogramKey />}
      testId="histogram"
    >
      {numRanked > 0 && <HistogramPlot />}
    </Section>
  );
}

function HistogramKey() {
  const { model } = usePanel();
  const colour = colourAt(model.colours.value, KEY_PLACE);
  return (
    <>
      {t('selected')} <span class="loss-key" style={{ background: colour }} aria-hidden="true" /> {t('others')}{' '}
      <span class="loss-key bar-rest" aria-hidden="true" />
    </>
  );
}

function HistogramPlot() {
  const { model } = usePanel();
  const bins = useComputed(() =>
    model.selection.value === null ? null : binLosses(model.selection.value, model.colouring.value.place),
  ).value;
  if (bins === null) return null;
  return (
    <div class="histogram">
      <Bars bins={bins} />
      <BudgetCut bins={bins} />
    </div>
  );
}

/** uPlot keeps its own elements; Preact only hands it the scene. */
function Bars({ bins }: { readonly bins: LossBins }) {
  const { model } = usePanel();
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<LossPlot | null>(null);
  const colours = Array.from(bins.place, (place) => colourAt(model.colours.value, place));
  const scene: LossScene = { bins, colours, look: themeLook().value };
  const latest = useRef(scene);
  latest.current = scene;
  useEffect(() => {
    if (element.current === null) return;
    const { clientWidth, clientHeight } = element.current;
    const opened = openLossPlot(element.current, latest.current, clientWidth, clientHeight);
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
  useEffect(() => plot.current?.paint(latest.current));
  return (
    <div
      ref={element}
      class="histogram-bars"
      role="img"
      aria-label={t(
        'Losses from {0} to {1} nats, counts on a logarithmic axis',
        formatLoss(bins.min),
        formatLoss(bins.max),
      )}
      title={t('Counts are on a logarithmic axis')}
    />
  );
}
