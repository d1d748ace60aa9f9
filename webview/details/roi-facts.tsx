import type { ComponentChildren } from 'preact';
import type { Term } from '../../src/core/facts/glossary.js';
import { isForeground, NONE, type RoiTable } from '../../src/core/tables.js';
import { Icon } from '../chrome/icon-button.js';
import { Name } from '../chrome/name.js';
import { formatWeight } from '../rows/colouring.js';
import { formatCount, formatLoss, formatScore, formatShare } from '../rows/format.js';
import { suppressedRows, type ImageSelection } from '../rows/image-selection.js';
import type { ShownImage } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { className, countRows, rankName, STATUS_TERMS, statusOf, topScores, whySentence } from '../rows/roi-text.js';
import { t } from '../words/t.js';
import { termOf } from '../words/term.js';

/** What stands for a RoI. */
const BOX_TERMS = { region: 'anchor', regressed: 'regressed box' } as const;
/** Most suppressed RoIs that are named. */
const MAX_NAMED = 12;

/** The facts of one row, in the order in which a person asks. */
export function RoiFacts({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const [image, selection] = [model.image.value, model.selection.value];
  if (image === null || selection === null) return null;
  return (
    <dl class="facts">
      <Fact name={t('Why')} term={STATUS_TERMS[selection.status[row]]}>
        {whySentence(image.rois, selection, row, model.mining.value)}
      </Fact>
      <ComparedFact row={row} />
      <LossFact image={image} row={row} />
      <WeightsFact row={row} />
      <LabelFact image={image} row={row} />
      <ScoresFact rois={image.rois} row={row} />
      <RankFact selection={selection} row={row} />
      <Suppression selection={selection} row={row} />
      <BoxFact image={image} row={row} />
      <AnnotationFact image={image} row={row} />
    </dl>
  );
}

export function Fact({
  name,
  term,
  children,
  testId,
}: {
  readonly name: string;
  /** What the name means, where it is no plain word. */
  readonly term?: Term | undefined;
  readonly children: ComponentChildren;
  readonly testId?: string;
}) {
  return (
    <>
      <dt {...(term && termOf(term))}>{name}</dt>
      <dd data-testid={testId}>{children}</dd>
    </>
  );
}

/** What the other side does with the row. */
export function ComparedFact({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const [selection, comparison, compared] = [model.selection.value, model.comparison.value, model.compared.value];
  if (selection === null || comparison === null || compared === null || row >= comparison.mark.length) return null;
  return (
    <Fact name={t('Compared')} testId="details-compared">
      A {model.mining.value.preset}: {statusOf(selection, row).words} · B {compared.preset}:{' '}
      {statusOf(comparison.b, row).words}
    </Fact>
  );
}

interface RowOfImage {
  readonly image: ShownImage;
  readonly row: number;
}

function LossFact({ image: { rois }, row }: RowOfImage) {
  const foreground = isForeground(rois, row);
  const [cls, loc] = [rois.lossCls[row], foreground ? rois.lossLoc[row] : 0];
  return (
    <Fact name={t('Loss')} term="loss" testId="details-loss">
      <span {...termOf('class loss')}>
        {t('class')} {formatLoss(cls)}
      </span>
      {' + '}
      <span {...termOf('box loss')}>
        {t('box')} {formatLoss(loc)}
      </span>
      {' = '}
      <strong {...termOf('nats')}>{formatLoss(cls + loc)}</strong>
    </Fact>
  );
}

/** What a soft weighting would do with this RoI instead of selecting or dropping it. */
export function WeightsFact({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const weights = model.weights.value;
  if (weights === null) return null;
  return (
    <Fact name={t('Soft weights')} testId="details-weights">
      <span {...termOf('focal weight')}>{t('focal {0}', formatWeight(weights.focal[row]))}</span>
      <span class="quiet"> · </span>
      <span {...termOf('GHM-C weight')}>GHM-C {formatWeight(weights.ghm[row])}</span>
    </Fact>
  );
}

function LabelFact({ image, row }: RowOfImage) {
  const { model } = usePanel();
  const { rois, gts } = image;
  const gt = rois.gtIndex[row];
  const matched = gt !== NONE && gt < gts.numGts;
  return (
    <Fact name={t('Label')} term="label" testId="details-label">
      {className(rois.gtClass[row], model.classes.value)}
      {matched ? ` · ${t('ground truth {0}', gt)}` : ''} ·{' '}
      <span {...termOf('IoU')}>IoU {formatShare(rois.iou[row], 3)}</span>
    </Fact>
  );
}

export function ScoresFact({ rois, row }: { readonly rois: RoiTable; readonly row: number }) {
  const { model } = usePanel();
  const scores = topScores(rois, row);
  return (
    <Fact name={t('Top scores')} term="score" testId="details-scores">
      {scores.length === 0
        ? t('none given')
        : scores.map(({ id, score }) => (
            <ScoreOf
              key={id}
              name={className(id, model.classes.value)}
              score={score}
              isLabel={id === rois.gtClass[row]}
            />
          ))}
    </Fact>
  );
}

interface ClassScore {
  readonly name: string;
  readonly score: number;
  readonly isLabel: boolean;
}

function ScoreOf({ name, score, isLabel }: ClassScore) {
  return (
    <span class={isLabel ? 'score score-label' : 'score'} title={name}>
      <Name>{name}</Name> {formatScore(score)}
    </span>
  );
}

export function RankFact({ selection, row }: { readonly selection: ImageSelection; readonly row: number }) {
  const [rank, numRanked] = [selection.lossRank[row], selection.rankedWith[row]];
  if (rank === NONE) return <Fact name={t('Rank')}>{t('none: it is not ranked')}</Fact>;
  return (
    <Fact name={t('Rank')} term="loss rank" testId="details-rank">
      {t('{0} of {1}', formatCount(rank + 1), formatCount(numRanked))} · {percentileWords(rank, numRanked)} ·{' '}
      {t('row {0}', row)}
    </Fact>
  );
}

function percentileWords(rank: number, numRanked: number): string {
  if (rank === 0) return t('the hardest');
  const percent = (100 * (numRanked - 1 - rank)) / (numRanked - 1);
  return t('harder than {0} %', percent.toFixed(percent > 99 ? 1 : 0));
}

/** The chain of mining NMS, each RoI a step to go. */
function Suppression({ selection, row }: { readonly selection: ImageSelection; readonly row: number }) {
  const { actions } = usePanel();
  const by = selection.suppressedBy[row];
  if (by !== NONE) {
    return (
      <Fact name={t('Suppressor')} term="mining NMS">
        <RoiLink selection={selection} row={by} />{' '}
        <button
          type="button"
          class="text-button"
          data-testid="go-suppressor"
          title={t('Go to the suppressor (G)')}
          onClick={actions.goToSuppressor}
        >
          {t('Go')}
        </button>
      </Fact>
    );
  }
  const victims = suppressedRows(selection, row);
  if (victims.length === 0) return null;
  return (
    <Fact name={t('Suppresses')} term="mining NMS" testId="details-suppresses">
      {countRows(victims.length, 'RoI')}:{' '}
      {victims.slice(0, MAX_NAMED).map((victim) => (
        <RoiLink key={victim} selection={selection} row={victim} />
      ))}
      {victims.length > MAX_NAMED && t('and {0} more', formatCount(victims.length - MAX_NAMED))}
    </Fact>
  );
}

/** "#12", which hovers and focuses that RoI. */
export function RoiLink({ selection, row }: { readonly selection: ImageSelection; readonly row: number }) {
  const { actions } = usePanel();
  return (
    <button
      type="button"
      class="link-button roi-link"
      onClick={() => actions.focus(row)}
      onPointerEnter={() => actions.hover(row)}
      onPointerLeave={() => actions.hover(NONE)}
    >
      {rankName(selection, row)}
    </button>
  );
}

function BoxFact({ image: { rois }, row }: RowOfImage) {
  const whole = (value: number) => (Number.isFinite(value) ? String(Math.round(value)) : String(value));
  const size = (low: ArrayLike<number>, high: ArrayLike<number>) => whole(high[row] - low[row]);
  const words = { region: t('proposal or anchor'), regressed: t('regressed box') }[rois.roiBox];
  const [x1, y1, x2, y2] =
    rois.roiBox === 'region'
      ? [rois.x1, rois.y1, rois.x2, rois.y2]
      : [rois.predX1, rois.predY1, rois.predX2, rois.predY2];
  return (
    <Fact name={t('Box')}>
      {t('{0} × {1} px at {2}, {3}', size(x1, x2), size(y1, y2), whole(x1[row]), whole(y1[row]))} ·{' '}
      <span {...termOf(BOX_TERMS[rois.roiBox])}>{words}</span>
    </Fact>
  );
}

function AnnotationFact({ image, row }: RowOfImage) {
  const { actions } = usePanel();
  const { annotationPath } = image.summary;
  if (annotationPath === '') return null;
  const annotation = image.gts.annotation[image.rois.gtIndex[row]] ?? NONE;
  const file = annotationPath.split(/[\\/]/).at(-1);
  return (
    <Fact name={t('Annotation')} testId="details-annotation">
      <span class="path">
        {file}
        {annotation !== NONE && ` · ${t('object {0}', annotation)}`}
      </span>{' '}
      <button
        type="button"
        class="text-button"
        data-testid="reveal"
        title={t('Reveal the annotation (R)')}
        onClick={() => actions.reveal()}
      >
        <Icon icon="go-to-file" /> {t('Reveal')}
      </button>
    </Fact>
  );
}
