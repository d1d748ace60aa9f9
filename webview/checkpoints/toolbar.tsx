import { CHECKPOINT_SORTS, type CheckpointSort } from '../../src/protocol/checkpoint-messages.js';
import { Icon, IconButton } from '../chrome/icon-button.js';
import { WordSelect } from '../chrome/word-select.js';
import { formatCount, formatLoss } from '../rows/format.js';
import { t } from '../words/t.js';
import { useCheckpoints } from './checkpoint-room.js';

const SORT_WORDS: Readonly<Record<CheckpointSort, string>> = {
  moved: t('loss moved furthest'),
  'loss-b': t('loss at B'),
  'loss-a': t('loss at A'),
  aum: t('lowest area under the margin'),
  forgotten: t('never learned, most forgotten'),
};

/** Which two runs, what a high loss is, in which order. */
export function Toolbar() {
  const { model, actions } = useCheckpoints();
  const [answer, query] = [model.answer.value, model.query.value];
  const [a, b] = [query.a ?? answer?.a ?? 0, query.b ?? answer?.b ?? 0];
  // Places in the scatter are of the losses of these two.
  const pick = (pair: { readonly a: number; readonly b: number }) => actions.ask({ ...pair, area: null });
  return (
    <header class="checkpoint-toolbar">
      <h1 class="visually-hidden">{t('Checkpoints compared')}</h1>
      <LookSelect name="A" value={a} other={b} onPick={(look) => pick({ a: look, b })} />
      <IconButton icon="side" label={t('Swap A and B')} testId="swap" onClick={() => pick({ a: b, b: a })} />
      <LookSelect name="B" value={b} other={a} onPick={(look) => pick({ a, b: look })} />
      <label>
        {t('High loss above')}{' '}
        <input
          type="number"
          class="threshold"
          min="0"
          step="0.01"
          title={t('nats; empty: what nine tenths of what A knows do not exceed')}
          placeholder={answer === null ? '' : formatLoss(answer.highLoss)}
          data-testid="threshold"
          value={query.highLoss ?? ''}
          onChange={({ currentTarget }) => actions.ask({ highLoss: thresholdOf(currentTarget.value) })}
        />
      </label>
      <label>
        {t('Order')}{' '}
        <WordSelect
          ids={CHECKPOINT_SORTS}
          wordOf={(id) => SORT_WORDS[id]}
          value={query.sort}
          testId="sort"
          onPick={(sort) => actions.ask({ sort })}
        />
      </label>
    </header>
  );
}

function thresholdOf(text: string): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) || value < 0 ? null : value;
}

interface LookSelectProps {
  readonly name: 'A' | 'B';
  readonly value: number;
  /** What the other side shows: no run is compared with itself. */
  readonly other: number;
  readonly onPick: (look: number) => void;
}

function LookSelect({ name, value, other, onPick }: LookSelectProps) {
  const { model } = useCheckpoints();
  const names = lookNames(model.runs.value?.names ?? [], model.answer.value?.numLooks ?? 0);
  return (
    <label class="look-select">
      <span class="side-letter">{name}</span>{' '}
      <select
        data-testid={`look-${name.toLowerCase()}`}
        title={model.answer.value?.runs[value]?.source}
        value={value}
        onChange={({ currentTarget }) => onPick(Number(currentTarget.value))}
      >
        {names.map((text, look) => (
          <option key={look} value={look} disabled={look === other}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Runs by name, passes of one run by number. */
export function lookNames(names: readonly string[], numLooks: number): readonly string[] {
  if (names.length !== 1) return names;
  return Array.from({ length: numLooks }, (_, look) => t('pass {0}', look + 1));
}

/** How far the reading is, what a person should know, what went wrong. */
export function Messages() {
  const { model, actions } = useCheckpoints();
  const [answer, error] = [model.answer.value, model.error.value];
  const unfinished = (answer?.runs ?? []).filter(({ complete }) => !complete);
  return (
    <div class="checkpoint-messages">
      <ReadingLine />
      {error !== '' && (
        <p class="notice notice-error" role="alert" data-testid="error">
          <Icon icon="error" /> <span class="notice-text">{error}</span>
          <button type="button" class="text-button" data-testid="again" onClick={() => actions.read(true)}>
            {t('Try Again')}
          </button>
        </p>
      )}
      {model.news.value.length > 0 && <NewsLine />}
      {unfinished.length > 0 && (
        <p class="notice notice-info" data-testid="unfinished">
          <Icon icon="info" />
          <span class="notice-text">
            {t('Not all of their data set, only images that all runs have are compared: {0}', namesOf(unfinished))}
          </span>
        </p>
      )}
      {answer?.notes.map((note) => (
        <p key={note} class="notice notice-info" data-testid="note">
          <Icon icon="info" /> <span class="notice-text">{note}</span>
        </p>
      ))}
    </div>
  );
}

function namesOf(runs: readonly { readonly path: string; readonly numImages: number }[]): string {
  return runs.map(({ path, numImages }) => `${fileName(path)} (${formatCount(numImages)})`).join(', ');
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function ReadingLine() {
  const { model, actions } = useCheckpoints();
  const [reading, progress] = [model.reading.value, model.progress.value];
  const isRead = progress !== null && progress.numDone === progress.numTotal;
  if (reading === null ? isRead || progress === null : false) return null;
  const { numDone, numTotal } = progress ?? { numDone: 0, numTotal: 0 };
  const text = t('{0} of {1} images read', formatCount(numDone), formatCount(numTotal));
  return (
    <div class="notice" data-testid="reading" data-running={reading !== null}>
      <progress class="progress-bar" aria-label={t('Images read')} value={numDone} max={Math.max(numTotal, 1)} />
      <span class="notice-text">{reading === null ? `${t('Stopped')}: ${text}` : text}</span>
      {reading === null ? (
        <button type="button" class="text-button" data-testid="go-on" onClick={() => actions.read(false)}>
          <Icon icon="resume" /> {t('Go On')}
        </button>
      ) : (
        <button type="button" class="text-button" data-testid="stop" onClick={reading.stop}>
          <Icon icon="stop" /> {t('Stop')}
        </button>
      )}
    </div>
  );
}

/** Files that are others now than those that were read. */
function NewsLine() {
  const { model, actions } = useCheckpoints();
  const named = (state: 'changed' | 'gone') =>
    model.news.value
      .filter((each) => each.state === state)
      .map(({ path }) => fileName(path))
      .join(', ');
  const [changed, gone] = [named('changed'), named('gone')];
  return (
    <p class="notice notice-warning" role="status" data-testid="news">
      <Icon icon="warning" />
      <span class="notice-text">
        {changed !== '' && `${t('Changed since it was read: {0}.', changed)} `}
        {gone !== '' && `${t('Deleted, what was read of it stays: {0}.', gone)} `}
      </span>
      {gone === '' && (
        <button type="button" class="text-button" data-testid="read-again" onClick={() => actions.read(true)}>
          {t('Compare Again')}
        </button>
      )}
    </p>
  );
}
