import { useEffect, useRef, useState } from 'preact/hooks';
import { openSurface } from '../canvas/surface.js';
import { themeLook } from '../chrome/theme.js';
import { t } from '../words/t.js';
import { CHANGE_LOOKS } from './change-looks.js';
import { useCheckpoints } from './checkpoint-room.js';
import { paintScatter } from './paint-scatter.js';
import { scatterHeight, scatterLayout } from './scatter-layout.js';
import { areaText, chartText } from './scatter-text.js';
import { useScatterHands } from './use-scatter-hands.js';

/** Losses at A against losses at B: a rectangle, drawn or by keys, is what the list shows. */
export function ScatterChart() {
  const { model, actions } = useCheckpoints();
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const hands = useScatterHands(scatterLayout(width));
  const [answer, { area }] = [model.answer.value, model.query.value];
  const look = themeLook().value;
  useEffect(() => {
    if (canvas.current === null || width === 0 || answer === null) return;
    const context = openSurface(canvas.current, { width, height: scatterHeight(width) });
    const style = getComputedStyle(canvas.current);
    if (context === null) return;
    paintScatter(context, {
      ...{ scatter: answer.scatter, highLoss: answer.highLoss, layout: scatterLayout(width), look },
      area: hands.dragged ?? area,
      cursor: hands.cursor,
      colourOf: (change) => style.getPropertyValue(CHANGE_LOOKS[change].colour),
      focus: style.getPropertyValue('--focus'),
    });
  });
  return (
    <section class="scatter" aria-label={t('Losses at A against losses at B')}>
      <canvas
        ref={canvas}
        class="scatter-canvas"
        tabIndex={0}
        role="application"
        aria-roledescription={t('scatter chart')}
        aria-label={answer === null ? t('scatter chart') : chartText(answer.scatter)}
        style={{ height: `${scatterHeight(width)}px` }}
        data-testid="scatter"
        data-cells={answer?.scatter.cells.length ?? 0}
        data-area={JSON.stringify(area)}
        {...hands.listeners}
      />
      <p class="scatter-hint quiet">
        {area === null && t('Drag, or arrows and Shift, to choose. –: no RoI met it.')}
        {area !== null && answer !== null && areaText(area, answer.scatter.most)}{' '}
        {area !== null && (
          <button
            type="button"
            class="text-button"
            data-testid="clear-area"
            onClick={() => actions.ask({ area: null })}
          >
            {t('Clear')}
          </button>
        )}
      </p>
    </section>
  );
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
