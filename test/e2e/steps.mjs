// The steps, in order; each says what a person does and what must be seen.
import assert from 'node:assert/strict';

const attribute = (panel, id, name) => panel.locator(`[data-testid="${id}"]`).first().getAttribute(name);
const text = (panel, id) => panel.locator(`[data-testid="${id}"]`).first().textContent();

async function minesTheSampleFromThePalette(vscode) {
  await vscode.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
  await vscode.command('Mine Hard Examples');
  await vscode.picks();
  await vscode.screenshot('01-pick-checkpoint');
  await vscode.page.keyboard.press('Enter');
  await vscode.page.waitForTimeout(800);
  await vscode.picks();
  await vscode.screenshot('02-pick-data');
  await vscode.page.keyboard.press('Enter');
  const panel = await vscode.panel(120_000);
  await vscode.until('RoIs on the canvas', async () => Number(await attribute(panel, 'canvas', 'data-num-drawn')) > 0, 60_000);
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
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) > 120) count++;
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
    await vscode.until('the canvas follows the list', async () => (await attribute(panel, 'canvas', 'data-focused')) === row);
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

async function goesToTheNextImage(vscode) {
  const panel = await vscode.panel();
  const before = await text(panel, 'image-name');
  await panel.locator('[data-testid="next-image"]').first().click();
  await vscode.until('another image', async () => (await text(panel, 'image-name')) !== before);
  await vscode.screenshot('07-next-image');
}

async function keysWork(vscode) {
  const panel = await vscode.panel();
  await panel.locator('[data-testid="canvas"]').first().focus().catch(() => {});
  const before = await attribute(panel, 'canvas', 'data-focused');
  await vscode.page.keyboard.press('j');
  await vscode.until('the next box', async () => (await attribute(panel, 'canvas', 'data-focused')) !== before);
  await vscode.page.keyboard.press('?');
  await vscode.screenshot('08-keys');
  await vscode.page.keyboard.press('Escape');
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
  await vscode.screenshot('09-after-reload');
}

async function theTreeListsImagesHardestFirst(vscode) {
  await vscode.page.locator('.activitybar .action-label[aria-label*="OHEM Lens"]').first().click();
  const rows = vscode.page.locator('.pane-body .monaco-list-row');
  await vscode.until('images in the tree', async () => (await rows.count()) > 5, 30_000);
  await vscode.screenshot('10-tree');
}

async function fill(panel, id, value) {
  const control = panel.locator(`[data-testid="${id}"] input[type="number"], [data-testid="${id}"] input[type="text"], input[type="number"][data-testid="${id}"]`).first();
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
  goesToTheNextImage,
  keysWork,
  survivesAReload,
  theTreeListsImagesHardestFirst,
];
