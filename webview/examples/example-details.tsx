import { NONE } from '../../src/core/tables.js';
import { Icon, IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { ComparedFact, Fact, RankFact, ScoresFact, WeightsFact } from '../details/roi-facts.js';
import { EXAMPLE_SORT_IDS, SORT_WORDS, type MeasureId } from '../rows/example-order.js';
import { formatCount, formatMeasure } from '../rows/format.js';
import { shownImageIndex } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { rankName, roiWords, statusOf, whySentence } from '../rows/roi-text.js';
import { Pixels } from './pixels.js';
import { t } from '../words/t.js';
import { termOf } from '../words/term.js';

/** Everything about the example in focus. */
export function ExampleDetails() {
  const { model, actions } = usePanel();
  const [rois, selection, row] = [model.rois.value, model.selection.value, model.focused.value];
  const known = rois !== null && selection !== null && row !== NONE && row < rois.numRois;
  const aside = known && (
    <>
      <IconButton
        icon="go-to-file"
        label={t('Open the image')}
        keyHint="O"
        testId="open-image"
        onClick={actions.openImage}
      />
      <IconButton icon="copy" label={t('Copy as JSON')} testId="copy-roi" onClick={actions.copyFocused} />
    </>
  );
  return (
    <Section title={t('Focused example')} aside={aside} testId="details-section" height={340}>
      {known ? (
        <div data-testid="details" data-row={row} data-status={statusOf(selection, row).id}>
          <BigPicture row={row} />
          <ExampleFacts row={row} />
        </div>
      ) : (
        <p class="quiet">{t('Click an example, or press J.')}</p>
      )}
    </Section>
  );
}

function BigPicture({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const [examples, selection] = [model.examples.value, model.selection.value];
  if (examples === null || selection === null) return null;
  const imageIndex = shownImageIndex(model);
  const { label, prediction, score } = roiWords(examples.rois, model.predictions.value, row, model.classes.value);
  const id = examples.images[imageIndex]?.id ?? '';
  return (
    <figure class="example-figure">
      <Pixels uri={examples.uris[imageIndex] ?? null} alt={t('{0}: label {1}, predicted {2}', id, label, prediction)} />
      <figcaption>
        <p class="details-title">
          {t('Example {0}', rankName(selection, row))} · {statusOf(selection, row).words}
        </p>
        <p class="example-verdict">
          {label} <span class={label === prediction ? 'quiet' : 'example-wrong'}>→ {prediction}</span>{' '}
          <span class="quiet">{score}</span>
        </p>
        <p class="quiet path">{id}</p>
      </figcaption>
    </figure>
  );
}

function ExampleFacts({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const [rois, selection] = [model.rois.value, model.selection.value];
  if (rois === null || selection === null) return null;
  return (
    <dl class="facts">
      <Fact name={t('Why')}>{whySentence(rois, selection, row, model.mining.value)}</Fact>
      <ComparedFact row={row} />
      <Fact name={t('Loss')} term="loss" testId="details-loss">
        <strong>{formatMeasure(rois.lossCls[row])}</strong> <span {...termOf('nats')}>{t('nats')}</span>
      </Fact>
      <ScoresFact rois={rois} row={row} />
      {EXAMPLE_SORT_IDS.filter((id) => id !== 'loss').map((id) => (
        <MeasureFact key={id} id={id} row={row} />
      ))}
      <WeightsFact row={row} />
      <RankFact selection={selection} row={row} />
      <AnnotationFact />
    </dl>
  );
}

function MeasureFact({ id, row }: { readonly id: MeasureId; readonly row: number }) {
  const { model } = usePanel();
  const rois = model.rois.value;
  const value = id === 'margin' ? model.margin.value[row] : rois?.[id][row];
  const { name, help } = SORT_WORDS[id];
  return (
    <Fact name={name.charAt(0).toUpperCase() + name.slice(1)} testId={`details-${id}`}>
      <span title={help}>{formatMeasure(value ?? NaN)}</span>
    </Fact>
  );
}

function AnnotationFact() {
  const { model, actions } = usePanel();
  const imageIndex = shownImageIndex(model);
  const examples = model.examples.value;
  const path = examples?.images[imageIndex]?.annotationPath ?? '';
  if (path === '') return null;
  const place = examples?.annotations[imageIndex] ?? NONE;
  return (
    <Fact name={t('Annotation')} testId="details-annotation">
      <span class="path">
        {path.split(/[\\/]/).at(-1)}
        {place !== NONE && ` · ${t('entry {0}', formatCount(place + 1))}`}
      </span>{' '}
      <button
        type="button"
        class="text-button"
        data-testid="reveal"
        title={t('Reveal the annotation (R)')}
        onClick={() => actions.reveal()}
      >
        <Icon icon="go-to-file" /> {t('Reveal')}
      </button>
    </Fact>
  );
}
