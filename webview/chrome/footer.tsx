import type { Room } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { t } from '../words/t.js';
import { termOf } from '../words/term.js';
import { runFacts } from './run-facts.js';

const KEY_HINTS: Readonly<Record<Room, string>> = {
  picture: t('J/K box · N/P image · A all examples · ? keys'),
  examples: t('arrows example · W misclassified · ? keys'),
  gallery: t('arrows item · Enter opens · Esc picture · ? keys'),
};

/** What the numbers are: a proxy or training's own, and everything that they depend on. */
export function Footer() {
  const { model, actions } = usePanel();
  const manifest = model.manifest.value;
  const isProxy = manifest !== null && manifest.lossSource !== 'training';
  return (
    <footer class="footer">
      <span class="footer-facts" data-testid="footer" {...(isProxy && termOf('offline proxy'))}>
        {manifest !== null && runFacts(manifest, model.mining.value).join(' · ')}
      </span>
      <button type="button" class="text-button footer-keys" onClick={() => actions.showKeys(true)}>
        {KEY_HINTS[model.room.value]}
      </button>
    </footer>
  );
}
