import { useComputed } from '@preact/signals';
import { reportGts, type GtReport } from '../../src/core/reports/gt-report.js';
import { NONE } from '../../src/core/tables.js';
import { Name } from '../chrome/name.js';
import { Section } from '../chrome/section.js';
import { formatCount, formatLoss, formatShare } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { groundTruthTag } from '../rows/roi-text.js';
import { RoiLink } from './roi-facts.js';
import { t } from '../words/t.js';

/** IoU below which no regressed box can be called a find of the object (VOC and COCO's AP50). */
const GOOD_IOU = 0.5;

/** The question from the other side: which objects have no good RoI at all? */
export function GtSection() {
  const { model } = usePanel();
  const report = useComputed(() => {
    const image = model.image.value;
    return image === null ? null : reportGts(image.rois, image.gts);
  }).value;
  if (report === null || report.bestIou.length === 0) return null;
  const poor = [...report.bestIou.keys()].filter((gt) => report.bestIou[gt] < GOOD_IOU);
  return (
    <Section
      title={t('Objects without a good RoI')}
      term="IoU"
      aside={
        <span data-testid="gt-poor-count">
          {t('{0} of {1}', formatCount(poor.length), formatCount(report.bestIou.length))}
        </span>
      }
      testId="gt-report"
      {...(poor.length > 0 && { height: 140 })}
    >
      {poor.length === 0 ? (
        <p class="quiet">{t('Each object has a regressed box with IoU ≥ {0}.', formatShare(GOOD_IOU))}</p>
      ) : (
        <ul class="gt-list">
          {poor
            .sort((a, b) => report.bestIou[a] - report.bestIou[b])
            .map((gt) => (
              <GtRow key={gt} gt={gt} report={report} />
            ))}
        </ul>
      )}
    </Section>
  );
}

function GtRow({ gt, report }: { readonly gt: number; readonly report: GtReport }) {
  const { model, actions } = usePanel();
  const [image, selection] = [model.image.value, model.selection.value];
  if (image === null || selection === null || gt >= image.gts.numGts) return null;
  const best = report.bestRoi[gt];
  const name = groundTruthTag(image.gts, gt, model.classes.value);
  return (
    <li class="gt-row" data-testid="gt-row" data-gt={gt}>
      <span class="gt-name" title={name}>
        <Name>{name}</Name>
      </span>
      <span>{t('best IoU {0}', formatShare(report.bestIou[gt]))}</span>
      {best !== NONE && <RoiLink selection={selection} row={best} />}
      {best !== NONE && <span class="quiet">{t('loss {0}', formatLoss(report.bestLoss[gt]))}</span>}
      <button
        type="button"
        class="text-button"
        aria-label={t('Reveal ground truth {0}: {1}', gt, name)}
        onClick={() => actions.reveal(gt)}
      >
        {t('Reveal')}
      </button>
    </li>
  );
}
