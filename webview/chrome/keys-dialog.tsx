import { useEffect, useRef } from 'preact/hooks';
import { keyBindings } from '../state/keyboard.js';
import { usePanel } from '../state/panel-context.js';
import { IconButton } from './icon-button.js';
import { t } from '../words/t.js';

const KEY_WORDS: Readonly<Record<string, string>> = {
  Enter: 'Enter',
  Escape: 'Esc',
  PageDown: 'Page ↓',
  PageUp: 'Page ↑',
  Home: 'Home',
  End: 'End',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** The keys, in a modal dialog: Escape closes it, and the focus goes back to where it was. */
export function KeysDialog() {
  const { model, actions } = usePanel();
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = model.keysShown.value;
  useEffect(() => {
    if (shown && dialog.current?.open === false) dialog.current.showModal();
    if (!shown) dialog.current?.close();
  }, [shown]);
  const close = () => actions.showKeys(false);
  return (
    <dialog ref={dialog} class="keys" aria-labelledby="keys-title" data-testid="keys-dialog" onClose={close}>
      <div class="keys-head">
        <h2 id="keys-title">{t('Keys')}</h2>
        <IconButton icon="close" label={t('Close')} onClick={close} />
      </div>
      <dl class="keys-list">
        {keyBindings(model.room.value).map(({ keys, help }) => (
          <div key={help} class="keys-row">
            <dt>
              {keyWords(keys).map((word) => (
                <kbd key={word}>{word}</kbd>
              ))}
            </dt>
            <dd>{help}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="text-button" data-testid="open-glossary" onClick={actions.explain}>
        {t('Glossary: what the words mean')}
      </button>
      {model.room.value === 'picture' && (
        <p class="quiet">
          {t(
            'Wheel or pinch zooms to the pointer, dragging moves. ' +
              'A second click at the same place takes the RoI below.',
          )}
        </p>
      )}
    </dialog>
  );
}

/** Keys in a row of digits become one span: 1–6. */
function keyWords(keys: readonly string[]): string[] {
  if (keys.length > 3) return [`${keys[0]}–${keys.at(-1)}`];
  return keys.map((key) => KEY_WORDS[key] ?? key.toUpperCase());
}
