import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { FacetCounts } from '../../src/protocol/gallery-messages.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { t, tListed } from '../words/t.js';

/**
 * A number's histogram whose bars filter: a click takes one bar, one with Shift a range, another click on a single
 * one takes it away. One stop of the Tab key; arrows move inside.
 */
export function BinChart({ facet }: { readonly facet: FacetCounts }) {
  const { model, actions } = usePanel();
  const at = useSignal(0);
  const anchor = useSignal(0);
  const chart = useRef<HTMLDivElement>(null);
  const { id, values } = facet;
  const title = tListed(facet.title);
  const picked = model.gallery.query.value.where[id] ?? [];
  const edges = rangeWords(values)?.split('–');
  const most = Math.max(...values.map(({ count }) => count), 1);
  const pick = (from: number, to: number) => {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const isPicked = first === last && picked.length === 1 && picked[0] === first;
    const range = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    actions.filterGallery({ [id]: isPicked ? [] : range });
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    at.value = Math.min(Math.max(at.value + step, 0), values.length - 1);
    chart.current?.querySelector<HTMLElement>(`[data-code="${at.value}"]`)?.focus();
    if (event.shiftKey) pick(anchor.value, at.value);
    else anchor.value = at.value;
  };
  const press = (code: number, extend: boolean) => {
    if (!extend) anchor.value = code;
    at.value = code;
    pick(anchor.value, code);
  };
  return (
    <>
      <div ref={chart} class="bins" role="group" aria-label={t('{0}, histogram', title)} onKeyDown={move}>
        {values.map(({ code, name, count }) => (
          <button
            key={code}
            type="button"
            class="bin"
            aria-pressed={picked.includes(code)}
            aria-label={t('{0} {1}: {2}', title, name, formatCount(count))}
            title={`${name}: ${formatCount(count)}`}
            tabIndex={code === at.value ? 0 : -1}
            data-testid="bin"
            data-code={code}
            data-count={count}
            onClick={(event) => press(code, event.shiftKey)}
          >
            <span class="bin-bar" style={{ height: `${heightOf(count, most)}%` }} />
          </button>
        ))}
      </div>
      <div class="bins-edges quiet">
        <span>{edges?.[0]}</span>
        <span>{edges?.[1]}</span>
      </div>
    </>
  );
}

/** `0.2–0.5`: from the first bin's lower edge to the last one's upper; undefined without bins. */
export function rangeWords(bins: FacetCounts['values']): string | undefined {
  const [first, last] = [bins[0], bins.at(-1)];
  return first && last && `${first.name.split('–')[0]}–${last.name.split('–')[1]}`;
}

/** Logarithmic: a single item must be seen beside a million. */
function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : (100 * (1 + Math.log(count))) / (1 + Math.log(most));
}
