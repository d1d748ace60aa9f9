import { usePanel } from '../state/panel-context.js';
import { runFacts } from './run-facts.js';

/** What the numbers are: a proxy or training's own, and everything that they depend on. */
export function Footer() {
  const { model, actions } = usePanel();
  const manifest = model.manifest.value;
  return (
    <footer class="footer">
      <span class="footer-facts" data-testid="footer">
        {manifest !== null && runFacts(manifest, model.mining.value).join(' · ')}
      </span>
      <button type="button" class="text-button footer-keys" onClick={() => actions.showKeys(true)}>
        {model.classification.value
          ? 'arrows example · W misclassified · ? keys'
          : 'J/K box · N/P image · O overlap · ? keys'}
      </button>
    </footer>
  );
}
