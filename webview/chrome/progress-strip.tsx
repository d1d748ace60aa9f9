import type { MineProgress, ShardsProgress } from '../../src/protocol/panel-messages.js';
import { countOf, formatCount, formatDuration } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { Icon } from './icon-button.js';
import { t } from '../words/t.js';

/** How far the run is, while it grows and where it was cut short. Nothing once it is complete. */
export function ProgressStrip() {
  const { model, actions } = usePanel();
  const progress = model.progress.value;
  if (progress === null || progress.state === 'done') return null;
  const running = progress.state === 'running';
  return (
    <div
      class="progress"
      data-testid="progress"
      data-state={progress.state}
      data-done={progress.numDone}
      data-total={progress.numTotal}
    >
      <progress class="progress-bar" aria-label={t('Images mined')} {...barOf(progress)} />
      <span class="progress-text">{progressText(progress)}</span>
      {running && progress.numTotal === 0 && (
        <button
          type="button"
          class="text-button"
          aria-pressed={!model.touched.value}
          title={t('Show each image as the training writes it')}
          data-testid="follow-newest"
          onClick={actions.followNewest}
        >
          {t('Newest')}
        </button>
      )}
      {running ? (
        <button type="button" class="text-button" data-testid="stop-run" onClick={actions.cancel}>
          <Icon icon="stop" /> {t('Stop')}
        </button>
      ) : (
        <button type="button" class="text-button" data-testid="resume-run" onClick={actions.resume}>
          <Icon icon="resume" /> {t('Resume')}
        </button>
      )}
      {progress.state === 'failed' && (
        <button type="button" class="text-button" onClick={actions.showLog}>
          {t('Show Log')}
        </button>
      )}
    </div>
  );
}

/** Without a total the bar only says that something goes on. */
function barOf({ numDone, numTotal }: MineProgress) {
  return numTotal === 0 ? {} : { value: numDone, max: numTotal };
}

function progressText(progress: MineProgress): string {
  const { state, numDone, numTotal, numFailed, imagesPerSecond, etaSeconds, backend, message, shards } = progress;
  const word = { running: runningWord(progress), done: t('Done'), stopped: t('Stopped'), failed: t('Failed') }[state];
  const count =
    numTotal === 0
      ? countOf(numDone, '{0} image', '{0} images')
      : t('{0} of {1} images', formatCount(numDone), formatCount(numTotal));
  const parts = [t('{0}: {1}', word, count)];
  if (shards !== undefined) parts.push(...shardsTexts(shards));
  if (numFailed > 0) parts.push(t('{0} with an error', formatCount(numFailed)));
  if (state === 'running' && imagesPerSecond > 0) parts.push(t('{0} images/s', imagesPerSecond.toFixed(1)));
  if (state === 'running' && etaSeconds !== null) parts.push(t('{0} to go', formatDuration(etaSeconds)));
  if (backend !== '') parts.push(backend);
  if (message !== '') parts.push(message);
  return parts.join(' · ');
}

function runningWord({ numTotal, shards }: MineProgress): string {
  if (shards !== undefined) return shards.numWhole === shards.count ? t('Merging') : t('Following');
  return numTotal === 0 ? t('Watching') : t('Mining');
}

/** Shards that the strip names. */
const MAX_NAMED = 10;

/** `3 of 8 shards whole`, `not begun: 5, 7`. */
function shardsTexts({ count, numWhole, notBegun }: ShardsProgress): string[] {
  const whole = t('{0} of {1} shards whole', formatCount(numWhole), formatCount(count));
  if (notBegun.length === 0) return [whole];
  const named = notBegun.slice(0, MAX_NAMED).join(', ') + (notBegun.length > MAX_NAMED ? ', …' : '');
  return [whole, t('not begun: {0}', named)];
}
