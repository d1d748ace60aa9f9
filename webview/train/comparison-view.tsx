import { FATES, type Fate, type FateFacts, type FateOfImage, type TrainingComparison } from '../../src/protocol/train-messages.js';
import { countOf, formatCount, formatLoss } from '../state/format.js';
import { BoxPicture } from './box-picture.js';
import { className } from './chosen-view.js';
import { useTraining } from './train-context.js';
import type { FatePicture } from './train-model.js';

const FATE_WORDS: Readonly<Record<Fate, string>> = { easy: 'became easy', stayed: 'stayed hard', new: 'are new' };
const FATE_HELP: Readonly<Record<Fate, string>> = {
  easy: 'among the chosen before the training, no longer after it',
  stayed: 'among the chosen before and after the training',
  new: 'among the chosen only after the training',
};
const COUNT_KEYS: Readonly<Record<Fate, 'numEasy' | 'numStayed' | 'numNew'>> = { easy: 'numEasy', stayed: 'numStayed', new: 'numNew' };

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
      {(comparison.state === 'mining' || comparison.state === 'comparing') && <p role="status">{comparison.message || 'Starting'}…</p>}
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
      <table class="fates" data-testid="fate-totals">
        <caption class="quiet">
          Hard examples over {countOf(numImages, 'image')}, chosen as the run before was mined. The same example: the same ground truth, and boxes that overlap by an IoU of at least .5.
        </caption>
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
        Of {countOf(numObjects, 'annotated object')}, {formatCount(numKnownBefore)} were recognised before and {formatCount(numKnownAfter)} are after: {formatCount(numKnownAfter - numKnownBoth)} learnt, {formatCount(numKnownBefore - numKnownBoth)} forgotten.
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
          <caption class="quiet">Most changed first{images.length < numImages && `; ${formatCount(numImages - images.length)} more images changed less`}</caption>
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
      {fates !== null && <Fates fates={fates} />}
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

/** The hard examples of one image, drawn and listed. */
function Fates({ fates: { rows, width, height, uri } }: { readonly fates: FatePicture }) {
  const { model, link } = useTraining();
  const classes = model.facts.value?.classes ?? [];
  const all = [...rows.fate.keys()];
  const fateOf = (row: number) => FATES[rows.fate[row]];
  const side = (loss: number | null) => (loss === null ? 'no such RoI' : formatLoss(loss));
  const nameOf = (row: number) => `${className(rows.gtClass[row], classes)}, ${FATE_WORDS[fateOf(row)]}: loss ${side(rows.lossBefore[row])} before, ${side(rows.lossAfter[row])} after`;
  const open = (to: 'before' | 'after') => link.post({ kind: 'openImage', side: to, imageIndex: rows.imageIndex });
  return (
    <div class="fate-picture">
      <BoxPicture uri={uri} width={width} height={height} boxes={rows} rows={all} kindOf={fateOf} nameOf={nameOf} label="The image with its hard examples; the list below says the same" testId="fate-picture" />
      <div class="button-row">
        <button type="button" class="text-button" onClick={() => open('before')}>
          Show in the Run Before
        </button>
        <button type="button" class="text-button" onClick={() => open('after')}>
          Show in the Run After
        </button>
      </div>
      <div class="fate-rows">
        <table class="fates">
          <thead>
            <tr>
              <th scope="col">example</th>
              <th scope="col">label</th>
              <th scope="col">loss before</th>
              <th scope="col">after</th>
            </tr>
          </thead>
          <tbody>
            {all.map((row) => (
              <tr key={row}>
                <th scope="row">
                  <span class={`box-key box-key-${fateOf(row)}`} aria-hidden="true" /> {FATE_WORDS[fateOf(row)]}
                </th>
                <td class="fate-label">{className(rows.gtClass[row], classes)}</td>
                <td>{side(rows.lossBefore[row])}</td>
                <td>{side(rows.lossAfter[row])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
