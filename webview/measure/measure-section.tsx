import type { MeasureChoices } from '../../src/protocol/panel-messages.js';
import { recipe } from '../../src/core/measure/recipe.js';
import type { DetectionMeasure } from '../../src/core/measure/measure-config.js';
import { IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { SpecRow } from '../controls/spec-row.js';
import { countOf } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { changeMeasure, durationText, measureKeys, measureSpec, recipesFor, sameMeasure } from './measure-rows.js';
import { t, tListed, tSaid } from '../words/t.js';

/** By what else the run could be measured, and the button that does it. */
export function MeasureSection() {
  const { model, actions } = usePanel();
  const [manifest, measured] = [model.manifest.value, model.measured.value];
  if (measured === null || manifest?.task !== 'detection' || manifest.measure === null) return null;
  const own = manifest.measure;
  const { activation } = own.scoreForm;
  return (
    <Section
      title={t('How losses are measured')}
      term="loss"
      aside={
        <IconButton icon="close" label={t('Close the measure')} testId="measure-close" onClick={actions.closeMeasure} />
      }
      testId="measure-section"
    >
      <RecipeRow own={own} />
      {measureKeys(measured, activation).map((key) => (
        <SpecRow
          key={key}
          id={`measure-${key}`}
          name={key}
          spec={measureSpec(key, activation)}
          value={measured[key]}
          home={own[key]}
          onSet={(value) => actions.setMeasure(changeMeasure(measured, key, value))}
          onReset={() => actions.setMeasure(changeMeasure(measured, key, own[key]))}
        />
      ))}
      <p class="option-note" role="status" data-testid="measure-recipe">
        {tSaid(recipe(measured))}
      </p>
      <Again own={own} />
    </Section>
  );
}

/** The run's own measure, and the recipe of each family whose head is like this one. */
function RecipeRow({ own }: { readonly own: DetectionMeasure }) {
  const { model, actions } = usePanel();
  const { measured } = model;
  const recipes = recipesFor(own, model.measureChoices.value?.recipes ?? []);
  const chosen = recipes.findIndex(({ measure }) => measured.value !== null && sameMeasure(measure, measured.value));
  return (
    <div class="option">
      <label class="option-label" for="measure-recipe">
        {t('Recipe')}
      </label>
      <select
        id="measure-recipe"
        class="option-choice"
        data-testid="measure-preset"
        value={String(chosen)}
        onChange={(event) => {
          const recipe = recipes[Number(event.currentTarget.value)];
          if (recipe !== undefined) actions.setMeasure(recipe.measure);
        }}
      >
        {chosen < 0 && <option value="-1">{t('changed')}</option>}
        {recipes.map(({ family, title, measure }, i) => (
          <option key={family} value={String(i)} title={tSaid(recipe(measure))}>
            {tListed(title)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A run keeps losses, not scores. */
function costText({ numImages, seconds }: MeasureChoices): string {
  const images = countOf(numImages, '{0} image', '{0} images');
  return seconds === null
    ? t('A run keeps losses and no scores: the model runs again over {0}.', images)
    : t('A run keeps losses and no scores: the model runs again over {0}, {1}.', images, durationText(seconds));
}

/** What it costs to have other losses. */
function Again({ own }: { readonly own: DetectionMeasure }) {
  const { model, actions } = usePanel();
  const [measured, choices] = [model.measured.value, model.measureChoices.value];
  if (measured === null) return null;
  const running = model.progress.value?.state === 'running';
  return (
    <>
      {choices !== null && (
        <p class="option-note" data-testid="measure-cost">
          {costText(choices)}
        </p>
      )}
      <p class="compare-toggle">
        <button
          type="button"
          class="text-button"
          data-testid="measure-again"
          disabled={running || sameMeasure(measured, own)}
          onClick={actions.measureAgain}
        >
          {t('Measure Again…')}
        </button>
      </p>
    </>
  );
}
