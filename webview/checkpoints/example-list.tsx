import { useEffect, useRef } from 'preact/hooks';
import type { CheckpointRow } from '../../src/protocol/checkpoint-messages.js';
import { countOf, formatCount, formatLoss, formatMeasure } from '../rows/format.js';
import { useRowInSight, useVirtualRows } from '../table/use-virtual-rows.js';
import { t } from '../words/t.js';
import { termOf } from '../words/term.js';
import { ChangeMark } from './change-mark.js';
import { CHANGE_LOOKS } from './change-looks.js';
import { PAGE, rowAt } from './checkpoint-model.js';
import { useCheckpoints } from './checkpoint-room.js';

/** Height of a row, px; the style sheet's `.example-row` is the same. */
const ROW_HEIGHT = 22;
/** Rows of a leap with Page Up or Down. */
const LEAP = 20;

/** The examples that pass; one stop of the Tab key, arrows move inside. */
export function ExampleList() {
  const { model, actions } = useCheckpoints();
  const list = useRef<HTMLDivElement>(null);
  const answer = model.answer.value;
  const numRows = answer?.numShown ?? 0;
  const window = useVirtualRows({ list, numRows, rowHeight: ROW_HEIGHT });
  const at = numRows === 0 ? -1 : Math.min(model.at.value, numRows - 1);
  useRowInSight(window, at, answer);
  const built = window.getVirtualItems();
  const [first, last] = [built[0]?.index ?? 0, built.at(-1)?.index ?? 0];
  useEffect(() => {
    model.wanted.value = { first: Math.floor(first / PAGE), last: Math.floor(last / PAGE) };
  }, [model, first, last]);
  const press = (event: KeyboardEvent) => {
    const act = keyAction(event.key, at, numRows);
    if (act === undefined) return;
    event.preventDefault();
    if (act === 'open') actions.openImage(event.shiftKey ? 0 : 1);
    else actions.goTo(act);
  };
  return (
    <section class="example-list" aria-label={t('Examples')}>
      <ExampleHead isDetection={answer?.isDetection === true} />
      <div
        ref={list}
        class="example-rows"
        role="listbox"
        tabIndex={0}
        aria-label={countOf(numRows, '{0} example', '{0} examples')}
        aria-activedescendant={built.some(({ index }) => index === at) ? rowId(at) : undefined}
        data-testid="examples"
        data-count={numRows}
        onKeyDown={press}
      >
        <div class="example-length" style={{ height: `${window.getTotalSize()}px` }}>
          {built.map(({ index, start }) => (
            <ExampleRow key={index} place={index} top={start} />
          ))}
        </div>
        {answer !== null && numRows === 0 && (
          <p class="quiet example-none">
            {answer.numExamples === 0
              ? t('Nothing to compare yet: no image is in all runs with the same labels.')
              : t('Nothing passes the filters.')}
          </p>
        )}
      </div>
    </section>
  );
}

function ExampleHead({ isDetection }: { readonly isDetection: boolean }) {
  return (
    <div class="example-row example-head" aria-hidden="true">
      <span>{t('A → B')}</span>
      <span>{t('image')}</span>
      <span>{isDetection && t('object')}</span>
      <span>{t('label')}</span>
      <span class="number" {...termOf('loss')}>
        {t('loss at each run')}
      </span>
      <span class="number" {...termOf('area under the margin')}>
        {t('AUM')}
      </span>
      <span class="number" {...termOf('forgotten')}>
        {t('forgotten')}
      </span>
    </div>
  );
}

function rowId(place: number): string {
  return `example-${place}`;
}

/** Where a key leads; `open`: into the run's panel. */
export function keyAction(key: string, at: number, numRows: number): number | 'open' | undefined {
  const places: Readonly<Record<string, number>> = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    PageUp: at - LEAP,
    PageDown: at + LEAP,
    Home: 0,
    End: numRows - 1,
  };
  return key === 'Enter' ? 'open' : places[key];
}

function ExampleRow({ place, top }: { readonly place: number; readonly top: number }) {
  const { model, actions } = useCheckpoints();
  const row = rowAt(model, place);
  const place0 = { id: rowId(place), style: { transform: `translateY(${top}px)` } };
  if (row === undefined) return <div {...place0} class="example-row" role="option" aria-selected={false} />;
  const chosen = model.chosen.value;
  const isChosen = chosen !== null && chosen.image === row.image && chosen.gt === row.gt;
  return (
    <div
      {...place0}
      class="example-row"
      role="option"
      aria-selected={isChosen}
      aria-setsize={model.answer.value?.numShown ?? 0}
      aria-posinset={place + 1}
      data-testid="example"
      data-change={row.change}
      data-image={row.image}
      onClick={() => actions.goTo(place)}
      onDblClick={() => actions.openImage(1)}
    >
      <span class="example-change">
        <ChangeMark change={row.change} /> {CHANGE_LOOKS[row.change].name}
      </span>
      <span class="example-image" title={row.image}>
        {row.image}
      </span>
      <span>{row.gt}</span>
      <span class="example-image">{row.label}</span>
      <LossCells row={row} />
      <span class="number">{row.aum === null ? '–' : formatMeasure(row.aum)}</span>
      <span class="number" title={learnedText(row)}>
        {row.firstLearned === null ? t('never learned') : `${formatCount(row.forgotten)}×`}
      </span>
    </div>
  );
}

/** Loss at each run; A and B stand out. */
function LossCells({ row: { losses } }: { readonly row: CheckpointRow }) {
  const { model } = useCheckpoints();
  const { a, b } = model.answer.value ?? { a: -1, b: -1 };
  const words = losses.map((loss) => (loss === null ? '–' : formatLoss(loss)));
  return (
    <span class="number example-losses" title={words.join(' → ')}>
      {words.map((word, look) => (
        <span key={look}>
          {look > 0 && ' → '}
          {look === a || look === b ? <strong>{word}</strong> : word}
        </span>
      ))}
    </span>
  );
}

function learnedText({ firstLearned, forgotten }: CheckpointRow): string {
  if (firstLearned === null) return t('known at none of the runs');
  return t('first known at run {0}, forgotten {1}×', firstLearned + 1, forgotten);
}
