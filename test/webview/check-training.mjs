// What a person does in a training’s panel, on a made-up one. What needs a process is walked by test/e2e/train.mjs.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

/** @param step of `openBrowser`. @param url of the server. */
export async function trainingSteps(step, url) {
  const training = { url: `${url}training`, opened: '[data-testid="gain-image"]' };
  const names = (page) => page.getByTestId('gain-image').locator('th').allTextContents();
  await step(
    'training: curves begin at step 0; images that gained most, or got worse, and one of them before and now, by keys',
    async (page) => {
      const slider = page.locator('[data-testid="loss-chart"] [role="slider"]');
      await slider.focus();
      await page.keyboard.press('Home');
      assert.match(await slider.getAttribute('aria-valuetext'), /^step 0: selected RoIs 2\.00, all RoIs \.?0?\.60/);
      assert.match(await page.getByTestId('gain-facts').textContent(), /fell on 9 of 12 images and rose on 3/);
      assert.deepEqual((await names(page)).slice(0, 2), ['part-0.jpg', 'part-1.jpg']);
      await page.getByTestId('gains-worse').focus();
      await page.keyboard.press('Enter');
      assert.deepEqual(await names(page), ['part-11.jpg', 'part-10.jpg', 'part-9.jpg']);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await becomes('the picture', 'scenes/part-11.jpg', () =>
        page.getByTestId('gain-pictures').getAttribute('data-image'),
      );
      const boxes = (id) => page.getByTestId(id).locator('.box').count();
      assert.deepEqual([await boxes('gain-before'), await boxes('gain-now')], [5, 4]);
      assert.match(await page.getByTestId('gain-now').textContent(), /Now: 1 found, 2 missed; detections: 1/);
      assert.deepEqual(await said(page, 'readGain'), [{ kind: 'readGain', id: 'scenes/part-11.jpg' }]);
    },
    '',
    training,
  );
  await step(
    'training: the gain in Chinese',
    async (page) => {
      assert.match(await page.getByTestId('gain-facts').textContent(), /12 张图像中 9 张的损失下降/);
      await page.getByTestId('gains-worse').click();
      assert.equal(await page.getByTestId('gains-worse').textContent(), '变差');
    },
    '&language=zh-cn',
    training,
  );
}
