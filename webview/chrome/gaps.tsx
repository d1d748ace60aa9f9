import type { RunGaps } from '../../src/protocol/panel-messages.js';
import { countOf, formatCount } from '../rows/format.js';
import { shownImageIndex } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { Icon } from './icon-button.js';
import { t } from '../words/t.js';

/** Most damaged images that are named. */
const MAX_NAMED = 4;

/** What the run lacks: its file, damaged images, and those that were not mined, unless the progress strip tells. */
export function Gaps() {
  const { model, actions } = usePanel();
  const [gaps, progress] = [model.gaps.value, model.progress.value];
  if (gaps === null) return null;
  const untold = progress === null || progress.state === 'done';
  return (
    <>
      {gaps.deleted && (
        <p class="notice notice-warning" data-testid="deleted">
          <Icon icon="warning" />
          <span class="notice-text">{t('The file of this run was deleted. What you see was read before.')}</span>
        </p>
      )}
      {gaps.damaged.length > 0 && (
        <p class="notice notice-error" data-testid="damaged">
          <Icon icon="error" />
          <span class="notice-text">{damageText(gaps)}</span>
          <button type="button" class="text-button" data-testid="salvage" onClick={actions.salvage}>
            {t('Salvage…')}
          </button>
        </p>
      )}
      {untold && gaps.changed.length > 0 && <Changed changed={gaps.changed} />}
      {untold && !gaps.deleted && (gaps.cut || gaps.numImages < gaps.numInDataset) && (
        <p class="notice notice-warning" data-testid="unfinished">
          <Icon icon="warning" />
          <span class="notice-text">{unfinishedText(gaps)}</span>
          {gaps.resumable && (
            <button type="button" class="text-button" data-testid="resume-run" onClick={actions.resume}>
              <Icon icon="resume" /> {t('Resume')}
            </button>
          )}
        </p>
      )}
    </>
  );
}

/** Images that are no longer what was mined: the one in sight, and all of the run. */
function Changed({ changed }: { readonly changed: readonly number[] }) {
  const { model, actions } = usePanel();
  const isShown = changed.includes(shownImageIndex(model));
  const count = countOf(changed.length, '{0} image changed since this run', '{0} images changed since this run');
  return (
    <p class="notice notice-warning" data-testid="changed">
      <Icon icon="warning" />
      <span class="notice-text">{isShown ? t('Changed since this run: this image. {0}.', count) : `${count}.`}</span>
      {isShown && (
        <button type="button" class="text-button" data-testid="remine-image" onClick={actions.remineImage}>
          {t('Re-mine This Image')}
        </button>
      )}
      <button type="button" class="text-button" data-testid="remine-changed" onClick={actions.remineChanged}>
        {t('Re-mine What Changed')}
      </button>
    </p>
  );
}

function damageText({ damaged }: RunGaps): string {
  const named = damaged.filter((id) => id !== '');
  const names = named.slice(0, MAX_NAMED).join(', ') + (named.length > MAX_NAMED ? ', …' : '');
  const count = countOf(damaged.length, '{0} image damaged', '{0} images damaged');
  return t('{0}. Their minibatches are left out.', names === '' ? count : `${count}: ${names}`);
}

function unfinishedText({ numImages, numInDataset, cut }: RunGaps): string {
  const [done, all] = [formatCount(numImages), formatCount(numInDataset)];
  return cut ? t('Not finished: {0} of {1} images', done, all) : t('{0} of {1} images', done, all);
}
