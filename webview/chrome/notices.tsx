import type { Notice } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { Gaps } from './gaps.js';
import { Icon, IconButton } from './icon-button.js';
import { t } from '../words/t.js';

/** Lines for the person: from the host, and from the panel itself. */
export function Notices() {
  const { model, actions } = usePanel();
  const decision = model.decision.value;
  return (
    <div class="notices" role="status">
      <Gaps />
      {decision.error !== '' && <p class="notice notice-error">{decision.error}</p>}
      {model.notices.value.map((notice) => (
        <NoticeLine
          key={notice.id}
          notice={notice}
          onDismiss={() => actions.dismiss(notice.id)}
          onShowLog={actions.showLog}
        />
      ))}
    </div>
  );
}

function NoticeLine({
  notice,
  onDismiss,
  onShowLog,
}: {
  readonly notice: Notice;
  readonly onDismiss: () => void;
  readonly onShowLog: () => void;
}) {
  return (
    <p class={`notice notice-${notice.level}`} data-testid="notice" data-level={notice.level}>
      <Icon icon={notice.level} />
      <span class="notice-text">{notice.text}</span>
      {notice.level === 'error' && (
        <button type="button" class="text-button" onClick={onShowLog}>
          {t('Show Log')}
        </button>
      )}
      <IconButton icon="close" label={t('Dismiss: {0}', notice.text)} onClick={onDismiss} />
    </p>
  );
}
