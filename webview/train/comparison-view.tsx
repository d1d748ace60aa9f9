import { type FateFacts, type FateOfImage, type TrainingComparison } from '../../src/protocol/train-messages.js';
import { FATES } from '../../src/core/reports/example-fates.js';
import { countOf, formatCount, formatLoss } from '../rows/format.js';
import { COUNT_KEYS, FATE_HELP, FATE_WORDS } from './fate-words.js';
import { FatesView } from './fates-view.js';
import { useTraining } from './train-context.js';
import { t } from '../words/t.js';

/** What became of the hard examples. Nothing before the person has asked. */
export function ComparisonView() {
  const { model, act } = useTraining();
  const comparison = model.comparison.value;
  if (comparison === null) return null;
  return (
    <section class="part" data-testid="comparison" data-state={comparison.state}>
      <h2>
        {comparison.step === null
          ? t('Compared with before')
          : t('Compared with before, after step {0}', formatCount(comparison.step))}
      </h2>
      {comparison.state === 'failed' && (
        <p class="failure" role="alert">
          {comparison.message}
        </p>
      )}
      {(comparison.state === 'mining' || comparison.state === 'comparing') && (
        <p role="status">{comparison.message || t('Starting')}…</p>
      )}
      {comparison.state === 'done' && comparison.total !== null && (
        <>
          <Totals total={comparison.total} numImages={comparison.numImages} />
          <div class="button-row">
            <button type="button" class="text-button" onClick={() => act('openBefore')}>
              {t('Open the Run Before')}
            </button>
            <button type="button" class="text-button" data-testid="open-after" onClick={() => act('openAfter')}>
              {t('Open the Run After')}
            </button>
          </div>
          {comparison.isKept && (
            <p class="quiet" data-testid="fates-kept">
              {t(
                'The runs keep the hardest RoIs of an image only. Where the easier side of a background RoI is not ' +
                  'kept, the loss of a harder neighbour stands for it, or none: its means may be too high.',
              )}
            </p>
          )}
          <Images comparison={comparison} />
        </>
      )}
    </section>
  );
}

function Totals({ total, numImages }: { readonly total: FateFacts; readonly numImages: number }) {
  const { numObjects, numKnownBefore, numKnownAfter, numKnownBoth } = total;
  return (
    <>
      <p class="quiet" id="fate-rule">
        {t(
          'Hard examples over {0}, chosen as the run before was mined. The same example: the same ground truth, and ' +
            'boxes that overlap by an IoU of at least .5. The budget is filled either way, so look at the losses, too.',
          countOf(numImages, '{0} image', '{0} images'),
        )}
      </p>
      <table class="fates" aria-describedby="fate-rule" data-testid="fate-totals">
        <thead>
          <tr>
            <td />
            <th scope="col">{t('RoIs')}</th>
            <th scope="col">{t('mean loss before')}</th>
            <th scope="col">{t('after')}</th>
          </tr>
        </thead>
        <tbody>
          {FATES.map((fate) => (
            <tr key={fate} data-testid={`fate-${fate}`} data-count={total[COUNT_KEYS[fate]]}>
              <th scope="row" title={FATE_HELP[fate]}>
                <span class={`box-key box-key-${fate}`} aria-hidden="true" /> {FATE_WORDS[fate]}
              </th>
              <td>{formatCount(total[COUNT_KEYS[fate]])}</td>
              <td>{formatLoss(total.lossBefore[fate])}</td>
              <td>{formatLoss(total.lossAfter[fate])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p data-testid="fate-objects">
        {t(
          'Of {0}, {1} were recognised before and {2} are after: {3} learnt, {4} forgotten.',
          countOf(numObjects, '{0} annotated object', '{0} annotated objects'),
          ...[numKnownBefore, numKnownAfter].map(formatCount),
          ...[numKnownAfter - numKnownBoth, numKnownBefore - numKnownBoth].map(formatCount),
        )}
      </p>
    </>
  );
}

/** Images whose hard examples changed most; one is looked at. */
function Images({ comparison }: { readonly comparison: TrainingComparison }) {
  const { model } = useTraining();
  const { images, numImages } = comparison;
  const fates = model.fates.value;
  return (
    <div class="fate-room">
      <div class="fate-list">
        <table class="fates">
          <caption class="quiet">
            {images.length < numImages
              ? t('Most changed first; {0} more images changed less', formatCount(numImages - images.length))
              : t('Most changed first')}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t('image')}</th>
              {FATES.map((fate) => (
                <th key={fate} scope="col">
                  {FATE_WORDS[fate]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {images.map((image) => (
              <ImageRow key={image.imageIndex} image={image} />
            ))}
          </tbody>
        </table>
      </div>
      {fates !== null && <FatesView key={fates.rows.imageIndex} fates={fates} />}
    </div>
  );
}

function ImageRow({ image }: { readonly image: FateOfImage }) {
  const { model, showFates } = useTraining();
  const isShown = model.fateImage.value === image.imageIndex;
  return (
    <tr data-testid="fate-image" data-shown={isShown}>
      <th scope="row">
        <button type="button" class="link-button" aria-pressed={isShown} onClick={() => showFates(image.imageIndex)}>
          {image.id.split('/').at(-1)}
        </button>
      </th>
      {FATES.map((fate) => (
        <td key={fate}>{formatCount(image[COUNT_KEYS[fate]])}</td>
      ))}
    </tr>
  );
}
