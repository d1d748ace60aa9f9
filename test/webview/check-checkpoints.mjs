// What a person does in the comparison of checkpoints, on made-up looks.
import assert from 'node:assert/strict';
import { becomes, said } from './steps.mjs';

const OPENED = '[data-testid="checkpoints"][data-read="true"] [data-testid="example"]';
const shown = async (page) => Number(await page.getByTestId('examples').getAttribute('data-count'));
const changesOf = (page) => page.getByTestId('example').evaluateAll((rows) => rows.map((row) => row.dataset.change));
const countText = async (page, label, change) =>
  Number(
    (
      await page
        .locator(`[data-testid="class-row"][data-label="${label}"] [data-testid="count-${change}"]`)
        .textContent()
    ).replace(/\D/g, ''),
  );

/** @param step of `openBrowser`. @param url of the server. */
export async function checkpointSteps(step, url) {
  const room = { url: `${url}checkpoints`, opened: OPENED };
  await step(
    'checkpoints: counts filter by class and change, the first example stands side by side, Enter opens it',
    async (page) => {
      assert.equal(await shown(page), 2000);
      const broken = await countText(page, '2', 'broken');
      await page.locator('[data-testid="class-row"][data-label="2"] [data-testid="count-broken"]').click();
      await becomes('broken washers', broken, () => shown(page));
      await becomes('only these', true, async () => (await changesOf(page)).every((change) => change === 'broken'));
      await page.waitForSelector('[data-testid="pane-b"][data-loaded="true"]');
      assert.match(await page.getByTestId('pane-a').getAttribute('aria-label'), /^A: (Known|Not known|No RoI)/);
      assert.match(await page.getByTestId('facts-b').textContent(), /B · epoch-3(No RoI|.*loss)/);
      await page.getByTestId('examples').focus();
      await page.keyboard.press('ArrowDown');
      const second = await page.locator('[role=option][aria-selected=true]').getAttribute('data-image');
      await becomes('the second', second, () => page.getByTestId('pair-title').textContent());
      await page.keyboard.press('Enter');
      await page.keyboard.press('Shift+Enter');
      await becomes('opened', 2, async () => (await said(page, 'openImage')).length);
      assert.deepEqual(
        (await said(page, 'openImage')).map(({ path }) => path),
        ['/runs/epoch-3.ohem', '/runs/epoch-1.ohem'],
      );
    },
    '',
    room,
  );

  await step(
    'checkpoints: a rectangle in the scatter chooses, by mouse and by keys; Escape takes it away',
    async (page) => {
      const scatter = page.getByTestId('scatter');
      const { x, y, width, height } = await scatter.boundingBox();
      await page.mouse.move(x + width * 0.2, y + height * 0.1);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.5, y + height * 0.5, { steps: 4 });
      await page.mouse.up();
      await becomes('fewer', true, async () => (await shown(page)) > 0 && (await shown(page)) < 2000);
      await scatter.focus();
      await page.keyboard.press('Escape');
      await becomes('all again', 2000, () => shown(page));
      for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
      assert.match(await page.getByTestId('announcer').textContent(), /^A .*, B .*:/);
      for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowDown');
      const area = JSON.parse(await scatter.getAttribute('data-area'));
      assert.equal(area.b.last - area.b.first, 5);
      await page.getByTestId('clear-area').click();
      await becomes('all', 2000, () => shown(page));
    },
    '',
    room,
  );

  await step(
    'checkpoints: other runs, another threshold, another order; both pictures zoom as one; a reload keeps the question',
    async (page) => {
      const hard = await countText(page, '2', 'newly-hard');
      await page.getByTestId('threshold').fill('0.1');
      await page.getByTestId('threshold').press('Enter');
      await becomes('more of it', true, async () => (await countText(page, '2', 'newly-hard')) > hard);
      await page.getByTestId('look-a').selectOption('1');
      await becomes('B stays', '2', () => page.getByTestId('look-b').inputValue());
      await page.getByTestId('swap').click();
      await becomes('swapped', '2', () => page.getByTestId('look-a').inputValue());
      await page.getByTestId('sort').selectOption('forgotten');
      const scale = (pane) => page.getByTestId(pane).getAttribute('data-scale');
      await page.waitForSelector('[data-testid="pane-b"][data-loaded="true"]');
      const before = await scale('pane-a');
      await page.getByTestId('pane-b').focus();
      await page.keyboard.press('+');
      await becomes('A is zoomed', true, async () => Number(await scale('pane-a')) > Number(before));
      assert.equal(await scale('pane-a'), await scale('pane-b'));
      await page.reload();
      await page.waitForSelector(OPENED);
      assert.equal(await page.getByTestId('look-a').inputValue(), '2');
      assert.equal(await page.getByTestId('threshold').inputValue(), '0.1');
      assert.equal(await page.getByTestId('sort').inputValue(), 'forgotten');
    },
    '',
    room,
  );

  await step(
    'checkpoints: what is read is shown while the rest is read; stopped and gone on with',
    async (page) => {
      await becomes('some', true, async () => (await shown(page)) > 0 && (await shown(page)) < 2000);
      await page.getByTestId('stop').click();
      await becomes('stopped', 'false', () => page.getByTestId('reading').getAttribute('data-running'));
      const part = await shown(page);
      assert.ok(part < 2000, `${part}`);
      await page.getByTestId('go-on').click();
      await becomes('all', 2000, () => shown(page));
    },
    '&slow',
    { ...room, opened: '[data-testid="example"]' },
  );

  await step(
    'checkpoints: files that have changed or are gone, unfinished runs, runs that cannot be compared',
    async (page) => {
      assert.match(await page.getByTestId('news').textContent(), /Changed.*epoch-3\.ohem.*Deleted.*epoch-1\.ohem/);
      assert.match(await page.getByTestId('unfinished').textContent(), /epoch-3\.ohem \(250\)/);
      await page.goto(`${room.url}?changed`);
      await page.waitForSelector(OPENED);
      await page.getByTestId('read-again').click();
      await becomes('read again', 0, () => page.getByTestId('news').count());
      assert.deepEqual(
        (await said(page, 'read')).map(({ again }) => again),
        [false, true],
      );
      await page.goto(`${room.url}?broken`);
      await page.waitForSelector('[data-testid="error"]');
      assert.match(await page.getByRole('alert').textContent(), /classes: expected "bolt"/);
    },
    '&news&unfinished',
    room,
  );

  await step(
    'checkpoints: everything is reached with the Tab key and shows its focus',
    async (page) => {
      const reached = new Set();
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => ({
          id: document.activeElement.dataset.testid ?? document.activeElement.tagName,
          outline: getComputedStyle(document.activeElement).outlineStyle,
        }));
        if (at.id !== 'BODY') assert.notEqual(at.outline, 'none', `focus of ${at.id} is not seen`);
        reached.add(at.id);
      }
      const wanted = ['look-a', 'swap', 'look-b', 'threshold', 'sort', 'scatter', 'change-broken', 'count-fixed'];
      for (const id of [...wanted, 'pane-a', 'pane-b', 'open-a', 'examples'])
        assert.ok(reached.has(id), `${id} is not reached; ${[...reached].join(', ')}`);
    },
    '',
    room,
  );
}
