// The steps, in order; each says what a person does and what must be seen.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));

const attribute = (panel, id, name) => panel.locator(`[data-testid="${id}"]`).first().getAttribute(name);
const text = (panel, id) => panel.locator(`[data-testid="${id}"]`).first().textContent();

async function minesTheSampleFromThePalette(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await vscode.command('Mine Hard Examples');
  await vscode.picks();
  await vscode.screenshot('01-pick-checkpoint');
  await vscode.acceptFirst();
  await vscode.picks();
  await vscode.screenshot('02-pick-data');
  await vscode.acceptFirst();
  const panel = await vscode.panel(120_000);
  await vscode.until(
    'RoIs on the canvas',
    async () => Number(await attribute(panel, 'canvas', 'data-num-drawn')) > 0,
    60_000,
  );
  await vscode.screenshot('03-panel-growing');
}

async function finishesTheRunAndSaysWhatRan(vscode) {
  const panel = await vscode.panel();
  await vscode.until('the run is done', async () => /\d+ of 42/.test(await text(panel, 'image-position')), 180_000);
  const footer = await text(panel, 'footer');
  assert.match(footer, /offline proxy: frozen checkpoint/);
  assert.match(footer, /tfjs/);
  await vscode.screenshot('04-panel');
}

async function colouredPixelsAreOnTheCanvas(vscode) {
  const panel = await vscode.panel();
  const colourful = await panel.evaluate(() => {
    let count = 0;
    for (const canvas of document.querySelectorAll('canvas')) {
      if (canvas.closest('[data-testid="canvas"]') === null && canvas.dataset.testid !== 'canvas') continue;
      const context = canvas.getContext('2d');
      if (context === null || canvas.width === 0) continue;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) > 120) count++;
    }
    return count;
  });
  assert.ok(colourful > 2000, `${colourful} bright pixels`);
}

async function clicksThreeBoxes(vscode) {
  const panel = await vscode.panel();
  const seen = new Set();
  for (const at of [0, 1, 2]) {
    await panel.locator('[data-testid="roi-row"]').nth(at).click();
    const row = await panel.locator('[data-testid="roi-row"]').nth(at).getAttribute('data-row');
    await vscode.until(
      'the canvas follows the list',
      async () => (await attribute(panel, 'canvas', 'data-focused')) === row,
    );
    const details = await text(panel, 'details');
    assert.match(details, /class|loss/i);
    seen.add(row);
  }
  assert.equal(seen.size, 3);
  await vscode.screenshot('05-focused-box');
}

async function clicksOnTheCanvas(vscode) {
  const panel = await vscode.panel();
  const box = await panel.locator('[data-testid="canvas"]').first().boundingBox();
  const before = await attribute(panel, 'canvas', 'data-focused');
  // Somewhere in the picture there is a box under the pointer: go over a grid until the focus moves.
  for (let i = 1; i < 12; i++) {
    await vscode.page.mouse.click(box.x + (box.width * ((i * 5) % 12)) / 12, box.y + (box.height * i) / 12);
    if ((await attribute(panel, 'canvas', 'data-focused')) !== before) break;
  }
  assert.notEqual(await attribute(panel, 'canvas', 'data-focused'), before);
}

async function movesEachControl(vscode) {
  const panel = await vscode.panel();
  const selected = async () => Number((await text(panel, 'layer-selected')).replace(/\D/g, ''));
  const before = await selected();
  await fill(panel, 'option-batchSize', '16');
  await vscode.until('8 selected', async () => (await selected()) === 8);
  await fill(panel, 'option-imagesPerBatch', '1');
  await vscode.until('16 selected', async () => (await selected()) === 16);
  await fill(panel, 'option-nmsThreshold', '0.3');
  await vscode.until('more suppressed', async () => (await selected()) > 0);
  await fill(panel, 'option-keepRate', '0.1');
  await vscode.until('the keep rate decides', async () => (await selected()) !== 16);
  await vscode.screenshot('06-controls');
  assert.ok(before > 16);
}

async function comparesWithAnotherPreset(vscode) {
  const panel = await vscode.panel();
  const count = async (mark) => Number(await attribute(panel, `mark-${mark}`, 'data-count'));
  await panel.locator('[data-testid="compare"]').first().click();
  await vscode.until(
    'A and B select different RoIs',
    async () => (await count('only-a')) > 0 && (await count('only-b')) > 0,
  );
  await vscode.until(
    'all marks are drawn',
    async () =>
      Number(await attribute(panel, 'canvas', 'data-num-drawn')) ===
      (await count('both')) + (await count('only-a')) + (await count('only-b')),
  );
  await vscode.screenshot('07-compare-overlay');
  await panel.locator('[data-testid="compare-side"]').click();
  await vscode.until(
    'B has a picture of its own',
    async () => Number(await attribute(panel, 'canvas-b', 'data-num-drawn')) > 0,
  );
  await panel.locator('[data-testid="compare-run"]').click();
  await vscode.until(
    'the engine answers for the run',
    async () => (await attribute(panel, 'run-comparison', 'data-state')) === 'done',
    60_000,
  );
  assert.match(await text(panel, 'run-comparison'), /Over 42 images/);
  await panel.locator('[data-testid="run-comparison"]').scrollIntoViewIfNeeded();
  await vscode.screenshot('08-compare-side-by-side');
  await panel.locator('[data-testid="compare"]').first().click();
}

async function goesToTheNextImage(vscode) {
  const panel = await vscode.panel();
  const before = await text(panel, 'image-name');
  await panel.locator('[data-testid="next-image"]').first().click();
  await vscode.until('another image', async () => (await text(panel, 'image-name')) !== before);
  await vscode.screenshot('09-next-image');
}

async function keysWork(vscode) {
  const panel = await vscode.panel();
  await panel
    .locator('[data-testid="canvas"]')
    .first()
    .focus()
    .catch(() => {});
  const before = await attribute(panel, 'canvas', 'data-focused');
  await vscode.page.keyboard.press('j');
  await vscode.until('the next box', async () => (await attribute(panel, 'canvas', 'data-focused')) !== before);
  await vscode.page.keyboard.press('?');
  await vscode.screenshot('10-keys');
  await vscode.page.keyboard.press('Escape');
}

/** From the palette, through the engine process, to crops of the pixels; and from one of them back to the picture. */
async function opensAnImageFromAllExamples(vscode) {
  await vscode.command('All Examples');
  const panel = await vscode.panel(60_000, 'gallery-grid');
  const crops = panel.locator('[data-testid="item"][data-row]:has(image)');
  await vscode.until('crops', async () => (await crops.count()) > 5, 60_000);
  await vscode.screenshot('10-all-examples');
  const row = await crops.nth(3).getAttribute('data-row');
  await crops.nth(3).click();
  await vscode.until(
    'the picture, at the RoI of the crop',
    async () => (await attribute(panel, 'canvas', 'data-focused')) === row,
  );
}

async function survivesAReload(vscode) {
  const panel = await vscode.panel();
  const before = await text(panel, 'image-name');
  // The web workbench writes its storage every five seconds.
  await vscode.page.waitForTimeout(6000);
  await vscode.page.reload();
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  const again = await vscode.panel(90_000);
  await vscode.until('the same image', async () => (await text(again, 'image-name')) === before, 30_000);
  await vscode.until('RoIs on the canvas', async () => Number(await attribute(again, 'canvas', 'data-num-drawn')) > 0);
  await vscode.screenshot('11-after-reload');
}

async function theTreeListsImagesHardestFirst(vscode) {
  await vscode.page.locator('.activitybar .action-label[aria-label*="OHEM Lens"]').first().click();
  const rows = vscode.page.locator('.pane-body .monaco-list-row');
  await vscode.until('images in the tree', async () => (await rows.count()) > 5, 30_000);
  await vscode.screenshot('12-tree');
}

async function minesAClassifier(vscode) {
  await cp(join(shared, 'checkpoints', 'digits-cnn-tfjs'), join(vscode.workspace, 'digits-cnn-tfjs'), {
    recursive: true,
  });
  await cp(join(shared, 'data', 'mnist-a'), join(vscode.workspace, 'mnist-a'), { recursive: true });
  await vscode.command('Mine Hard Examples');
  await vscode.pick('digits-cnn-tfjs');
  await vscode.page.waitForTimeout(800);
  await vscode.pick('mnist-a');
  const panel = await vscode.panel(120_000, 'example-grid');
  await vscode.until(
    'all examples',
    async () => (await attribute(panel, 'example-grid', 'data-count')) === '400',
    120_000,
  );
  await vscode.until(
    'five are misclassified',
    async () => (await attribute(panel, 'only-wrong', 'data-count')) === '5',
  );
  await vscode.screenshot('13-classification');
  await panel.locator('[data-testid="only-wrong"]').click();
  await vscode.until('five thumbnails', async () => (await panel.locator('[data-testid="example"]').count()) === 5);
  await panel.locator('[data-testid="only-wrong"]').click();
  const cell = panel.locator('[data-testid="confusion-cell"].matrix-miss:not([data-count="0"])').first();
  await cell.click();
  await vscode.until(
    'one cell of the matrix',
    async () => (await attribute(panel, 'example-grid', 'data-count')) === (await cell.getAttribute('data-count')),
  );
  await vscode.screenshot('14-classification-cell');
}
minesAClassifier.skips = () =>
  existsSync(join(shared, 'checkpoints', 'digits-cnn-tfjs')) ? '' : '../shared is not there';

/** What a file calls itself comes back in an error: it must not be a link that runs a command. */
async function namesOfFilesAreNoLinks(vscode) {
  const name = '[Repair this run](command:workbench.action.toggleZenMode).ohem';
  await writeFile(join(vscode.workspace, name), 'no run');
  const rows = vscode.page.locator('.pane .monaco-list-row', { hasText: 'Repair this run' });
  await vscode.until('the tree has noticed it', async () => (await rows.count()) > 0);
  await vscode.command('Open Run');
  await vscode.pick('Repair this run');
  const message = vscode.page.locator('.notification-list-item-message', { hasText: 'Repair this run' }).first();
  await message.waitFor({ timeout: 30_000 });
  await vscode.screenshot('15-hostile-name');
  assert.equal(await message.locator('a').count(), 0);
  await rm(join(vscode.workspace, name));
}

async function fill(panel, id, value) {
  const control = panel
    .locator(
      `[data-testid="${id}"] input[type="number"], [data-testid="${id}"] input[type="text"], ` +
        `input[type="number"][data-testid="${id}"]`,
    )
    .first();
  await control.fill(value);
  await control.press('Enter');
}

export const STEPS = [
  minesTheSampleFromThePalette,
  finishesTheRunAndSaysWhatRan,
  colouredPixelsAreOnTheCanvas,
  clicksThreeBoxes,
  clicksOnTheCanvas,
  movesEachControl,
  comparesWithAnotherPreset,
  goesToTheNextImage,
  keysWork,
  opensAnImageFromAllExamples,
  survivesAReload,
  theTreeListsImagesHardestFirst,
  minesAClassifier,
  namesOfFilesAreNoLinks,
];
