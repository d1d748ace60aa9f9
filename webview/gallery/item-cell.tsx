import { NONE } from '../../src/core/tables.js';
import { SUSPICIONS } from '../../src/core/triage/label-suspects.js';
import type { PanelItem } from '../../src/protocol/gallery-messages.js';
import { decidedPlace } from '../../src/protocol/gallery-messages.js';
import { menuContext } from '../chrome/menu-context.js';
import { Name } from '../chrome/name.js';
import { VerdictBadge } from '../chrome/verdict-badge.js';
import { formatMeasure, formatScore, formatShare } from '../rows/format.js';
import { className } from '../rows/roi-text.js';
import { itemAt } from '../state/gallery-model.js';
import { usePanel } from '../state/panel-context.js';
import { Crop } from './crop.js';
import { t, tListed } from '../words/t.js';

/** Identity of a cell's element. */
export function itemId(place: number): string {
  return `item-${place}`;
}

/** One item: its pixels, label → prediction, whether mining selects it, and its loss. A click opens its image. */
export function ItemCell({ place }: { readonly place: number }) {
  const { model, actions } = usePanel();
  const { gallery, classes } = model;
  const item = itemAt(gallery, place);
  const option = {
    id: itemId(place),
    role: 'option',
    'aria-selected': place === gallery.at.value,
    'aria-setsize': gallery.layout.value.length,
    'aria-posinset': place + 1,
    'data-testid': 'item',
    'data-place': place,
  } as const;
  if (item === undefined) return <div {...option} class="example" aria-label={t('Loading')} />;
  const names = itemNames(item, classes.value);
  const wrong = item.prediction !== item.label && item.prediction !== NONE && item.label >= 0;
  // Whether mining selects what a label to check stands for, nobody asks there.
  const state = item.suspicion !== null ? undefined : item.selected ? 'selected' : 'below-budget';
  return (
    <div
      {...option}
      class="example"
      title={`${item.id}\n${names.label} → ${names.prediction}\n${itemWords(item)}`}
      data-image-index={item.imageIndex}
      data-row={item.row}
      data-status={state}
      {...menuContext(decidedPlace(gallery.pagesKind.value, item), item.annotation)}
      onClick={() => actions.openItem(place)}
    >
      <Crop item={item} whole={gallery.pagesKind.value === 'images'} />
      <span class="example-names">
        {state !== undefined && <span class={`mark mark-${state}`} />}
        <span class="example-classes">
          <Name>{names.label}</Name>{' '}
          <span class={wrong ? 'example-said example-wrong' : 'example-said quiet'}>
            → <Name>{names.prediction}</Name>
          </span>
        </span>
      </span>
      <VerdictBadge decision={item.decision} />
      <ValueLine item={item} />
      <span class="visually-hidden">{itemWords(item)}</span>
    </div>
  );
}

/** What the items are sorted for. */
function ValueLine({ item }: { readonly item: PanelItem }) {
  const { model } = usePanel();
  if (item.suspicion !== null) return <SuspicionLine suspicion={item.suspicion} />;
  const isSimilar = (model.gallery.answer.value?.similar ?? null) !== null;
  return isSimilar ? <SimilarityLine similarity={item.similarity} /> : <LossLine item={item} />;
}

function SimilarityLine({ similarity }: { readonly similarity: number | null }) {
  return (
    <span class="suspicion" data-testid="similarity">
      <span>{t('similarity')}</span>
      <span class="example-value">{formatScore(similarity ?? NaN)}</span>
    </span>
  );
}

function LossLine({ item }: { readonly item: PanelItem }) {
  return (
    <span class="example-loss">
      <LossBar item={item} />
      <span class="example-value">{numberOf(item.loss)}</span>
    </span>
  );
}

/** Why a label is to be checked, and how doubtful it is; the formula is its tooltip. */
function SuspicionLine({ suspicion: { kind, score } }: { readonly suspicion: NonNullable<PanelItem['suspicion']> }) {
  const { says, formula } = SUSPICIONS.find(({ id }) => id === kind) ?? { says: kind, formula: '' };
  return (
    <span
      class="suspicion"
      data-testid="suspicion"
      data-kind={kind}
      title={t('{0}. Score: {1}', tListed(says), tListed(formula))}
    >
      <span>{tListed(kind)}</span>
      <span class="example-value">{formatScore(score)}</span>
    </span>
  );
}

/** The loss as a share of that of the first item with one. */
function LossBar({ item }: { readonly item: PanelItem }) {
  const { model } = usePanel();
  const hardest = itemAt(model.gallery, 0)?.loss ?? item.loss ?? 0;
  const share = hardest > 0 ? Math.min(Math.max((item.loss ?? 0) / hardest, 0), 1) : 0;
  return (
    <span class="loss-bar" aria-hidden="true">
      <span class="loss-cls" style={{ width: `${share * 100}%` }} />
    </span>
  );
}

function itemNames({ label, prediction }: PanelItem, classes: readonly string[]) {
  return { label: className(label, classes), prediction: className(prediction, classes, 'prediction') };
}

/** What the cell itself does not show. */
function itemWords({ score, iou, selected, suspicion }: PanelItem): string {
  if (suspicion !== null) return t('score {0}', formatScore(score ?? NaN));
  const chosen = selected ? t('selected') : t('not selected');
  return t('score {0}, IoU {1}, {2}', formatScore(score ?? NaN), formatShare(iou ?? NaN), chosen);
}

function numberOf(value: number | null): string {
  return formatMeasure(value ?? NaN);
}
