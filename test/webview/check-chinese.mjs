// The panel in the language that the host hands over, as VS Code does with its language pack.
import assert from 'node:assert/strict';
import { becomes } from './steps.mjs';

/** What stands on the page and comes from files and publications, as it is in all languages. */
const DATA = /made-up|The picture was not found|arXiv|ICCV/;
/** Two English words of a sentence. */
const ENGLISH = /\b[a-z]{3,} [a-z]{3,}\b/;

/** @param step as `openBrowser` gives it. */
export async function checkChinese(step) {
  await step(
    'speaks Chinese where the host does: picture, comparison, keys, for eyes and for ears',
    async (page) => {
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-cn');
      await page.keyboard.press('j');
      assert.match(await page.getByTestId('announcer').textContent(), /^RoI 排名 2，入选，标签 /);
      assert.match(await page.getByTestId('details').textContent(), /原因.*预设 paper 选取的/);
      await page.getByTestId('compare').click();
      await becomes('the comparison', true, async () => (await page.getByTestId('comparison').count()) > 0);
      await page.getByTestId('show-keys').click();
      assert.deepEqual(await englishIn(page), []);
    },
    '&language=zh-cn',
  );

  await step(
    'speaks Chinese in the gallery, and finds by Chinese words',
    async (page) => {
      await page.keyboard.press('a');
      await page.getByTestId('item').first().waitFor();
      await page.getByTestId('gallery-group').selectOption('answer');
      await becomes('groups by name', true, async () =>
        (await page.getByTestId('grid-heading').first().textContent()).includes('其他类别'),
      );
      await page.getByTestId('facet-text').fill('漏检');
      await becomes('the value that is left', 1, () =>
        page.getByTestId('facet-answer').getByTestId('facet-value').count(),
      );
      assert.deepEqual(await englishIn(page), []);
    },
    '&language=zh-cn',
  );
}

/** Every text and name on the page that is an English sentence. */
async function englishIn(page) {
  const texts = await page.evaluate(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) found.push(walker.currentNode.data);
    for (const element of document.querySelectorAll('body *'))
      for (const { name, value } of element.attributes)
        if (/^(aria-(label|valuetext|description|roledescription)|title|placeholder|alt)$/.test(name))
          found.push(value);
    return found;
  });
  return texts.filter((text) => ENGLISH.test(text) && !DATA.test(text));
}
