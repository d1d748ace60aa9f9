// The panel in four widths of the editor, with names of 80 characters: nothing vanishes, nothing is lost, all is sized.
import assert from 'node:assert/strict';
import { assertAccessible } from './axe.mjs';
import { becomes, canvas, said } from './steps.mjs';
import { THEMES } from './themes.js';

/** Widths of editors, CSS px, and how many columns stand beside the picture; at 600 and 1,200 there is one more. */
const WIDTHS = [
  { width: 400, columns: 0 },
  { width: 530, columns: 0 },
  { width: 600, columns: 1 },
  { width: 940, columns: 1 },
  { width: 1200, columns: 2 },
  { width: 1900, columns: 2 },
];
const LAYERS = ['selected', 'nms-suppressed', 'below-budget', 'ignored', 'invalid', 'ground-truth'];

/** What another tab of the workspace has left. */
const KEPT = { sizes: { side: 280 }, folded: ['details-section'], sideOpen: true };

const boxOf = (page, id) => page.getByTestId(id).first().boundingBox();
/** Gives the editor another width, and waits until the panel stands. */
async function sized(page, width) {
  await page.setViewportSize({ width, height: 900 });
  await page.waitForFunction((wanted) => window.innerWidth === wanted, width);
  await page.waitForTimeout(150);
}

/** @param step as `openBrowser` gives it. @param named page of a run with names of 80 characters. */
export async function layoutSteps(step, named) {
  for (const { width, columns } of WIDTHS) {
    await step(
      `${width} px: details beside or below the picture, chips in one row`,
      async (page) => {
        await sized(page, width);
        await page.keyboard.press('j');
        const [stage, details] = [await boxOf(page, 'canvas'), await boxOf(page, 'details')];
        assert.ok(stage.width >= 300 && stage.height >= 180, `the picture has ${stage.width} × ${stage.height}`);
        assert.equal(columns === 0 ? details.y > stage.y + stage.height - 1 : details.x >= stage.x + stage.width, true);
        assert.ok(details.y + 100 < 900, 'the details are in sight');
        assert.equal(await page.locator('.splitter-x').count(), columns);
        if (columns === 2) assert.ok((await boxOf(page, 'roi-list')).x > details.x + details.width);
        const rows = new Set();
        for (const id of LAYERS) rows.add((await boxOf(page, `layer-${id}`)).y);
        assert.equal(rows.size, 1, 'chips stand in one row');
        const last = await boxOf(page, `layer-${LAYERS.at(-1)}`);
        assert.ok(last.x + last.width <= width, 'no chip is out of sight');
        const cut = await page
          .locator('.side-column')
          .evaluateAll((all) =>
            all
              .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
              .map(({ dataset }) => dataset.testid),
          );
        assert.deepEqual(cut, [], 'no control is out of sight');
      },
      '',
      named,
    );

    await step(
      `${width} px: no preset's name is cut, and each title is whole`,
      async (page) => {
        await sized(page, width);
        await page.getByTestId('compare').click();
        for (const side of ['option', 'compare']) {
          const select = page.getByTestId(`${side}-preset`);
          assert.deepEqual(await select.evaluate(cutNames), [], `names of ${side}`);
          for (const id of await select.evaluate(({ options }) => [...options].map(({ value }) => value))) {
            await select.selectOption(id);
            const title = page.getByTestId(`${side}-preset-title`);
            const { isWhole, words } = await title.evaluate(wholeOf);
            assert.ok(isWhole && words.length > 5, `the title of ${id}: ${words}`);
            assert.ok((await title.boundingBox()).x + (await title.boundingBox()).width <= width);
          }
        }
      },
      '',
      named,
    );

    await step(
      `${width} px: layers are switched without the picture moving`,
      async (page) => {
        await sized(page, width);
        const before = await boxOf(page, 'canvas');
        const zoom = await page.getByTestId('zoom').textContent();
        for (const id of LAYERS) {
          await page.getByTestId(`layer-${id}`).click();
          assert.deepEqual(await boxOf(page, 'canvas'), before, id);
        }
        await page.getByTestId('draw-all').click();
        assert.deepEqual(await boxOf(page, 'canvas'), before, 'all drawn');
        assert.equal(await page.getByTestId('zoom').textContent(), zoom);
      },
      '',
      named,
    );

    await step(
      `${width} px: long names are cut in their middle, and the prediction is never lost`,
      async (page) => {
        await sized(page, width);
        await page.getByTestId('layer-selected').waitFor();
        const said = page.locator('.roi-said');
        for (const row of await said.all()) {
          const { last, cut, inside } = await row.evaluate(partsOf);
          assert.ok(last > 20, `${last} px of the end are in sight`);
          assert.ok(cut && inside);
        }
        assert.match(await page.locator('.roi-names').first().getAttribute('title'), /^\w{80} → (\w{80}|background) /);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, 'nothing overflows');
      },
      '',
      named,
    );

    for (const theme of Object.keys(THEMES))
      await step(
        `${width} px, axe, ${theme}`,
        async (page) => {
          await sized(page, width);
          await page.keyboard.press('j');
          await page.waitForTimeout(150);
          await assertAccessible(page, `${width} px`);
        },
        `&theme=${theme}`,
        named,
      );
  }
  await sizeSteps(step, named);
}

/** Names of a choice that have more letters than it has room for, beside its arrow. */
function cutNames(select) {
  const { font, paddingLeft } = getComputedStyle(select);
  const context = document.createElement('canvas').getContext('2d');
  context.font = font;
  const room = select.clientWidth - 2 * parseFloat(paddingLeft) - 20;
  return [...select.options].map(({ text }) => text).filter((text) => context.measureText(text).width > room);
}

function wholeOf(title) {
  const isWhole = title.scrollWidth <= title.clientWidth && title.scrollHeight <= title.clientHeight;
  return { isWhole, words: title.textContent };
}

/** Of a predicted name in the list: how much of its end is seen, whether it is cut, and whether it stays in its row. */
function partsOf(said) {
  const row = said.closest('.roi-row').getBoundingClientRect();
  const last = said.querySelector('.name-last') ?? said.querySelector('.name');
  const { width, right } = last.getBoundingClientRect();
  const first = said.querySelector('.name-first');
  return { last: width, cut: first.scrollWidth >= first.clientWidth, inside: right <= row.right };
}

async function sizeSteps(step, named) {
  await step(
    'splitters are moved by keys and by the mouse, and come back after a reload',
    async (page) => {
      await sized(page, 940);
      const side = page.getByTestId('splitter-side');
      const now = async () => Number(await side.getAttribute('aria-valuenow'));
      const first = await now();
      await side.focus();
      await page.keyboard.press('ArrowLeft');
      await becomes('wider', first + 16, now);
      await page.keyboard.press('Shift+ArrowRight');
      await becomes('narrower by more', first - 48, now);
      await page.keyboard.press('Home');
      await becomes('least', Number(await side.getAttribute('aria-valuemin')), now);
      await page.keyboard.press('Enter');
      await becomes('as at first', first, now);
      const { x, y } = await side.boundingBox();
      await page.mouse.move(x + 3, y + 300);
      await page.mouse.down();
      await page.mouse.move(x - 97, y + 300, { steps: 4 });
      await page.mouse.up();
      await becomes('dragged', first + 100, now);
      const details = page.getByTestId('splitter-details-section');
      await details.focus();
      const height = Number(await details.getAttribute('aria-valuenow'));
      await page.keyboard.press('ArrowUp');
      await becomes('lower', String(height - 16), () => details.getAttribute('aria-valuenow'));
      await page.waitForTimeout(400);
      await page.reload();
      await becomes('the width', first + 100, now);
      await becomes('the height', String(height - 16), () => details.getAttribute('aria-valuenow'));
      await side.dblclick();
      await becomes('as at first', first, now);
    },
    '',
    named,
  );

  await step(
    'a splitter leaves the other keys to the panel',
    async (page) => {
      await sized(page, 940);
      await page.getByTestId('splitter-side').focus();
      await page.keyboard.press('j');
      const second = await page.getByTestId('roi-row').nth(1).getAttribute('data-row');
      await becomes('focused', second, () => canvas(page, 'focused'));
    },
    '',
    named,
  );

  await step(
    'a panel begins as the last one of the workspace was arranged, and tells its own arrangement',
    async (page) => {
      await sized(page, 940);
      const side = page.getByTestId('splitter-side');
      assert.equal(await side.getAttribute('aria-valuenow'), '280');
      assert.equal(await page.getByTestId('details').count(), 0);
      await page.getByTestId('details-section').getByRole('button', { expanded: false }).click();
      await side.press('ArrowLeft');
      const kept = JSON.stringify({ sizes: { side: 296 }, folded: [], sideOpen: true });
      const arranged = async () => JSON.stringify((await said(page, 'arranged')).at(-1)?.arrangement);
      await becomes('the host keeps it', kept, arranged);
    },
    `&kept=${encodeURIComponent(JSON.stringify(KEPT))}`,
    named,
  );

  await step(
    'the drawer is sized, folded and opened again',
    async (page) => {
      await sized(page, 400);
      const drawer = page.getByTestId('splitter-drawer');
      await drawer.focus();
      const before = Number(await drawer.getAttribute('aria-valuenow'));
      assert.equal(await drawer.getAttribute('aria-orientation'), 'horizontal');
      await page.keyboard.press('ArrowDown');
      await becomes('lower', String(before - 16), () => drawer.getAttribute('aria-valuenow'));
      const toggle = page.getByTestId('toggle-side');
      await toggle.click();
      assert.equal(await page.getByTestId('details-section').count(), 0);
      assert.equal(await toggle.getAttribute('aria-pressed'), 'false');
      await toggle.press('Enter');
      await becomes('lower as before', String(before - 16), () => drawer.getAttribute('aria-valuenow'));
    },
    '',
    named,
  );

  await step(
    'a run that was cut says so in a narrow editor, too, with one progress',
    async (page) => {
      await sized(page, 400);
      assert.match(await page.getByTestId('unfinished').textContent(), /^Not finished: 5 of 66 images/);
      const resume = await boxOf(page, 'resume-run');
      assert.ok(resume.x + resume.width <= 400);
      assert.equal(await page.getByTestId('progress').count(), 0);
    },
    '&cut',
    named,
  );

  await step(
    'a run that grows has one progress',
    async (page) => {
      await sized(page, 400);
      assert.equal(await page.locator('[data-testid="progress"], [data-testid="unfinished"]').count(), 1);
      const stop = await boxOf(page, 'stop-run');
      assert.ok(stop.x + stop.width <= 400);
    },
    '&progress=running&cut',
    named,
  );
}
