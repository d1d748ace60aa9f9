import { useSignal } from '@preact/signals';
import type { GainBox, GainPicture, ImageGain, TrainingGains } from '../../src/protocol/train-messages.js';
import { formatCount, formatLoss, formatShare } from '../rows/format.js';
import { t } from '../words/t.js';
import { BoxPicture } from './box-picture.js';
import { className } from './chosen-view.js';
import { useTraining } from './train-context.js';

/** Images that are listed. */
const MAX_LISTED = 200;

/** Which end of the list is looked at. */
const ENDS = ['better', 'worse'] as const;
type GainEnd = (typeof ENDS)[number];
const END_WORDS: Readonly<Record<GainEnd, string>> = { better: t('Gained most'), worse: t('Got worse') };

/** What each image that mAP is measured on has gained since before the first step. */
export function GainsView() {
  const { model } = useTraining();
  const end = useSignal<GainEnd>('better');
  const gains = model.gains.value;
  if (gains === null || gains.images.length === 0) return null;
  const listed = listedGains(gains, end.value);
  return (
    <section class="part" data-testid="gains" data-images={gains.images.length}>
      <h2>{t('Gain of each image, from before the first step to step {0}', formatCount(gains.step))}</h2>
      <p class="quiet" id="gain-rule">
        {t(
          'Images that mAP is measured on ({0}). Loss: the mean over an image’s RoIs as the network sees them then; ' +
            'a gain above 0 means that it fell. Found: objects that a detection with a score of at least .5 ' +
            'stands for.',
          model.facts.value?.validation ?? '',
        )}
      </p>
      <p data-testid="gain-facts">{factsText(gains)}</p>
      <div class="chips" role="group" aria-label={t('Images that are listed')}>
        {ENDS.map((each) => (
          <button
            key={each}
            type="button"
            class="chip"
            aria-pressed={each === end.value}
            data-testid={`gains-${each}`}
            onClick={() => (end.value = each)}
          >
            {END_WORDS[each]}
          </button>
        ))}
      </div>
      <div class="fate-room">
        <GainTable images={listed} />
        {model.gain.value !== null && <GainPictures gain={model.gain.value} />}
      </div>
    </section>
  );
}

/** Images whose loss fell, the most first; or those whose loss rose, the most first. */
export function listedGains({ images, facts }: TrainingGains, end: GainEnd): readonly ImageGain[] {
  const some =
    end === 'better' ? images.slice(0, facts.numBetter) : images.slice(images.length - facts.numWorse).reverse();
  return some.slice(0, MAX_LISTED);
}

/** `Loss fell on 30 of 42 images and rose on 12: …`. */
export function factsText({ images, facts }: TrainingGains): string {
  return t(
    'The loss fell on {0} of {1} images and rose on {2}: in the mean from {3} to {4} nats. Of {5} objects {6} were ' +
      'found before and {7} are now.',
    ...[facts.numBetter, images.length, facts.numWorse].map(formatCount),
    ...[facts.lossBefore, facts.lossAfter].map(formatLoss),
    ...[facts.numObjects, facts.numFoundBefore, facts.numFoundAfter].map(formatCount),
  );
}

function GainTable({ images }: { readonly images: readonly ImageGain[] }) {
  if (images.length === 0) return <p class="quiet">{t('None.')}</p>;
  return (
    <div class="fate-list">
      <table class="fates" aria-describedby="gain-rule">
        <thead>
          <tr>
            <th scope="col">{t('image')}</th>
            <th scope="col">{t('gain')}</th>
            <th scope="col">{t('loss before')}</th>
            <th scope="col">{t('now')}</th>
            <th scope="col">{t('objects')}</th>
            <th scope="col">{t('found before')}</th>
            <th scope="col">{t('now')}</th>
          </tr>
        </thead>
        <tbody>
          {images.map((image) => (
            <GainRow key={image.id} image={image} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function GainRow({ image }: { readonly image: ImageGain }) {
  const { model, showGain } = useTraining();
  const { id, lossBefore, lossAfter, numObjects, numFoundBefore, numFoundAfter } = image;
  const isShown = model.gainImage.value === id;
  return (
    <tr data-testid="gain-image" data-shown={isShown}>
      <th scope="row">
        <button type="button" class="link-button" title={id} aria-pressed={isShown} onClick={() => showGain(id)}>
          {id.split('/').at(-1)}
        </button>
      </th>
      <td>{gainText(lossBefore - lossAfter)}</td>
      <td>{formatLoss(lossBefore)}</td>
      <td>{formatLoss(lossAfter)}</td>
      <td>{formatCount(numObjects)}</td>
      <td>{formatCount(numFoundBefore)}</td>
      <td>{formatCount(numFoundAfter)}</td>
    </tr>
  );
}

/** With its sign. */
export function gainText(gain: number): string {
  return `${gain < 0 ? '−' : '+'}${formatLoss(Math.abs(gain))}`;
}

/** The image at both ends. */
function GainPictures({ gain }: { readonly gain: GainPicture }) {
  return (
    <div class="gain-pictures" data-testid="gain-pictures" data-image={gain.id}>
      <div class="pictures">
        <GainSide gain={gain} boxes={gain.before} words={t('Before the first step')} testId="gain-before" />
        <GainSide gain={gain} boxes={gain.after} words={t('Now')} testId="gain-now" />
      </div>
      <p class="box-keys quiet" aria-hidden="true">
        <span class="box-key box-key-found" /> {KIND_WORDS.found} <span class="box-key box-key-missed" />{' '}
        {KIND_WORDS.missed} <span class="box-key box-key-detection" /> {KIND_WORDS.detection}
      </p>
    </div>
  );
}

const KIND_WORDS: Readonly<Record<GainBox['kind'], string>> = {
  found: t('object, found'),
  missed: t('object, missed'),
  detection: t('detection'),
};

interface GainSideProps {
  readonly gain: GainPicture;
  readonly boxes: readonly GainBox[];
  readonly words: string;
  readonly testId: string;
}

function GainSide({ gain: { uri, width, height, classes }, boxes, words, testId }: GainSideProps) {
  const count = (kind: GainBox['kind']) => formatCount(boxes.filter((one) => one.kind === kind).length);
  const caption = t(
    '{0}: {1} found, {2} missed; detections: {3}',
    words,
    ...(['found', 'missed', 'detection'] as const).map(count),
  );
  const corners = { x1: column(boxes, 0), y1: column(boxes, 1), x2: column(boxes, 2), y2: column(boxes, 3) };
  return (
    <BoxPicture
      uri={uri}
      width={width}
      height={height}
      boxes={corners}
      rows={[...boxes.keys()]}
      kindOf={(row) => boxes[row].kind}
      nameOf={(row) => nameOf(boxes[row], classes)}
      label={caption}
      caption={caption}
      testId={testId}
    />
  );
}

function column(boxes: readonly GainBox[], corner: 0 | 1 | 2 | 3): number[] {
  return boxes.map(({ box }) => box[corner]);
}

/** `car, object, missed` and `car, detection .93`. */
function nameOf({ kind, label, score }: GainBox, classes: readonly string[]): string {
  const words = `${className(label, classes)}, ${KIND_WORDS[kind]}`;
  return score === null ? words : `${words} ${formatShare(score, 2)}`;
}
