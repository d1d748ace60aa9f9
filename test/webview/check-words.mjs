// Words of the panel explain themselves, and lead to the glossary.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

const asked = async (page) => (await said(page, 'openGlossary')).at(-1)?.term;

/** @param step as `openBrowser` gives it. */
export async function checkWords(step) {
  await step('a chip and a number explain themselves; T leads to the glossary there', async (page) => {
    const chip = page.getByTestId('layer-nms-suppressed');
    assert.match(await chip.getAttribute('title'), /^Mining NMS takes it out.*\nShow mining-suppressed \(2\)$/);
    assert.match(await chip.getAttribute('data-vscode-context'), /"webviewSection":"term","term":"mining-suppressed"/);
    await chip.hover();
    await page.keyboard.press('t');
    await becomes('of the chip', 'mining-suppressed', () => asked(page));
    await page.keyboard.press('j');
    await page.getByTestId('details-loss').locator('strong').hover();
    await page.keyboard.press('t');
    await becomes('of the number', 'nats', () => asked(page));
    await page.mouse.move(0, 0);
    await chip.focus();
    await page.keyboard.press('t');
    await becomes('of what has the focus', 'mining-suppressed', () => asked(page));
    await page.getByTestId('show-keys').click();
    await page.getByTestId('open-glossary').click();
    await becomes('the whole', null, () => asked(page));
  });

  await step('no tooltip of a term repeats what stands there', async (page) => {
    await page.keyboard.press('j');
    const equal = await page.$$eval('[data-term]', (elements) =>
      elements.filter(({ title, textContent }) => title.trim() === textContent.trim()).map(({ title }) => title),
    );
    assert.deepEqual(equal, []);
    assert.ok((await page.locator('[data-term]').count()) > 25);
  });
}
