import { type FateFacts, type FateOfImage, type TrainingComparison } from '../../src/protocol/train-messages.js';
import { FATES } from '../../src/core/reports/example-fates.js';
import { countOf, formatCount, formatLoss } from '../rows/format.js';
import { COUNT_KEYS, FATE_HELP, FATE_WORDS } from './fate-words.js';
import { FatesView } from './fates-view.js';
import { useTraining } from './train-context.js';

/** What became of the hard examples. Nothing before the person has asked. */
export function ComparisonView() {
  const { model, act } = useTraining();
  const comparison = model.comparison.value;
  if (comparison === null) return null;
  return (
    <section class="part" data-testid="comparison" data-state={comparison.state}>
      <h2>Compared with before{comparison.step === null ? '' : `, after step ${formatCount(comparison.step)}`}</h2>
      {comparison.state === 'failed' && (
        <p class="failure" role="alert">
          {comparison.message}
        </p>
      )}
      {(comparison.state === 'mining' || comparison.state === 'comparing') && (
        <p role="status">{comparison.message || 'Starting'}…</p>
      )}
      {comparison.state === 'done' && comparison.total !== null && (
        <>
          <Totals total={comparison.total} numImages={comparison.numImages} />
          <div class="button-row">
            <button type="button" class="text-button" onClick={() => act('openBefore')}>
              Open the Run Before
            </button>
            <button type="button" class="text-button" data-testid="open-after" onClick={() => act('openAfter')}>
              Open the Run After
            </button>
          </div>
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
        Hard examples over {countOf(numImages, 'image')}, chosen as the run before was mined. The same example: the same
        ground truth, and boxes that overlap by an IoU of at least .5. The budget is filled either way, so look at the
        losses, too.
      </p>
      <table class="fates" aria-describedby="fate-rule" data-testid="fate-totals">
        <thead>
          <tr>
            <td />
            <th scope="col">RoIs</th>
            <th scope="col">mean loss before</th>
            <th scope="col">after</th>
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
        Of {countOf(numObjects, 'annotated object')}, {formatCount(numKnownBefore)} were recognised before and{' '}
        {formatCount(numKnownAfter)} are after: {formatCount(numKnownAfter - numKnownBoth)} learnt,{' '}
        {formatCount(numKnownBefore - numKnownBoth)} forgotten.
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
            Most changed first
            {images.length < numImages && `; ${formatCount(numImages - images.length)} more images changed less`}
          </caption>
          <thead>
            <tr>
              <th scope="col">image</th>
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
