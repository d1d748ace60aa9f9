/** Entry of the wizard: the link to the host, what is known, the views. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import type { WizardHost, WizardState, WizardView } from '../../src/protocol/inspect-messages.js';
import { Icon } from '../chrome/icon-button.js';
import { openHostLink } from '../link/host-link.js';
import { messageOf } from '../words/message-of.js';
import { ReadingView } from './reading-view.js';
import { RepairsForm } from './repairs-form.js';
import { useWizard, WizardContext, type WizardRoom } from './wizard-context.js';
import { ask, createWizardModel } from './wizard-model.js';
import { t, tListed, tSaid } from '../words/t.js';
import './wizard.css';

function WizardApp({ room }: { readonly room: WizardRoom }) {
  const wizard = room.model.wizard.value;
  return (
    <WizardContext.Provider value={room}>
      <main class="wizard" aria-busy={wizard === null || room.model.busy.value} data-busy={room.model.busy.value}>
        {wizard !== null && (
          <>
            <WizardHead wizard={wizard} />
            <div class="wizard-columns">
              <ReadingView wizard={wizard} />
              <div>
                <RepairsForm inspection={wizard.inspection} />
                <Facts wizard={wizard} />
              </div>
            </div>
          </>
        )}
      </main>
    </WizardContext.Provider>
  );
}

function WizardHead({ wizard: { title, inspection, minesNext } }: { readonly wizard: WizardState }) {
  const { model, ask: askHost } = useWizard();
  const { readings, chosen, evidence, isWeak } = inspection;
  return (
    <header class="wizard-head">
      <div>
        <h1>{t('Is {0} read right?', title)}</h1>
        <p>
          {t('Read')} <strong data-testid="reading">{tListed(readings[chosen]?.name ?? '')}</strong>;{' '}
          <span data-testid="evidence" data-weak={isWeak}>
            {isWeak && <Icon icon="warning" />} {tSaid(evidence)}.
          </span>
        </p>
      </div>
      <button
        type="button"
        class="button"
        data-testid="save"
        disabled={model.busy.value}
        onClick={() => askHost('save', {})}
      >
        {minesNext ? t('Looks Right: Save and Mine') : t('Looks Right: Save')}
      </button>
      {model.notice.value !== '' && (
        <p class="failure" role="alert">
          {model.notice.value}
        </p>
      )}
      <p class="visually-hidden" role="status" data-testid="announcer">
        {model.spoken.value}
      </p>
    </header>
  );
}

/** The engine's names of facts, which the command line prints as they are. */
const FACT_WORDS: Readonly<Record<string, string>> = {
  family: t('family'),
  input: t('input'),
  output: t('output'),
  preprocess: t('preprocess'),
  classes: t('classes'),
};

/** What the checkpoint is taken for, and where each comes from. */
function Facts({ wizard: { inspection } }: { readonly wizard: WizardState }) {
  return (
    <>
      <h2>{t('What it is taken for')}</h2>
      <dl class="facts" data-testid="facts">
        {inspection.facts.map(([name, text], row) => (
          <div key={row}>
            <dt>{FACT_WORDS[name] ?? name}</dt>
            <dd>{tSaid(text)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function start(root: HTMLElement): void {
  const link = openHostLink();
  const saved = link.saved();
  const model = createWizardModel(typeof saved === 'number' ? saved : 0);
  effect(() => link.save(model.image.value));
  const host = link.connect<WizardView, WizardHost>(
    {
      wizard: ({ wizard }) => void (model.wizard.value = wizard),
      notice: ({ text }) => void (model.notice.value = text),
    },
    (error) => (model.notice.value = messageOf(error)),
  );
  const room: WizardRoom = { model, ask: (method, params) => void ask(model, host, method, params) };
  render(<WizardApp room={room} />, root);
  host.tell('ready', {});
}

const root = document.getElementById('root');
if (root !== null) start(root);
