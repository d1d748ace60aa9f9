import type { ExampleRoi } from '../../src/protocol/checkpoint-messages.js';
import { IconButton } from '../chrome/icon-button.js';
import { formatLoss, formatScore, formatShare } from '../rows/format.js';
import { t } from '../words/t.js';
import { useCheckpoints } from './checkpoint-room.js';
import { lookNames } from './toolbar.js';

/** What a side says of the example, in numbers. */
export function SideFacts({ side, letter }: { readonly side: 0 | 1; readonly letter: string }) {
  const { model, actions } = useCheckpoints();
  const shown = model.sides.value?.[side];
  if (shown === undefined) return <div class="side-facts" />;
  const names = lookNames(model.runs.value?.names ?? [], model.answer.value?.numLooks ?? 0);
  return (
    <div class="side-facts" data-testid={`facts-${letter.toLowerCase()}`}>
      <div class="side-head">
        <strong>
          {letter} · {names[shown.look]}
        </strong>
        <IconButton
          icon="go-to-file"
          label={t('Open the image in run {0}', names[shown.look] ?? letter)}
          testId={`open-${letter.toLowerCase()}`}
          onClick={() => actions.openImage(side)}
        />
      </div>
      {shown.roi === null ? <p>{t('No RoI met it.')}</p> : <RoiNumbers roi={shown.roi} />}
    </div>
  );
}

function RoiNumbers({ roi }: { readonly roi: ExampleRoi }) {
  const number = (value: number | null) => (value === null ? '–' : formatLoss(value));
  return (
    <dl class="side-numbers">
      <dt>{t('answer')}</dt>
      <dd>{roi.known ? t('known') : t('not known')}</dd>
      <dt>{t('scores')}</dt>
      <dd>{roi.scores.map(([name, score]) => `${name} ${formatScore(score)}`).join(' · ') || '–'}</dd>
      <dt>{t('loss')}</dt>
      <dd>{t('{0} (class {1}, box {2})', number(roi.loss), number(roi.lossCls), number(roi.lossLoc))}</dd>
      <dt>{t('margin')}</dt>
      <dd>{number(roi.margin)}</dd>
      {roi.box !== null && (
        <>
          <dt>{t('IoU')}</dt>
          <dd>{roi.iou === null ? '–' : formatShare(roi.iou)}</dd>
        </>
      )}
    </dl>
  );
}
