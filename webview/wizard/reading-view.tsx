import { boxIou } from '../../src/core/boxes/iou.js';
import type { FoundBoxes, InspectedImage, LabelledBoxes, WizardState } from '../../src/protocol/inspect-messages.js';
import type { Picture } from '../canvas/image-layer.js';
import { usePicture } from '../canvas/use-picture.js';
import { IconButton } from '../chrome/icon-button.js';
import { countOf, formatScore, formatShare } from '../rows/format.js';
import { ReadingCanvas } from './reading-canvas.js';
import { useWizard } from './wizard-context.js';
import { fileName, imageInSight } from './wizard-model.js';
import { t, tListed } from '../words/t.js';

/** The chosen reading on one image, and the others beside it, small. */
export function ReadingView({ wizard }: { readonly wizard: WizardState }) {
  const { model } = useWizard();
  const { inspection, uris } = wizard;
  const index = imageInSight(inspection, model.image.value);
  const picture = usePicture(uris[index] ?? null, (text) => (model.notice.value = text));
  const image = inspection.images[index];
  const boxes = inspection.readings[inspection.chosen]?.boxes[index];
  if (image === undefined || boxes === undefined) return null;
  const objects = countOf(image.gts.label.length, '{0} object', '{0} objects');
  const what = t('{0}: {1}, boxes found: {2}', fileName(image), objects, boxes.label.length);
  const [found, truth] = [t('found'), t('ground truth')];
  return (
    <section class="reading" aria-label={t('What it finds')}>
      <div class="reading-head">
        <IconButton icon="chevron-left" label={t('Previous image')} testId="previous" onClick={() => step(index, -1)} />
        <IconButton icon="chevron-right" label={t('Next image')} testId="next" onClick={() => step(index, 1)} />
        <span class="reading-name" data-testid="image-name">
          {t('{0} of {1}: {2}', index + 1, inspection.images.length, what)}
        </span>
        <span class="reading-keys quiet" aria-hidden="true">
          <span class="reading-key reading-key-found" /> {found} <span class="reading-key reading-key-object" /> {truth}
        </span>
      </div>
      <ReadingCanvas image={image} boxes={boxes} picture={picture} named label={what} testId="picture" />
      {uris[index] === null && <p class="quiet">{t('The pixels are not shown: allow the folder of the images.')}</p>}
      <BoxTable image={image} boxes={boxes} />
      <Alternatives wizard={wizard} index={index} picture={picture} />
    </section>
  );

  function step(from: number, by: number): void {
    const { length } = inspection.images;
    model.image.value = (from + by + length) % length;
  }
}

function BoxTable({ image, boxes }: { readonly image: InspectedImage; readonly boxes: FoundBoxes }) {
  return (
    <details class="box-list">
      <summary>{t('Boxes as a list')}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('found')}</th>
            <th scope="col">{t('score')}</th>
            <th scope="col">{t('best IoU')}</th>
            <th scope="col">{t('with')}</th>
          </tr>
        </thead>
        <tbody>
          {boxes.label.map((label, row) => {
            const { iou, object } = nearest(image, boxes, row);
            return (
              <tr key={row}>
                <th scope="row">{label}</th>
                <td>{formatScore(boxes.score[row] ?? Number.NaN)}</td>
                <td>{formatShare(iou)}</td>
                <td>{object}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}

/** The object that a box overlaps most. */
function nearest({ gts }: InspectedImage, boxes: FoundBoxes, row: number): { iou: number; object: string } {
  const box = cornersAt(boxes, row);
  return gts.label.reduce(
    (best, object, at) => {
      const iou = boxIou(...box, ...cornersAt(gts, at));
      return iou > best.iou ? { iou, object } : best;
    },
    { iou: 0, object: t('no object') },
  );
}

function cornersAt({ x1, y1, x2, y2 }: LabelledBoxes, row: number): readonly [number, number, number, number] {
  const at = (column: readonly number[]) => column[row] ?? Number.NaN;
  return [at(x1), at(y1), at(x2), at(y2)];
}

interface AlternativesProps {
  readonly wizard: WizardState;
  /** Of the image. */
  readonly index: number;
  readonly picture: Picture | null;
}

/** All readings, the best fit first; a press takes one. */
function Alternatives({ wizard: { inspection }, index, picture }: AlternativesProps) {
  const { model, ask } = useWizard();
  const { readings, chosen, images } = inspection;
  const image = images[index];
  if (image === undefined || readings.length < 2) return null;
  return (
    <>
      <h2 id="alternatives">
        {t(
          'All readings, by how well their boxes meet the objects of {0}',
          countOf(images.length, '{0} image', '{0} images'),
        )}
      </h2>
      <ol class="alternatives" aria-labelledby="alternatives">
        {readings.map(({ name, fit, boxes }, reading) => (
          <li key={reading}>
            <button
              type="button"
              class="alternative"
              aria-pressed={reading === chosen}
              aria-disabled={model.busy.value}
              data-testid="alternative"
              onClick={() => ask('take', { reading })}
            >
              <ReadingCanvas
                image={image}
                boxes={boxes[index] ?? NO_BOXES}
                picture={picture}
                named={false}
                label={null}
              />
              <span class="alternative-name">{tListed(name)}</span>
              <span class="quiet">
                {t('mean IoU {0}', formatShare(fit))}
                {reading === chosen && ` · ${t('shown')}`}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

const NO_BOXES: FoundBoxes = { x1: [], y1: [], x2: [], y2: [], label: [], score: [] };
