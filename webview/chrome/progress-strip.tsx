import type { MineProgress } from '../../src/protocol/panel-messages.js';
import { countOf, formatCount, formatDuration } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { Icon } from './icon-button.js';

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
      <progress class="progress-bar" aria-label="Images mined" {...barOf(progress)} />
      <span class="progress-text">{progressText(progress)}</span>
      {running && progress.numTotal === 0 && (
        <button
          type="button"
          class="text-button"
          aria-pressed={!model.touched.value}
          title="Show each image as the training writes it"
          data-testid="follow-newest"
          onClick={actions.followNewest}
        >
          Newest
        </button>
      )}
      {running ? (
        <button type="button" class="text-button" data-testid="stop-run" onClick={actions.cancel}>
          <Icon icon="stop" /> Stop
        </button>
      ) : (
        <button type="button" class="text-button" data-testid="resume-run" onClick={actions.resume}>
          <Icon icon="resume" /> Resume
        </button>
      )}
      {progress.state === 'failed' && (
        <button type="button" class="text-button" onClick={actions.showLog}>
          Show Log
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
  const { state, numDone, numTotal, numFailed, imagesPerSecond, etaSeconds, backend, message } = progress;
  const word = { running: 'Mining', done: 'Done', stopped: 'Stopped', failed: 'Failed' }[state];
  const count = numTotal === 0 ? countOf(numDone, 'image') : `${formatCount(numDone)} of ${countOf(numTotal, 'image')}`;
  const parts = [`${numTotal === 0 && state === 'running' ? 'Watching' : word}: ${count}`];
  if (numFailed > 0) parts.push(`${formatCount(numFailed)} with an error`);
  if (state === 'running' && imagesPerSecond > 0) parts.push(`${imagesPerSecond.toFixed(1)} images/s`);
  if (state === 'running' && etaSeconds !== null) parts.push(`${formatDuration(etaSeconds)} to go`);
  if (backend !== '') parts.push(backend);
  if (message !== '') parts.push(message);
  return parts.join(' · ');
}
