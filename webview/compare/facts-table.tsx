import type { SideFacts } from '../../src/core/reports/compare-selections.js';
import type { ComparisonFacts } from '../rows/comparison.js';
import { formatCount, formatLoss, formatShare } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { t } from '../words/t.js';

interface Line {
  readonly id: keyof SideFacts;
  readonly name: string;
  readonly help: string;
  readonly format: (value: number) => string;
}

const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const LINES: readonly Line[] = [
  { id: 'numSelected', name: t('selected'), help: t('RoIs that would train'), format: formatCount },
  { id: 'foregroundShare', name: t('foreground'), help: t('share of foreground among the selected'), format: percent },
  { id: 'meanClsLoss', name: t('mean class loss'), help: t('mean over the selected, nats'), format: formatLoss },
  {
    id: 'meanLocLoss',
    name: t('mean box loss'),
    help: t('mean over the selected, background as 0'),
    format: formatLoss,
  },
  {
    id: 'meanLoss',
    name: t('mean loss'),
    help: t('class and box loss together: what the gradient would be made of'),
    format: formatLoss,
  },
  {
    id: 'lossCovered',
    name: t('loss covered'),
    help: t('share of the loss of all RoIs that lies on the selected ones'),
    format: percent,
  },
];

/** What either side would train on, side by side. */
export function FactsTable({ facts, caption }: { readonly facts: ComparisonFacts; readonly caption?: string }) {
  const { model } = usePanel();
  const lines = model.classification.value
    ? LINES.filter(({ id }) => id === 'numSelected' || id === 'meanLoss' || id === 'lossCovered')
    : LINES;
  return (
    <table class="compare-table">
      {caption !== undefined && <caption class="quiet">{caption}</caption>}
      <thead>
        <tr>
          <td />
          <SideHeader side="A" preset={model.mining.value.preset} />
          <SideHeader side="B" preset={model.compared.value?.preset ?? ''} />
        </tr>
      </thead>
      <tbody>
        <tr data-testid="compare-counts">
          <th scope="row" title={t('selected by both sides · by this one only')}>
            {t('both · only')}
          </th>
          <td>
            {formatCount(facts.both)} · {formatCount(facts.onlyA)}
          </td>
          <td>
            {formatCount(facts.both)} · {formatCount(facts.onlyB)}
          </td>
        </tr>
        <tr data-testid="compare-overlap">
          <th scope="row" title={t('Jaccard index: selected by both ÷ selected by either')}>
            {t('overlap')}
          </th>
          <td colSpan={2}>{formatShare(facts.overlap)}</td>
        </tr>
        {lines.map((line) => (
          <FactRow key={line.id} line={line} facts={facts} />
        ))}
      </tbody>
    </table>
  );
}

function SideHeader({ side, preset }: { readonly side: 'A' | 'B'; readonly preset: string }) {
  return (
    <th scope="col" class={`compare-side compare-side-${side.toLowerCase()}`}>
      <span class="compare-letter">{side}</span> {preset}
    </th>
  );
}

function FactRow({ line, facts }: { readonly line: Line; readonly facts: ComparisonFacts }) {
  return (
    <tr data-testid={`compare-${line.id}`}>
      <th scope="row" title={line.help}>
        {line.name}
      </th>
      <td>{line.format(facts.a[line.id])}</td>
      <td>{line.format(facts.b[line.id])}</td>
    </tr>
  );
}
