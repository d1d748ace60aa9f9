import type { TrainingAction, TrainingFacts, TrainingProgress } from '../../src/protocol/train-messages.js';
import { Icon, type IconId } from '../chrome/icon-button.js';
import { countOf, formatCount, formatDuration } from '../rows/format.js';
import { useTraining } from './train-context.js';
import { t } from '../words/t.js';

/** What is trained, how far it is, and what can be done. */
export function TrainHead() {
  const { model } = useTraining();
  const [facts, progress] = [model.facts.value, model.progress.value];
  if (facts === null || progress === null) return <header class="train-head">{t('Opening…')}</header>;
  return (
    <header class="train-head">
      <div class="train-title">
        <h1>{facts.name}</h1>
        <span class="quiet" data-testid="train-facts">
          {factsText(facts)}
        </span>
      </div>
      <div
        class="progress"
        data-testid="train-progress"
        data-state={progress.state}
        data-step={progress.step}
        data-steps={progress.numSteps}
      >
        <progress
          class="progress-bar"
          aria-label={t('Steps done')}
          value={progress.step}
          max={Math.max(progress.numSteps, 1)}
        />
        <span class="progress-text">{progressText(progress, facts)}</span>
        <span class="visually-hidden" role="status">
          {announcement(progress)}
        </span>
      </div>
      <Buttons progress={progress} />
      <Failure progress={progress} />
    </header>
  );
}

function factsText({ sampler, frozenBody, learningRate, epochs, validation }: TrainingFacts): string {
  const measured = validation === '' ? t('no mAP') : t('mAP on {0}', validation);
  return [
    sampler,
    frozenBody ? t('RoI head only') : t('all layers'),
    t('learning rate {0}', learningRate),
    countOf(epochs, '{0} epoch', '{0} epochs'),
    measured,
  ].join(' · ');
}

const STATE_WORDS: Readonly<Record<TrainingProgress['state'], string>> = {
  ready: t('Not started'),
  starting: t('Starting TensorFlow and reading the images'),
  running: t('Training'),
  stopping: t('Stopping after this step'),
  elsewhere: t('Training in a process of another window'),
  stopped: t('Stopped'),
  finished: t('Finished'),
  failed: t('Failed'),
};

/** `Training: step 12 of 84 · epoch 0.57 of 4 · 0.31 s a step · 22 s to go`. */
export function progressText(
  { state, step, numSteps, epoch, stepSeconds, etaSeconds }: TrainingProgress,
  { epochs }: Pick<TrainingFacts, 'epochs'>,
): string {
  const parts = [STATE_WORDS[state]];
  if (step > 0)
    parts.push(
      numSteps === 0
        ? t('step {0}', formatCount(step))
        : t('step {0} of {1}', formatCount(step), formatCount(numSteps)),
      t('epoch {0} of {1}', Number(epoch.toFixed(2)), epochs),
    );
  if (state === 'running' && stepSeconds !== null)
    parts.push(t('{0} s a step', stepSeconds < 10 ? stepSeconds.toFixed(2) : Math.round(stepSeconds)));
  if (state === 'running' && etaSeconds !== null) parts.push(t('{0} to go', formatDuration(etaSeconds)));
  return parts.join(' · ');
}

/** What a screen reader is told by itself: not every step. */
export function announcement({ state, epoch }: Pick<TrainingProgress, 'state' | 'epoch'>): string {
  return epoch < 1
    ? STATE_WORDS[state]
    : t('{0}, {1} done', STATE_WORDS[state], countOf(Math.floor(epoch), '{0} epoch', '{0} epochs'));
}

interface ActionButton {
  readonly action: TrainingAction;
  readonly words: string;
  readonly icon?: IconId;
  readonly title: string;
}

function Buttons({ progress }: { readonly progress: TrainingProgress }) {
  const { act } = useTraining();
  return (
    <div class="train-buttons">
      {buttonsOf(progress).map(({ action, words, icon, title }, place) => (
        <button
          key={action}
          type="button"
          class={place === 0 ? 'button' : 'button button-secondary'}
          title={title}
          data-testid={`do-${action}`}
          onClick={() => act(action)}
        >
          {icon !== undefined && <Icon icon={icon} />} {words}
        </button>
      ))}
      <button
        type="button"
        class="text-button"
        title={t('The configuration, as `ohem train --config` takes it')}
        onClick={() => act('openConfig')}
      >
        {t('Configuration')}
      </button>
      <button type="button" class="text-button" onClick={() => act('showLog')}>
        {t('Show Log')}
      </button>
    </div>
  );
}

const STOP: ActionButton = {
  action: 'stop',
  words: t('Stop'),
  icon: 'stop',
  title: t('Stop after this step; the last checkpoint and what to go on from are kept'),
};
const STOP_NOW: ActionButton = {
  action: 'stopNow',
  words: t('Stop at Once'),
  icon: 'stop',
  title: t('End the process; what was saved after the last epoch stays'),
};
const RESUME: ActionButton = {
  action: 'resume',
  words: t('Continue'),
  icon: 'resume',
  title: t('Go on from where it stopped'),
};
const START: ActionButton = {
  action: 'resume',
  words: t('Start'),
  icon: 'resume',
  title: t('Train from the beginning'),
};
const FURTHER: ActionButton = {
  action: 'trainFurther',
  words: t('Train Further…'),
  icon: 'resume',
  title: t('Go on for more epochs'),
};
const AGAIN: ActionButton = {
  action: 'trainAgain',
  words: t('Train Again…'),
  icon: 'resume',
  title: t('The questions again, with a tenth of the learning rate; this training stays as it is'),
};
const SET_UP: ActionButton = {
  action: 'setUpBackend',
  words: t('Set Up GPU Backend…'),
  title: t('TensorFlow’s native binding, without which nothing trains'),
};
const COMPARE: ActionButton = {
  action: 'compare',
  words: t('Compare With Before'),
  icon: 'target',
  title: t(
    'Mine the checkpoint of the last epoch, and see which hard examples became easy, which stayed, which are new',
  ),
};

/** What can be done now, the likeliest first. */
export function buttonsOf({ state, problem, canResume, hasCheckpoint, canCompare }: TrainingProgress): ActionButton[] {
  const compare = hasCheckpoint && canCompare ? [COMPARE] : [];
  const goOn = canResume ? RESUME : START;
  switch (state) {
    case 'starting':
    case 'stopping':
      return [STOP_NOW];
    case 'running':
    case 'elsewhere':
      return [STOP];
    case 'finished':
      return [...compare, FURTHER];
    case 'failed':
      return problem === 'no-tensorflow'
        ? [SET_UP, goOn]
        : problem === 'not-finite'
          ? [AGAIN, ...compare]
          : [goOn, ...compare];
    case 'ready':
    case 'stopped':
      return [goOn, ...compare];
  }
}

const PROBLEM_WORDS: Readonly<Record<NonNullable<TrainingProgress['problem']>, string>> = {
  'no-tensorflow': t(
    'Training needs TensorFlow’s native binding, which is not there or does not load. "Set Up GPU Backend" makes it, ' +
      'on machines without a GPU, too; then start again.',
  ),
  'not-finite': t(
    'A loss is not finite any more: the learning rate is too high for this checkpoint. What was saved after the ' +
      'last epoch stays.',
  ),
  // The message itself says what can be trained, and what the outputs are.
  'not-trainable': '',
  'unknown-outputs': '',
  temporary: '',
  other: '',
};

function Failure({ progress: { state, message, problem } }: { readonly progress: TrainingProgress }) {
  if (state !== 'failed' || problem === null) return null;
  return (
    <div class="failure" role="alert" data-testid="failure" data-problem={problem}>
      <Icon icon="error" /> {PROBLEM_WORDS[problem]} <span class="failure-line">{message}</span>
    </div>
  );
}
