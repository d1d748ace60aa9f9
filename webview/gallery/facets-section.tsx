import { useSignal } from '@preact/signals';
import type { Term } from '../../src/core/facts/glossary.js';
import type { FacetCounts } from '../../src/protocol/gallery-messages.js';
import { Name } from '../chrome/name.js';
import { Section } from '../chrome/section.js';
import { valueName } from '../rows/facet-words.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { BinChart } from './bin-chart.js';
import { t, tListed } from '../words/t.js';
import { termOf } from '../words/term.js';

/** Values of a list that are shown before one asks for all. */
const FIRST_VALUES = 8;

/** Facets that are a word of the glossary, by id. */
const FACET_TERMS: Readonly<Record<string, Term>> = {
  label: 'label',
  score: 'score',
  iou: 'IoU',
  loss: 'loss',
  selected: 'OHEM',
  verdict: 'verdict',
  suspicion: 'label to check',
};

/** Facets whose values say themselves in their first words: cut at their end, names in their middle. */
const SENTENCES: ReadonlySet<string> = new Set(['answer', 'error', 'suspicion']);

/** What the items are told apart by: each value with its count, and a click filters. */
export function FacetsSection() {
  const { model } = usePanel();
  const text = useSignal('');
  const facets = model.gallery.answer.value?.facets ?? [];
  return (
    <Section title={t('Filters')} testId="facets" class="section-facets">
      <input
        type="search"
        class="filter-text"
        placeholder={t('Find a value')}
        aria-label={t('Find a value of the filters')}
        data-testid="facet-text"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      {facets.filter(tellsApart).map((facet) => {
        const term = FACET_TERMS[facet.id];
        return (
          <section key={facet.id} class="facet" aria-label={tListed(facet.title)} data-testid={`facet-${facet.id}`}>
            <h3 class="facet-title" {...(term && termOf(term))}>
              {tListed(facet.title)}
            </h3>
            {facet.shape === 'histogram' ? <BinChart facet={facet} /> : <ValueList facet={facet} text={text.value} />}
          </section>
        );
      })}
    </Section>
  );
}

/** One value alone filters nothing. */
function tellsApart({ shape, values }: FacetCounts): boolean {
  return shape === 'histogram' ? values.some(({ count }) => count > 0) : values.length > 1;
}

/** The most frequent first, picked ones always. */
function ValueList({ facet, text }: { readonly facet: FacetCounts; readonly text: string }) {
  const { model, actions } = usePanel();
  const all = useSignal(false);
  const picked = model.gallery.query.value.where[facet.id] ?? [];
  const part = text.trim().toLowerCase();
  const named = facet.values.map((value) => ({ ...value, name: valueName(facet.id, value.name) }));
  const found = named.filter(({ name }) => name.toLowerCase().includes(part));
  const sorted = found.toSorted((a, b) => b.count - a.count || a.code - b.code);
  const shown = sorted.filter(({ code }, place) => all.value || place < FIRST_VALUES || picked.includes(code));
  const numMore = sorted.length - shown.length;
  const moreWords = all.value ? t('Fewer') : t('{0} more', formatCount(numMore));
  return (
    <ul class="facet-values">
      {shown.map(({ code, name, count }) => (
        <li key={code}>
          <button
            type="button"
            class="facet-value"
            aria-pressed={picked.includes(code)}
            title={name}
            aria-label={t('{0}: {1}', tListed(facet.title), `${name} ${formatCount(count)}`)}
            data-testid="facet-value"
            data-code={code}
            data-count={count}
            onClick={() => actions.toggleValue(facet.id, code)}
          >
            <span class="facet-name">{SENTENCES.has(facet.id) ? name : <Name>{name}</Name>}</span>{' '}
            <span class="chip-count">{formatCount(count)}</span>
          </button>
        </li>
      ))}
      {(numMore > 0 || all.value) && (
        <li>
          <button
            type="button"
            class="text-button"
            aria-label={t('{0}: {1}', tListed(facet.title), moreWords)}
            aria-expanded={all.value}
            onClick={() => (all.value = !all.value)}
          >
            {moreWords}
          </button>
        </li>
      )}
    </ul>
  );
}
