import { isForeground, type LabelColumn } from '../../src/core/tables.js';
import type { ChosenBatch, ChosenPicture } from '../../src/protocol/train-messages.js';
import { countOf, formatCount, formatLoss } from '../rows/format.js';
import { BoxPicture } from './box-picture.js';
import type { TrainModel } from './train-model.js';
import { t } from '../words/t.js';

/** Classes that are listed; the rest is summed up. */
const MAX_CLASSES = 12;
/** Pictures of a minibatch that are drawn. */
const MAX_PICTURES = 4;

/** What the last step chose of its minibatch: how many of how many, of which classes, and where they lie. */
export function ChosenView({ model }: { readonly model: TrainModel }) {
  const chosen = model.chosen.value;
  if (chosen === null) return null;
  const { batch } = chosen;
  const counts = classCounts(batch);
  const numForeground = batch.gtClass.filter((_, row) => isForeground(labelsOf(batch), row)).length;
  return (
    <section class="part" data-testid="chosen" data-step={batch.step} data-selected={batch.image.length}>
      <h2>{t('The batch being chosen')}</h2>
      <p>
        {t(
          'Step {0}: {1} of {2} RoIs train, {3} foreground and {4} background.',
          ...[batch.step, batch.image.length, batch.numRois].map(formatCount),
          ...[numForeground, batch.image.length - numForeground].map(formatCount),
        )}
      </p>
      <ul class="class-counts" aria-label={t('Chosen RoIs by class')}>
        {counts.slice(0, MAX_CLASSES).map(({ name, count }) => (
          <li key={name}>
            <span>{name}</span>
            <meter min={0} max={Math.max(batch.image.length, 1)} value={count} aria-label={name} />
            <span class="class-count">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
      {counts.length > MAX_CLASSES && (
        <p class="quiet">{t('and {0} more', formatCount(counts.length - MAX_CLASSES))}</p>
      )}
      <Pictures chosen={chosen} />
      <p class="box-keys quiet" aria-hidden="true">
        <span class="box-key box-key-foreground" /> {t('foreground')} <span class="box-key box-key-background" />{' '}
        {t('background')}
      </p>
    </section>
  );
}

function labelsOf({ gtClass, classes }: Pick<ChosenBatch, 'gtClass' | 'classes'>): LabelColumn {
  return { gtClass, numClasses: classes.length };
}

function Pictures({ chosen: { batch, uris } }: { readonly chosen: ChosenPicture }) {
  const { classes } = batch;
  const labels = labelsOf(batch);
  const nameOf = (row: number) => `${className(batch.gtClass[row], classes)}${lossText(batch.loss[row])}`;
  const numMore = batch.images.length - MAX_PICTURES;
  return (
    <div class="pictures">
      {batch.images.slice(0, MAX_PICTURES).map(({ path, width, height, isFlipped }, n) => {
        const rows = [...batch.image.keys()].filter((row) => batch.image[row] === n);
        const name = path.split(/[\\/]/).at(-1) ?? path;
        const count = formatCount(rows.length);
        const caption = isFlipped
          ? t('{0}: {1} chosen, seen mirrored', name, count)
          : t('{0}: {1} chosen', name, count);
        return (
          <BoxPicture
            key={n}
            uri={uris[n] ?? null}
            width={width}
            height={height}
            boxes={batch}
            rows={rows}
            kindOf={(row) => (isForeground(labels, row) ? 'foreground' : 'background')}
            nameOf={nameOf}
            label={caption}
            caption={caption}
            testId="chosen-picture"
          />
        );
      })}
      {numMore > 0 && <p class="quiet">{countOf(numMore, 'and {0} more image', 'and {0} more images')}</p>}
    </div>
  );
}

function lossText(loss: number | null | undefined): string {
  return loss === null || loss === undefined ? '' : `, ${t('loss {0}', formatLoss(loss))}`;
}

export function className(label: number, classes: readonly string[]): string {
  return classes[label] ?? t('background');
}

/** Chosen RoIs of each class, the most first, background last. */
export function classCounts({
  gtClass,
  classes,
}: Pick<ChosenBatch, 'gtClass' | 'classes'>): { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const label of gtClass) counts.set(className(label, classes), (counts.get(className(label, classes)) ?? 0) + 1);
  const isBackground = (name: string) => Number(name === t('background'));
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => isBackground(a.name) - isBackground(b.name) || b.count - a.count || a.name.localeCompare(b.name));
}
