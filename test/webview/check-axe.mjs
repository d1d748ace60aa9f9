// No serious finding of axe in any room, in VS Code's four default themes; no two controls of a room are named alike.
import { assertAccessible } from './axe.mjs';
import { assertNamesApart } from './names.mjs';
import { THEMES } from './themes.js';

/** What a person does to see a room that is not open at first: [name, page, act]. */
const ROOMS = [
  ['detection', 'run', async () => {}],
  ['a RoI in focus', 'run', (page) => page.keyboard.press('j')],
  ['comparison', 'run', (page) => page.getByTestId('compare').click()],
  ['all examples', 'run', (page) => openGallery(page)],
  ['keys', 'run', (page) => page.keyboard.press('?')],
  ['classification', 'examples', async () => {}],
  ['wizard', 'wizard', async () => {}],
  ['checkpoints', 'checkpoints', async () => {}],
  ['training', 'training', (page) => page.getByTestId('gain-image').first().locator('button').click()],
];

async function openGallery(page) {
  await page.keyboard.press('a');
  await page.waitForSelector('[data-testid="item"][data-row]');
}

/** @param step of `openBrowser`. @param url of the server. @param examples page of a classification. */
export async function axeSteps(step, url, examples) {
  const pages = {
    run: undefined,
    examples,
    wizard: { url: `${url}wizard`, opened: '[data-testid="picture"][data-loaded="true"]' },
    training: { url: `${url}training`, opened: '[data-testid="gain-image"]' },
    checkpoints: { url: `${url}checkpoints`, opened: '[data-testid="pane-b"][data-loaded="true"]' },
  };
  for (const theme of Object.keys(THEMES))
    for (const [name, page, act] of ROOMS)
      await step(
        `axe, ${theme}: ${name}`,
        async (tab) => {
          await act(tab);
          await tab.waitForTimeout(200);
          await assertAccessible(tab, name);
          await assertNamesApart(tab, name);
        },
        `&theme=${theme}`,
        pages[page],
      );
}
