// What a person decides, and takes back: steps of check.mjs.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

const pressed = (page) =>
  page.locator('[data-testid="decision"] .chip[aria-pressed="true"]').getAttribute('data-testid');
const command = (page, name) => page.evaluate((name) => window.tellPanel('command', { command: name }), name);

/** @param step of a browser that opens the run of check.mjs. */
export async function checkDecisions(step) {
  await step('a key decides, the chip of the same verdict takes it back; undo and redo', async (page) => {
    await page.keyboard.press('j');
    await page.keyboard.press('h');
    await becomes('hard', 'verdict-hard', () => pressed(page));
    await page.keyboard.press('b');
    await becomes('the box is wrong', 'verdict-label-box', () => pressed(page));
    await command(page, 'undoDecision');
    await becomes('hard again', 'verdict-hard', () => pressed(page));
    await command(page, 'redoDecision');
    await becomes('the box again', 'verdict-label-box', () => pressed(page));
    await page.getByTestId('verdict-label-box').click();
    await becomes('nothing', 0, () => page.locator('[data-testid="decision"] .chip[aria-pressed="true"]').count());
    const changes = (await said(page, 'decide')).map((each) => each.changes);
    assert.equal(new Set(changes.flat().map(({ target }) => JSON.stringify(target))).size, 1);
    assert.equal(changes.at(-1).at(-1).decision, null);
  });

  await step("a note stays with its verdict, and its own undo is the text's", async (page) => {
    await page.keyboard.press('j');
    await page.keyboard.press('c');
    await page.getByTestId('decision-note').fill('a lorry');
    await command(page, 'undoDecision');
    assert.equal((await said(page, 'undoDecision')).length, 0);
    await page.getByTestId('decision-note').fill('a lorry, not a car');
    await page.getByTestId('decision-note').blur();
    await becomes(
      'written',
      'a lorry, not a car',
      async () => (await said(page, 'decide')).at(-1)?.changes.at(-1).decision.note,
    );
    assert.match(await page.getByTestId('decision-who').textContent(), /^Ada, /);
  });

  await step('a verdict is a badge and a filter of the list, on the RoI and on the image', async (page) => {
    await page.keyboard.press('j');
    await page.getByTestId('decide-about').selectOption('roi');
    await page.keyboard.press('e');
    await becomes('one badge', 1, () => page.locator('.roi-row [data-testid="verdict"]').count());
    await page.getByTestId('filter-more').click();
    await page.getByTestId('filter-verdict').selectOption('not-hard');
    await becomes('one row', '1', () => page.getByTestId('roi-list').getAttribute('data-count'));
    await page.getByTestId('decide-about').selectOption('image');
    await page.keyboard.press('i');
    const target = async () => (await said(page, 'decide')).at(-1)?.changes.at(-1).target;
    await becomes('the image alone', 'image', async () => Object.keys((await target()) ?? {}).join());
  });

  await step('labels to check: formulas and scores, a verdict goes on to the next, and filters', async (page) => {
    await page.keyboard.press('q');
    await page.waitForSelector('[data-testid="suspicion"]');
    const focused = page.locator('.example[aria-selected="true"]');
    assert.match(await page.getByTestId('suspicion').first().getAttribute('title'), /Score: /);
    assert.match(await page.getByTestId('suspect-notes').textContent(), /doubtful/);
    await page.keyboard.press('m');
    await becomes('the next one', '1', () => focused.getAttribute('data-place'));
    await becomes('a badge', 'label-missing', () =>
      page.locator('[data-place="0"] [data-testid="verdict"]').getAttribute('data-verdict'),
    );
    const all = Number(await page.getByTestId('gallery-count').getAttribute('data-shown'));
    await page.locator('[data-testid="facet-verdict"] [data-code="0"]').click();
    await becomes('the undecided', String(all - 1), () => page.getByTestId('gallery-count').getAttribute('data-shown'));
    await page.waitForSelector('.example[aria-selected="true"][data-row]');
    await page.keyboard.press('d');
    await becomes('one less', String(all - 2), () => page.getByTestId('gallery-count').getAttribute('data-shown'));
    await command(page, 'undoDecision');
    await becomes('back', String(all - 1), () => page.getByTestId('gallery-count').getAttribute('data-shown'));
  });
}
