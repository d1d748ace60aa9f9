import { VERDICTS } from '../../src/core/triage/decisions.js';
import type { Decidable } from '../../src/core/triage/placed-decisions.js';
import { MAX_NOTE } from '../../src/protocol/decisions.js';
import { Icon, IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { WordSelect } from '../chrome/word-select.js';
import { VERDICT_KEYS } from '../rows/verdict-words.js';
import { decisionNow, placeNow } from '../state/decision-now.js';
import { usePanel } from '../state/panel-context.js';
import { t, tListed } from '../words/t.js';

const ABOUT_WORDS: Readonly<Record<Decidable, string>> = {
  image: t('the image'),
  object: t('its object'),
  roi: t('the RoI'),
};

/** The verdict on what has the focus: chips that decide, the note, who and when. */
export function DecisionSection() {
  const { model, actions } = usePanel();
  const { canUndo, canRedo } = model.decide.all.value;
  const place = placeNow(model);
  const aside = (
    <>
      <IconButton
        icon="discard"
        label={t('Undo the decision')}
        testId="undo-decision"
        disabled={!canUndo}
        onClick={actions.undoDecision}
      />
      <IconButton
        icon="resume"
        label={t('Redo the decision')}
        testId="redo-decision"
        disabled={!canRedo}
        onClick={actions.redoDecision}
      />
    </>
  );
  return (
    <Section title={t('Decision')} term="verdict" aside={aside} testId="decision">
      {model.room.value === 'picture' && <About />}
      {place === null ? <p class="quiet">{t('Nothing has the focus.')}</p> : <Verdicts />}
      <button type="button" class="text-button" data-testid="check-labels" onClick={actions.checkLabels}>
        <Icon icon="grid" /> {t('Check the labels of this run (Q)')}
      </button>
    </Section>
  );
}

function About() {
  const { model, actions } = usePanel();
  const { abouts, what } = model.decide;
  return (
    <label class="decision-about" title={t('V steps through them')}>
      {t('on')}{' '}
      <WordSelect
        ids={abouts.value}
        wordOf={(id) => ABOUT_WORDS[id]}
        value={what.value}
        onPick={actions.setAbout}
        testId="decide-about"
      />
    </label>
  );
}

function Verdicts() {
  const { model, actions } = usePanel();
  const decision = decisionNow(model);
  const own = decision?.by === model.decide.all.value.author;
  return (
    <>
      <div class="chips" role="group" aria-label={t('Verdict')}>
        {VERDICTS.map(({ id, says }) => (
          <button
            key={id}
            type="button"
            class="chip"
            aria-pressed={decision?.verdict === id}
            title={t('{0} ({1})', tListed(says), VERDICT_KEYS[id].toUpperCase())}
            data-testid={`verdict-${id}`}
            onClick={() => actions.decide(own && decision.verdict === id ? null : id)}
          >
            {tListed(id)}
          </button>
        ))}
      </div>
      {decision !== undefined && (
        <>
          <textarea
            // Another decision has another note.
            key={`${decision.at} ${decision.image}`}
            class="decision-note"
            rows={2}
            maxLength={MAX_NOTE}
            placeholder={t('Note')}
            aria-label={t('Note on the decision')}
            data-testid="decision-note"
            onChange={(event) => actions.setNote(event.currentTarget.value)}
          >
            {decision.note}
          </textarea>
          <p class="quiet" data-testid="decision-who">
            {t('{0}, {1}', decision.by, new Date(decision.at).toLocaleString())}
          </p>
        </>
      )}
    </>
  );
}
