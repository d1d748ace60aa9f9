import { NONE } from '../../src/core/tables.js';
import { IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { usePanel } from '../state/panel-context.js';
import { rankName, statusOf } from '../rows/roi-text.js';
import { RoiFacts } from './roi-facts.js';
import { t } from '../words/t.js';

/** Everything about the focused RoI. */
export function Details() {
  const { model, actions } = usePanel();
  const [selection, row] = [model.selection.value, model.focused.value];
  const known = selection !== null && row !== NONE && row < selection.status.length;
  const aside = known && (
    <>
      <IconButton
        icon="target"
        label={t('Zoom to the RoI')}
        keyHint="Z"
        testId="zoom-roi"
        onClick={actions.zoomToFocused}
      />
      <IconButton icon="copy" label={t('Copy as JSON')} testId="copy-roi" onClick={actions.copyFocused} />
    </>
  );
  return (
    <Section title={t('Focused RoI')} term="RoI" aside={aside} testId="details-section" height={340}>
      {known ? (
        <div data-testid="details" data-row={row} data-status={statusOf(selection, row).id}>
          <p class="details-title">
            {t('RoI {0}', rankName(selection, row))} · {statusOf(selection, row).words}
          </p>
          <RoiFacts row={row} />
        </div>
      ) : (
        <p class="quiet">{t('Click a box, or press J.')}</p>
      )}
    </Section>
  );
}
