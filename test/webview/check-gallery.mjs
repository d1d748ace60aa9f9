// What a person does with all items of a run: steps of check.mjs.
import assert from 'node:assert/strict';
import { becomes, canvas } from './steps.mjs';

const gallery = async (page) => {
  await page.keyboard.press('a');
  await page.waitForSelector('[data-testid="item"][data-row]');
};
const shown = async (page) => Number(await page.getByTestId('gallery-count').getAttribute('data-shown'));

/** @param step of a browser that opens the run of check.mjs: 5 images, 64 RoIs selected of each. */
export async function checkGallery(step) {
  await step('all examples: keys move, Enter opens the image at the RoI, A goes back', async (page) => {
    await gallery(page);
    assert.equal(await shown(page), 320);
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'j']) await page.keyboard.press(key);
    const focused = page.locator('.example[aria-selected="true"]');
    const [place, row] = [await focused.getAttribute('data-place'), await focused.getAttribute('data-row')];
    const columns = await page.getByTestId('gallery-grid').getAttribute('data-columns');
    assert.equal(place, String(1 + Number(columns)));
    assert.equal(await page.getByTestId('gallery-grid').getAttribute('aria-activedescendant'), `item-${place}`);
    await page.keyboard.press('Enter');
    await becomes('the RoI has the focus', row, () => canvas(page, 'focused'));
    await page.keyboard.press('a');
    await becomes('the same item', place, () => focused.getAttribute('data-place'));
    await page.keyboard.press('Escape');
    await becomes('the picture', true, () => page.getByTestId('canvas').isVisible());
  });

  await step('all examples: a cell of the matrix, values and bars filter together', async (page) => {
    await gallery(page);
    const cell = page.locator('.matrix-miss:not([data-count="0"])').first();
    const count = Number(await cell.getAttribute('data-count'));
    await cell.click();
    await becomes('as many as the cell says', count, () => shown(page));
    assert.equal(await cell.getAttribute('aria-pressed'), 'true');
    const bin = page.locator('[data-testid="facet-loss"] .bin:not([data-count="0"])').first();
    const inBin = Number(await bin.getAttribute('data-count'));
    await bin.click();
    await becomes('as many as the bar says', inBin, () => shown(page));
    await page.keyboard.press('x');
    await becomes('all again', 320, () => shown(page));
  });

  await step('all examples: one click shows all of a class that is taken for background', async (page) => {
    await gallery(page);
    const headers = page.getByTestId('confusion-prediction');
    const background = await headers.filter({ hasText: 'background' }).getAttribute('data-class');
    const cell = page.locator(`.matrix-miss[data-prediction="${background}"]:not([data-count="0"])`).first();
    const count = Number(await cell.getAttribute('data-count'));
    await cell.click();
    await becomes('as many as the cell says', count, () => shown(page));
    const items = page.locator('[data-testid="item"][data-row]');
    const isTakenForBackground = (words) => words.includes('→ background');
    await becomes('each says so', true, async () => {
      const texts = await items.allTextContents();
      return texts.length > 0 && texts.every(isTakenForBackground);
    });
  });

  await step('all examples: S shows what looks like an item, Stop and more, and the pill leads back', async (page) => {
    await gallery(page);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('s');
    const notes = page.getByTestId('similar-notes');
    await becomes('all five images', '5', () => notes.getAttribute('data-looked'));
    const first = page.getByTestId('similarity').first();
    await becomes('the most alike first', '1.00', () => first.locator('.example-value').textContent());
    assert.match(await page.getByTestId('pill-similar').textContent(), /^most similar to RoI \d+ of /);
    assert.equal(await page.getByTestId('gallery-sort').count(), 0);
    assert.ok(await page.getByTestId('other-checkpoint').isVisible());
    await page.getByTestId('pill-similar').getByRole('button').click();
    await becomes('sorted again', true, () => page.getByTestId('gallery-sort').isVisible());
    await becomes('no notes', 0, () => notes.count());
  });

  // Of the best box on each object the score is high: a threshold above it makes them missed.
  await step(
    'an object that is missed looks so on the picture, with its layer',
    async (page) => {
      await becomes('missed', true, async () => Number(await canvas(page, 'num-missed')) > 0);
      await page.keyboard.press('6');
      await becomes('no objects, none missed', '0', () => canvas(page, 'num-missed'));
    },
    '&background=0.995',
  );

  await step('all examples: objects in groups; everything is reached by Tab, each chart is one stop', async (page) => {
    await gallery(page);
    await page.getByTestId('gallery-kind').selectOption('objects');
    await page.getByTestId('gallery-group').selectOption('label');
    await becomes('a heading for each class', true, async () => (await page.getByTestId('grid-heading').count()) > 1);
    const reached = [];
    for (let i = 0; i < 90; i++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement.dataset.testid ?? ''));
    }
    for (const id of ['gallery-close', 'gallery-sort', 'gallery-grid', 'facet-text', 'facet-value', 'bin'])
      assert.ok(reached.includes(id), `${id} is not reached; ${reached.join(', ')}`);
    assert.equal(reached.filter((id) => id === 'bin').length, await page.locator('.bins').count());
  });
}
