import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import type { Sampler } from '../../src/core/mining/samplers/index.js';
import { drawNote, presetConfig, remainderNote } from '../../src/core/mining/select.js';
import { IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { minibatchWords } from '../rows/minibatch.js';
import { usePanel } from '../state/panel-context.js';
import { shownOptions } from './option-use.js';
import { ownSide, type MiningSide } from './mining-side.js';
import { OptionRow } from './option-row.js';
import { PresetRow } from './preset-row.js';
import { t, tSaid } from '../words/t.js';

/** What decides the selection: the preset and its options. */
export function Controls() {
  const panel = usePanel();
  const { model, actions } = panel;
  const side = ownSide(panel);
  const { sampler } = side;
  const atHome = isAtDefaults(side);
  const aside = (
    <>
      <IconButton
        icon="discard"
        label={t('Reset all to the preset')}
        testId="option-reset-all"
        disabled={atHome}
        onClick={() => side.set(presetConfig(side.task, sampler.id))}
      />
      <IconButton icon="export" label={t('Export the selection')} testId="export" onClick={actions.exportSelection} />
    </>
  );
  return (
    <Section title={t('What is selected')} term="OHEM" aside={aside} testId="controls">
      <PresetRow side={side} />
      {shownOptions(sampler, false, model.classification.value).map((key) => (
        <OptionRow key={key} option={key} side={side} />
      ))}
      <MiningNotes />
      <Toggles />
    </Section>
  );
}

function isAtDefaults({ mining: { preset, ...options }, task }: MiningSide): boolean {
  return JSON.stringify(presetConfig(task, preset)) === JSON.stringify(presetConfig(task, preset, options));
}

function Toggles() {
  const { model, actions } = usePanel();
  const on = model.compared.value !== null;
  return (
    <p class="compare-toggle">
      <button type="button" class="text-button" aria-pressed={on} data-testid="compare" onClick={actions.toggleCompare}>
        {on ? t('Stop comparing') : t('Compare with another preset…')}
      </button>
      <MeasureToggle />
    </p>
  );
}

/** Only what a model has measured here can be measured in another way. */
function MeasureToggle() {
  const { model, actions } = usePanel();
  const [manifest, on] = [model.manifest.value, model.measured.value !== null];
  if (manifest?.task !== 'detection' || manifest.measure === null || manifest.checkpoint === null) return null;
  return (
    <button
      type="button"
      class="text-button"
      aria-pressed={on}
      title={t('Other assigner, losses and weights')}
      data-testid="measure"
      onClick={on ? actions.closeMeasure : actions.openMeasure}
    >
      {t('Measure…')}
    </button>
  );
}

/** How a preset for minibatches of RoIs reads a run of examples. */
function exampleNote(sampler: Sampler, { imagesPerBatch }: MiningConfig): string {
  if (sampler.scope === 'minibatch') return t('ranked in {0}', minibatchWords(imagesPerBatch));
  return t(
    'this preset decides each image alone, and an image is one example: choose one for minibatches, such as ' +
      'top-rate, to rank examples against each other',
  );
}

/** What a person should know about the present setting: a remainder, or images of the minibatch that are not read. */
function MiningNotes() {
  const { model } = usePanel();
  const [batch, manifest] = [model.minibatch.value, model.manifest.value];
  const notes = model.classification.value
    ? [exampleNote(model.sampler.value, model.mining.value)]
    : [remainderNote(model.mining.value), manifest === null ? '' : drawNote(model.mining.value, manifest)].map(tSaid);
  if (!model.classification.value && batch !== null && batch.numWanted > 1)
    notes.push(t('ranked over images {0}–{1} of the file, one minibatch', batch.range.start + 1, batch.range.end));
  if (batch !== null && batch.numRead < batch.numWanted)
    notes.push(t('{0} of its {1} images are read', batch.numRead, batch.numWanted));
  const shown = notes.filter((note) => note !== '');
  if (shown.length === 0) return null;
  return (
    <p class="option-note" data-testid="mining-note">
      {shown.join('; ')}
    </p>
  );
}
