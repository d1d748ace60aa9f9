import type { TrainingAction, TrainingFacts, TrainingProgress } from '../../src/protocol/train-messages.js';
import { Icon, type IconId } from '../chrome/icon-button.js';
import { countOf, formatCount, formatDuration } from '../rows/format.js';
import { useTraining } from './train-context.js';

/** What is trained, how far it is, and what can be done. */
export function TrainHead() {
  const { model } = useTraining();
  const [facts, progress] = [model.facts.value, model.progress.value];
  if (facts === null || progress === null) return <header class="train-head">Opening…</header>;
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
          aria-label="Steps done"
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
  const measured = validation === '' ? 'no mAP' : `mAP on ${validation}`;
  return [
    sampler,
    frozenBody ? 'RoI head only' : 'all layers',
    `learning rate ${learningRate}`,
    countOf(epochs, 'epoch'),
    measured,
  ].join(' · ');
}

const STATE_WORDS: Readonly<Record<TrainingProgress['state'], string>> = {
  ready: 'Not started',
  starting: 'Starting TensorFlow and reading the images',
  running: 'Training',
  stopping: 'Stopping after this step',
  elsewhere: 'Training in a process of another window',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
};

/** `Training: step 12 of 84 · epoch 0.57 of 4 · 0.31 s a step · 22 s to go`. */
export function progressText(
  { state, step, numSteps, epoch, stepSeconds, etaSeconds }: TrainingProgress,
  { epochs }: Pick<TrainingFacts, 'epochs'>,
): string {
  const parts = [STATE_WORDS[state]];
  if (step > 0)
    parts.push(
      numSteps === 0 ? `step ${formatCount(step)}` : `step ${formatCount(step)} of ${formatCount(numSteps)}`,
      `epoch ${Number(epoch.toFixed(2))} of ${epochs}`,
    );
  if (state === 'running' && stepSeconds !== null)
    parts.push(`${stepSeconds < 10 ? stepSeconds.toFixed(2) : Math.round(stepSeconds)} s a step`);
  if (state === 'running' && etaSeconds !== null) parts.push(`${formatDuration(etaSeconds)} to go`);
  return parts.join(' · ');
}

/** What a screen reader is told by itself: not every step. */
export function announcement({ state, epoch }: Pick<TrainingProgress, 'state' | 'epoch'>): string {
  return epoch < 1 ? STATE_WORDS[state] : `${STATE_WORDS[state]}, ${countOf(Math.floor(epoch), 'epoch')} done`;
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
        title="The configuration, as `ohem train --config` takes it"
        onClick={() => act('openConfig')}
      >
        Configuration
      </button>
      <button type="button" class="text-button" onClick={() => act('showLog')}>
        Show Log
      </button>
    </div>
  );
}

const STOP: ActionButton = {
  action: 'stop',
  words: 'Stop',
  icon: 'stop',
  title: 'Stop after this step; the last checkpoint and what to go on from are kept',
};
const STOP_NOW: ActionButton = {
  action: 'stopNow',
  words: 'Stop at Once',
  icon: 'stop',
  title: 'End the process; what was saved after the last epoch stays',
};
const RESUME: ActionButton = {
  action: 'resume',
  words: 'Continue',
  icon: 'resume',
  title: 'Go on from where it stopped',
};
const START: ActionButton = { action: 'resume', words: 'Start', icon: 'resume', title: 'Train from the beginning' };
const FURTHER: ActionButton = {
  action: 'trainFurther',
  words: 'Train Further…',
  icon: 'resume',
  title: 'Go on for more epochs',
};
const AGAIN: ActionButton = {
  action: 'trainAgain',
  words: 'Train Again…',
  icon: 'resume',
  title: 'The questions again, with a tenth of the learning rate; this training stays as it is',
};
const SET_UP: ActionButton = {
  action: 'setUpBackend',
  words: 'Set Up GPU Backend…',
  title: 'TensorFlow’s native binding, without which nothing trains',
};
const COMPARE: ActionButton = {
  action: 'compare',
  words: 'Compare With Before',
  icon: 'target',
  title: 'Mine the checkpoint of the last epoch, and see which hard examples became easy, which stayed, which are new',
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
  'no-tensorflow':
    'Training needs TensorFlow’s native binding, which is not there or does not load. "Set Up GPU Backend" makes it, ' +
    'on machines without a GPU, too; then start again.',
  'not-finite':
    'A loss is not finite any more: the learning rate is too high for this checkpoint. What was saved after the last ' +
    'epoch stays.',
  // The message itself says what can be trained, and what the outputs are.
  'not-trainable': '',
  'unknown-outputs': '',
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
