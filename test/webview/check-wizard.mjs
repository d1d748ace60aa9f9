// What a person does in the wizard of "Describe Checkpoint", on made-up readings.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

const OPENED = '[data-testid="picture"][data-loaded="true"]';
const readName = (page) => page.getByTestId('reading').textContent();

/** @param step of `openBrowser`. @param url of the server. */
export async function wizardSteps(step, url) {
  const wizard = { url: `${url}wizard`, opened: OPENED };
  await step(
    'wizard: the best reading on an image, others to take, images to step through',
    async (page) => {
      assert.equal(await readName(page), 'scale 0…255');
      assert.match(await page.getByTestId('evidence').textContent(), /sure: boxes meet 15 objects/);
      assert.equal(
        await page.getByTestId('picture').getAttribute('aria-label'),
        'parts-0.jpg: 5 objects, boxes found: 5',
      );
      await page.getByTestId('next').click();
      await becomes('the next image', true, async () =>
        /^2 of 3: parts-1\.jpg/.test(await page.getByTestId('image-name').textContent()),
      );
      await page.getByTestId('alternative').last().click();
      await becomes('taken', 'as it is', () => readName(page));
      assert.equal(await page.getByTestId('evidence').getAttribute('data-weak'), 'true');
      assert.match(await page.getByTestId('announcer').textContent(), /^Reading: as it is\. weak/);
      await page.reload();
      await page.waitForSelector(OPENED);
      assert.match(await page.getByTestId('image-name').textContent(), /^2 of 3/);
    },
    '',
    wizard,
  );

  await step(
    'wizard: a repair is measured and drawn, a contradiction is told, Save saves; all by keys',
    async (page) => {
      const reached = new Set();
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => ({
          id: document.activeElement.dataset.testid ?? document.activeElement.tagName,
          outline: getComputedStyle(document.activeElement).outlineStyle,
        }));
        if (at.id !== 'BODY') assert.notEqual(at.outline, 'none', `focus of ${at.id} is not seen`);
        reached.add(at.id);
      }
      for (const id of ['save', 'previous', 'next', 'SUMMARY', 'alternative', 'repair-resize', 'repair-decoded'])
        assert.ok(reached.has(id), `${id} is not reached; ${[...reached].join(', ')}`);
      await page.getByTestId('repair-resize').selectOption('2');
      await becomes('busy', true, () => page.getByTestId('save').isDisabled());
      await becomes('measured', 'resize 2', () => readName(page));
      assert.deepEqual(await said(page, 'repair'), [{ kind: 'repair', id: 'resize', choice: 2 }]);
      assert.equal(await page.getByTestId('alternative').count(), 4);
      await page.getByTestId('repair-decoded').selectOption('0');
      assert.match(await page.getByRole('alert').textContent(), /outputs: expected decoded boxes, received raw ones/);
      assert.match(await page.getByTestId('save').textContent(), /Save and Mine/);
      await page.getByTestId('save').focus();
      await page.keyboard.press('Enter');
      await becomes('saved', 1, async () => (await said(page, 'save')).length);
    },
    '&mines',
    wizard,
  );

  await step(
    'wizard: how sure a reading is, in Chinese',
    async (page) => {
      assert.match(await page.getByTestId('evidence').textContent(), /可信：框与 15 个目标的平均 IoU 为 0\.91/);
      await page.getByTestId('alternative').last().click();
      await becomes('taken', '按原样', () => readName(page));
      assert.match(await page.getByTestId('announcer').textContent(), /^读法：按原样。依据不足/);
    },
    '&language=zh-cn',
    wizard,
  );
}
