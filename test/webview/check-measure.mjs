// Another measure for a run, chosen by keys.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

/** @param step as `openBrowser` gives it. */
export async function checkMeasure(step) {
  await step(
    'another measure is chosen, named and asked for',
    async (page) => {
      await page.getByTestId('measure').focus();
      await page.keyboard.press('Enter');
      await becomes('what it costs', true, async () =>
        /no scores: the model runs again over 5 images, about 41 seconds/.test(
          await page.getByTestId('measure-cost').textContent(),
        ),
      );
      assert.equal(await page.getByTestId('measure-again').isDisabled(), true);
      await page.getByLabel('TAL k', { exact: true }).fill('3');
      await page.keyboard.press('Enter');
      assert.match(
        await page.getByTestId('measure-recipe').textContent(),
        /^tal\(α 0.5, β 6, k 3\) · bce to soft targets/,
      );
      await page.getByLabel('TAL k', { exact: true }).fill('0');
      await page.keyboard.press('Enter');
      assert.match(await page.getByTestId('measure-talTopK-error').textContent(), /expected an integer in \[1, /);
      await page.getByLabel('Recipe', { exact: true }).selectOption('YOLOX');
      assert.match(await page.getByTestId('measure-recipe').textContent(), /^simota · bce to soft targets/);
      assert.equal(await page.getByTestId('measure-talTopK').count(), 0);
      await page.getByLabel('Class loss', { exact: true }).selectOption('focal');
      assert.match(await page.getByTestId('measure-recipe').textContent(), /^simota · focal \+ iou-squared/);
      await page.getByTestId('measure-again').focus();
      await page.keyboard.press('Enter');
      await becomes(
        'the host heard of it',
        'focal',
        async () => (await said(page, 'measureAgain')).at(-1)?.measure.clsLoss,
      );
      await page.reload();
      await becomes('the measure after a reload', 'focal', () =>
        page.getByLabel('Class loss', { exact: true }).inputValue(),
      );
      await page.getByTestId('measure-cost').waitFor();
      await page.getByTestId('measure-close').click();
      assert.equal(await page.getByTestId('measure-section').count(), 0);
    },
    '&measured',
  );
}
