// The panel in the language that the host hands over, as VS Code does with its language pack.
import assert from 'node:assert/strict';

/** @param step as `openBrowser` gives it. */
export async function checkChinese(step) {
  await step(
    'speaks Chinese where the host does',
    async (page) => {
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-cn');
      assert.match(await page.locator('.footer-keys').textContent(), /按键$/);
    },
    '&language=zh-cn',
  );
}
