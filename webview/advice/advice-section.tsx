import { useSignal } from '@preact/signals';
import type { AdviceFacts } from '../../src/core/advice/advice-facts.js';
import { HARDEST_SHARES } from '../../src/core/advice/advice-facts.js';
import { adviceOf, findingText, verdictText } from '../../src/core/advice/advise.js';
import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import { Section } from '../chrome/section.js';
import { messageOf } from '../words/message-of.js';
import { formatShare } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { t, translate } from '../words/t.js';

/** What a run says, and what it was asked: the run by its date, and what decides. */
interface Told {
  readonly facts: AdviceFacts;
  readonly createdAt: string;
  readonly mining: MiningConfig;
}

/** null: not asked; 'waiting': the run is being read; a text: why that failed. */
type Answer = Told | 'waiting' | { readonly error: string } | null;

/** Does mining suit the run, as the panel decides it now? Asked for, since every RoI is read. */
export function AdviceSection() {
  const { model, actions } = usePanel();
  const answer = useSignal<Answer>(null);
  const manifest = model.manifest.value;
  if (manifest?.task !== 'detection') return null;
  const { createdAt } = manifest;
  const mining = model.mining.value;
  const ask = async () => {
    answer.value = 'waiting';
    answer.value = await actions.advise(mining).then(
      (facts): Answer => ({ facts, createdAt, mining }),
      (error: unknown): Answer => ({ error: messageOf(error) }),
    );
  };
  const told = answer.value;
  return (
    <Section title={t('Does mining suit this data?')} testId="advice-section">
      <p>
        <button
          type="button"
          class="text-button"
          data-testid="advice-ask"
          disabled={told === 'waiting'}
          onClick={() => void ask()}
        >
          {told === 'waiting' ? t('Reading the run…') : t('Ask the run')}
        </button>
      </p>
      {told !== null &&
        told !== 'waiting' &&
        ('error' in told ? (
          <p class="option-error">{told.error}</p>
        ) : told.createdAt === createdAt && isEqual(told.mining, mining) ? (
          <Advice facts={told.facts} />
        ) : (
          <p class="option-note">{t('The settings have changed since.')}</p>
        ))}
    </Section>
  );
}

function isEqual(a: MiningConfig, b: MiningConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function Advice({ facts }: { readonly facts: AdviceFacts }) {
  const advice = adviceOf(facts);
  const { numRois, numForeground, own, others, lossShares, isLeastShare } = facts;
  const hardest = HARDEST_SHARES.map(
    (share, i) => `${100 * share} %: ${isLeastShare[i] ? '≥ ' : ''}${formatShare(lossShares[i] ?? 0)}`,
  ).join(' · ');
  return (
    <div data-testid="advice" data-verdict={advice.verdict}>
      <p role="status">{verdictText(advice, facts, translate)}</p>
      {advice.findings.slice(1).map((finding) => (
        <p key={finding.id}>{findingText(finding, translate)}</p>
      ))}
      {advice.findings.map(({ id, evidence }) => (
        <p key={id} class="quiet">
          {evidence}
        </p>
      ))}
      <p class="quiet">
        {t('{0} RoIs a minibatch, {1} foreground', Math.round(numRois), Math.round(numForeground))}
        <br />
        {t('Loss on the hardest of an image: {0}', hardest)}
      </p>
      <table class="compare-table">
        <thead>
          <tr>
            <th scope="col">{t('Preset')}</th>
            <th scope="col">{t('selected')}</th>
            <th scope="col">{t('foreground')}</th>
          </tr>
        </thead>
        <tbody>
          {[own, ...others].map(({ preset, numSelected, foregroundShare }) => (
            <tr key={preset}>
              <th scope="row">{preset}</th>
              <td>{Math.round(numSelected)}</td>
              <td>{formatShare(foregroundShare)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
