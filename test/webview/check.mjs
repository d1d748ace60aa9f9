// What a person does in the panel, in a plain browser on a made-up run: node test/webview/check.mjs
import assert from 'node:assert/strict';
import { axeSteps } from './check-axe.mjs';
import { checkChinese } from './check-chinese.mjs';
import { layoutSteps } from './check-layout.mjs';
import { checkMeasure } from './check-measure.mjs';
import { checkDecisions } from './check-decisions.mjs';
import { checkGallery } from './check-gallery.mjs';
import { checkNotices } from './check-notices.mjs';
import { serveRun } from './serve.mjs';
import { checkWords } from './check-words.mjs';
import { checkpointSteps } from './check-checkpoints.mjs';
import { trainingSteps } from './check-training.mjs';
import { wizardSteps } from './check-wizard.mjs';
import { becomes, canvas, count, openBrowser, said } from './steps.mjs';

const [server, examples] = [await serveRun({ numImages: 5, numRois: 2000 }), await serveRun({ numImages: 3000 })];
const named = await serveRun({ numImages: 5, numRois: 600, longNames: true });
const { step, close } = await openBrowser({ url: server.url, opened: '[data-testid="canvas"][data-num-drawn="64"]' });

await step('keys step through RoIs, list and canvas together', async (page) => {
  const rows = page.getByTestId('roi-row');
  for (const key of ['j', 'ArrowDown', 'k']) await page.keyboard.press(key);
  const second = await rows.nth(1).getAttribute('data-row');
  await becomes('focused', second, () => canvas(page, 'focused'));
  assert.equal(await rows.nth(1).getAttribute('aria-selected'), 'true');
  assert.equal(await page.getByTestId('roi-list').getAttribute('aria-activedescendant'), `roi-${second}`);
  assert.match(await page.getByTestId('announcer').textContent(), /^RoI rank 2/);
});

await step('the list builds only what is in sight, and follows the focus', async (page) => {
  const last = await page.getByTestId('roi-list').getAttribute('data-count');
  assert.ok((await page.getByTestId('roi-row').count()) < 60);
  await page.getByTestId('roi-list').evaluate((list) => (list.scrollTop = list.scrollHeight));
  await becomes('the last row', last, () => page.getByTestId('roi-row').last().getAttribute('aria-posinset'));
  await page.keyboard.press('j');
  await becomes('back at the focus', true, () => page.locator('.roi-row[aria-selected="true"]').isVisible());
});

await step('layers by chip and by key', async (page) => {
  await page.getByTestId('layer-selected').click();
  await becomes('none drawn', '0', () => canvas(page, 'num-drawn'));
  await page.keyboard.press('1');
  await page.keyboard.press('4');
  await becomes('selected and ignored', String(64 + (await count(page, 'ignored'))), () => canvas(page, 'num-drawn'));
});

await step('controls change the selection, and refuse with the range', async (page) => {
  await page.getByTestId('option-batchSize').fill('16');
  await page.keyboard.press('Enter');
  await becomes('8 selected', 8, () => count(page, 'selected'));
  await page.getByTestId('option-batchSize').fill('-1');
  await page.keyboard.press('Enter');
  assert.match(await page.getByTestId('option-batchSize-error').textContent(), /expected an integer in \[0, /);
  assert.equal(await page.getByTestId('option-batchSize').inputValue(), '-1');
  assert.equal(await count(page, 'selected'), 8);
  await page.getByTestId('option-batchSize-reset').click();
  await becomes('64 again', 64, () => count(page, 'selected'));
  await page.getByTestId('option-keepRate').fill('0.5');
  await page.keyboard.press('Enter');
  assert.ok((await count(page, 'selected')) > 64);
  await becomes('the host heard of it', 0.5, async () => (await said(page, 'miningChanged')).at(-1)?.mining.keepRate);
});

await step('advice is of the settings that it was asked with, and says so when they change', async (page) => {
  await page.getByTestId('advice-ask').click();
  await page.getByTestId('advice').waitFor();
  await page.getByTestId('option-batchSize').fill('16');
  await page.keyboard.press('Enter');
  await page.getByTestId('advice').waitFor({ state: 'detached' });
  await page.getByTestId('advice-section').getByText('The settings have changed since.').waitFor();
  await page.getByTestId('advice-ask').click();
  await page.getByTestId('advice').waitFor();
});

for (const check of [checkMeasure, checkGallery, checkDecisions, checkWords, checkChinese]) await check(step);

await step('typing in a field is never taken for a key', async (page) => {
  await page.getByTestId('filter-text').fill('');
  await page.getByTestId('filter-text').pressSequentially('fork1');
  assert.equal(await page.getByTestId('filter-text').inputValue(), 'fork1');
  assert.equal(await page.getByTestId('layer-selected').getAttribute('aria-pressed'), 'true');
  assert.equal(await page.getByTestId('roi-list').getAttribute('data-count'), '0');
});

await step('the cut of the histogram sets the batch size, by keys and by dragging', async (page) => {
  await page.getByTestId('cut').focus();
  await page.keyboard.press('ArrowLeft');
  await becomes('65', 65, () => count(page, 'selected'));
  assert.equal(await page.getByTestId('option-batchSize').inputValue(), '130');
  const bounds = await page.locator('.cut-area').boundingBox();
  await page.mouse.move(bounds.x + bounds.width * 0.9, bounds.y + 40);
  await page.mouse.down();
  await page.mouse.move(bounds.x + bounds.width * 0.7, bounds.y + 40);
  const few = await count(page, 'selected');
  await page.mouse.move(bounds.x + bounds.width * 0.3, bounds.y + 40);
  await page.mouse.up();
  assert.ok((await count(page, 'selected')) > few && few > 0);
});

await step('clicks at one place go from box to box; wheel and drag move the picture', async (page) => {
  await page.keyboard.press('2');
  const bounds = await page.getByTestId('canvas').boundingBox();
  const [x, y] = [bounds.x + bounds.width / 2, bounds.y + bounds.height / 2];
  const seen = new Set();
  for (let i = 0; i < 4; i++) {
    await page.mouse.click(x, y);
    await page.waitForTimeout(60);
    seen.add(await canvas(page, 'focused'));
  }
  assert.ok(seen.size > 1, 'more than one box was reached');
  const before = Number(await canvas(page, 'scale'));
  await page.mouse.wheel(0, -300);
  await becomes('larger', true, async () => Number(await canvas(page, 'scale')) > before);
  await page.keyboard.press('f');
  await becomes('fitted', true, async () => Number(await canvas(page, 'scale')) === before);
  await page.keyboard.press('0');
  await becomes('one to one', true, async () => Math.abs(Number(await canvas(page, 'scale')) - 1) < 1e-9);
});

await step('colours stand for a soft weight on demand; list and details name it', async (page) => {
  assert.equal(await page.getByTestId('roi-weight').count(), 0);
  assert.match(await page.getByTestId('details-weights').textContent(), /^focal \.\d+ · GHM-C /);
  await page.getByTestId('colour-by').selectOption('focal');
  await becomes('coloured by it', 'focal', () => page.getByTestId('colour-key').getAttribute('data-by'));
  assert.match(await page.getByTestId('colour-key').textContent(), /^\.75/);
  assert.match(await page.getByTestId('roi-weight').first().textContent(), /^\.\d+$/);
  assert.match(await page.getByTestId('roi-weight').first().getAttribute('title'), /1708\.02002/);
});

await step('a preset over whole minibatches reads the other image', async (page) => {
  await page.getByTestId('option-preset').selectOption('released-code');
  await becomes('one image asked for', 1, async () => (await said(page, 'readRois')).length);
  await becomes('all are read', false, async () =>
    /are read/.test(await page.getByTestId('mining-note').textContent()),
  );
});

await step('state survives a reload', async (page) => {
  await page.getByTestId('next-image').click();
  await becomes('second image', 'made-up-1.png', () => page.getByTestId('image-name').textContent());
  await page.getByTestId('option-batchSize').fill('30');
  await page.keyboard.press('Enter');
  await page.getByTestId('layer-below-budget').click();
  await page.getByTestId('roi-row').nth(3).click();
  await page.keyboard.press('z');
  await page.waitForTimeout(400);
  const [focused, scale] = [await canvas(page, 'focused'), await canvas(page, 'scale')];
  await page.reload();
  await becomes('the same RoI', focused, () => canvas(page, 'focused'));
  assert.equal(await page.getByTestId('image-name').textContent(), 'made-up-1.png');
  assert.equal(await count(page, 'selected'), 15);
  assert.equal(await canvas(page, 'scale'), scale);
  assert.equal(await page.getByTestId('layer-below-budget').getAttribute('aria-pressed'), 'true');
});

await step('? shows the keys, Escape closes them, and the keys work again', async (page) => {
  await page.keyboard.press('?');
  await page.getByTestId('keys-dialog').waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await page.getByTestId('keys-dialog').waitFor({ state: 'hidden' });
  // The dialog's `close` comes a task after it is out of sight; keys are its own until then.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await page.keyboard.press('j');
  const second = await page.getByTestId('roi-row').nth(1).getAttribute('data-row');
  await becomes('focused', second, () => canvas(page, 'focused'));
});

await step('everything is reached by Tab, with a visible focus', async (page) => {
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const { activeElement } = document;
      if (activeElement === document.body) return { id: '', outline: '' };
      const { outlineStyle } = getComputedStyle(activeElement);
      return { id: activeElement.dataset.testid ?? activeElement.className, outline: outlineStyle };
    });
    if (at.id !== '') assert.notEqual(at.outline, 'none', `focus of ${at.id} is not seen`);
    reached.add(at.id);
  }
  const known =
    'layer-selected stage option-preset option-batchSize cut filter-text roi-list reveal copy-roi next-image ' +
    'toggle-side splitter-why splitter-details-section splitter-rows splitter-list-section';
  for (const id of known.split(' ')) {
    assert.ok(reached.has(id), `${id} is not reached; ${[...reached].join(', ')}`);
  }
});

await checkNotices(step);

await step('two presets on one picture: marks, counts, facts, list', async (page) => {
  await page.getByTestId('compare').click();
  await becomes('beside the random baseline', 'random', () => page.getByTestId('compare-preset').inputValue());
  const counts = await Promise.all(
    ['both', 'only-a', 'only-b'].map(async (id) =>
      Number(await page.getByTestId(`mark-${id}`).getAttribute('data-count')),
    ),
  );
  assert.deepEqual([counts[0] + counts[1], counts[0] + counts[2]], [64, 64]);
  const drawn = counts[0] + counts[1] + counts[2];
  await becomes('all are drawn', String(drawn), () => canvas(page, 'num-drawn'));
  assert.equal(await page.getByTestId('roi-list').getAttribute('data-count'), String(drawn));
  assert.match(await page.getByTestId('compare-foregroundShare').textContent(), /foreground\d+ %25 %/);
  const overlap = Number(`0${(await page.getByTestId('compare-overlap').textContent()).replace('overlap', '')}`);
  assert.ok(Math.abs(overlap - counts[0] / drawn) < 0.006, `${overlap}`);
  await page.keyboard.press('1');
  await page.getByTestId('mark-only-a').click();
  await becomes('only B', String(counts[2]), () => canvas(page, 'num-drawn'));
  assert.equal(await page.getByTestId('roi-row').first().getAttribute('data-mark'), 'only B');
  await page.getByTestId('roi-row').first().click();
  assert.match(
    await page.getByTestId('details-compared').textContent(),
    /^A paper: (below budget|mining-suppressed) · B random: selected$/,
  );
  await page.getByTestId('compare-batchSize').fill('16');
  await page.keyboard.press('Enter');
  await becomes('B trains on 8', true, async () =>
    /selected648$/.test(await page.getByTestId('compare-numSelected').textContent()),
  );
  assert.equal(await page.getByTestId('option-batchSize').inputValue(), '128');
  await page.getByTestId('compare-preset').selectOption('released-code');
  await becomes('B reads the other image', 1, async () => (await said(page, 'readRois')).length);
  await page.getByTestId('compare').click();
  await becomes('as before', '64', () => canvas(page, 'num-drawn'));
});

await step('two presets side by side, each with its own boxes; both follow one focus and one zoom', async (page) => {
  await page.getByTestId('compare').click();
  await page.getByTestId('compare-side').click();
  const other = page.getByTestId('canvas-b');
  await becomes('B draws its own', '64', () => other.getAttribute('data-num-drawn'));
  await becomes('A draws its own', '64', () => canvas(page, 'num-drawn'));
  const bounds = await other.boundingBox();
  await page.mouse.move(bounds.x + bounds.width / 2, bounds.y + bounds.height / 2);
  await page.mouse.wheel(0, -400);
  await becomes(
    'one zoom',
    true,
    async () => (await other.getAttribute('data-scale')) === (await canvas(page, 'scale')),
  );
  await page.keyboard.press('j');
  await becomes(
    'one focus',
    true,
    async () => (await other.getAttribute('data-focused')) === (await canvas(page, 'focused')),
  );
});

await step('two presets over the run: asked of the host, stale when a setting changes', async (page) => {
  await page.getByTestId('compare').click();
  const state = () => page.getByTestId('run-comparison').getAttribute('data-state');
  assert.equal(await state(), 'stale');
  await page.getByTestId('compare-run').click();
  await becomes('answered', 'done', state);
  assert.equal((await said(page, 'compareRun'))[0].b.preset, 'random');
  assert.match(
    await page.getByTestId('run-comparison').textContent(),
    /Over 5 images.*overlap\.07.*loss covered16 %3\.0 %/,
  );
  await page.getByTestId('compare-image').nth(2).click();
  await becomes('goes there', 'made-up-2.png', () => page.getByTestId('image-name').textContent());
  await page.getByTestId('compare-seed').fill('3');
  await page.keyboard.press('Enter');
  await becomes('for other settings', 'stale', state);
});

const grid = { url: examples.url, opened: '[data-testid="example-grid"][data-count="2967"]' };
const gridCount = (page) => page.getByTestId('example-grid').getAttribute('data-count');
const focused = (page) => page.locator('.example[aria-selected="true"]').getAttribute('data-row');

await step(
  'classification: thousands of thumbnails, read in several messages, few built; keys walk them',
  async (page) => {
    assert.equal((await said(page, 'readExamples')).length, 3);
    assert.ok((await page.getByTestId('example').count()) < 200);
    const columns = Number(await page.getByTestId('example-grid').getAttribute('data-columns'));
    const cells = page.getByTestId('example');
    await becomes('the hardest', await cells.nth(0).getAttribute('data-row'), () => focused(page));
    await page.keyboard.press('ArrowRight');
    await becomes('the next', await cells.nth(1).getAttribute('data-row'), () => focused(page));
    await page.keyboard.press('ArrowDown');
    await becomes('below', await cells.nth(columns + 1).getAttribute('data-row'), () => focused(page));
    await page.keyboard.press('End');
    await becomes('the last is built', '2967', () =>
      page.locator('.example[aria-selected="true"]').getAttribute('aria-posinset'),
    );
    await page.keyboard.press('Home');
    await becomes('the first again', '1', () =>
      page.locator('.example[aria-selected="true"]').getAttribute('aria-posinset'),
    );
    assert.match(
      await page.getByTestId('announcer').textContent(),
      /^example rank 1, selected, label \d, predicted \d/,
    );
    await page.keyboard.press('j');
    await becomes('the tree follows', true, async () => (await said(page, 'showImage')).length > 0);
  },
  '&chunk=1400',
  grid,
);

await step(
  'classification: the matrix filters the grid, by mouse and by keys',
  async (page) => {
    const wrong = Number(await page.getByTestId('only-wrong').getAttribute('data-count'));
    await page.keyboard.press('w');
    await becomes('misclassified only', String(wrong), () => gridCount(page));
    await page.keyboard.press('x');
    await becomes('all again', '2967', () => gridCount(page));
    const cell = page.locator('[data-testid="confusion-cell"].matrix-miss:not([data-count="0"])').first();
    const [label, count] = [await cell.getAttribute('data-label'), await cell.getAttribute('data-count')];
    await cell.click();
    await becomes('one cell', count, () => gridCount(page));
    assert.equal(await cell.getAttribute('aria-pressed'), 'true');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.testid), 'confusion-label');
    await becomes(
      'the label alone is left off',
      '2967',
      async () => (
        await page
          .getByTestId('filter-clear')
          .click()
          .catch(() => {}),
        gridCount(page)
      ),
    );
    await page.locator(`[data-testid="confusion-label"][data-class="${label}"]`).click();
    await becomes(
      'one label',
      true,
      async () => Number(await gridCount(page)) > Number(count) && Number(await gridCount(page)) < 2967,
    );
    await page.getByTestId('filter-label').getByRole('button').click();
    await becomes('all again', '2967', () => gridCount(page));
  },
  '',
  grid,
);

await step(
  'classification: order, details, keep rate over the whole run',
  async (page) => {
    assert.match(await page.getByTestId('mining-note').textContent(), /minibatches of 128 images/);
    for (const id of ['loss', 'margin', 'entropy', 'el2n', 'weights', 'scores'])
      assert.match(await page.getByTestId(`details-${id}`).textContent(), /\d/);
    assert.match(await page.getByTestId('details-el2n').locator('span').getAttribute('title'), /2107\.07075/);
    const hardest = () => page.getByTestId('example').first().getAttribute('data-row');
    const first = await hardest();
    await page.getByTestId('example-sort').selectOption('entropy');
    await becomes('another first', true, async () => (await hardest()) !== first);
    await page.getByTestId('option-keepRate').fill('0.1');
    await page.keyboard.press('Enter');
    await becomes('a tenth of each minibatch, rounded down', 281, () => count(page, 'selected'));
    await page.getByTestId('layer-below-budget').click();
    await page.getByTestId('layer-ignored').click();
    await becomes('selected only', '281', () => gridCount(page));
    await page.getByTestId('copy-roi').click();
    assert.match((await said(page, 'copy'))[0].text, /"el2n"/);
  },
  '',
  grid,
);

await step(
  'classification: two presets mark the examples',
  async (page) => {
    await page.getByTestId('compare').click();
    await page.getByTestId('compare-preset').selectOption('top-b');
    await page.getByTestId('compare-batchSize').fill('16');
    await page.keyboard.press('Enter');
    const marked = async (by) => Number(await page.getByTestId(`mark-only-${by}`).getAttribute('data-count'));
    await becomes('16 of a minibatch are fewer than its quarter', true, async () => (await marked('a')) > 0);
    const only = (await marked('a')) + (await marked('b'));
    await page.getByTestId('mark-both').click();
    await becomes('only one', String(only), () => gridCount(page));
    assert.match(await page.getByTestId('details-compared').textContent(), /B top-b: selected/);
  },
  '',
  grid,
);

await step(
  'classification: everything is reached by Tab; the matrix is one stop',
  async (page) => {
    const reached = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => ({
        id: document.activeElement.dataset.testid ?? '',
        outline: getComputedStyle(document.activeElement).outlineStyle,
        body: document.activeElement === document.body,
      }));
      if (!at.body) assert.notEqual(at.outline, 'none', `focus of ${at.id} is not seen`);
      reached.push(at.id);
    }
    for (const id of ['example-sort', 'only-wrong', 'example-grid', 'option-keepRate', 'cut', 'copy-roi', 'colour-by'])
      assert.ok(reached.includes(id), `${id} is not reached; ${reached.join(', ')}`);
    assert.equal(new Set(reached.filter((id) => id.startsWith('confusion-'))).size, 1);
  },
  '',
  grid,
);

await wizardSteps(step, server.url);
await trainingSteps(step, server.url);
await checkpointSteps(step, server.url);
await axeSteps(step, server.url, grid);
await layoutSteps(step, { url: named.url, opened: '[data-testid="canvas"][data-num-drawn="64"]' });

const numFailed = await close();
await examples.close();
await named.close();
await server.close();
console.log(numFailed === 0 ? 'panel: all steps passed' : `panel: ${numFailed} steps failed`);
process.exitCode = numFailed === 0 ? 0 : 1;
