// How long the panel takes to follow a control: node test/webview/measure.mjs
// Per frame, with all layers on and every box drawn as a line: from the input event until the pixels are there (the
// canvas is read back, so rasterising counts). Printed, never asserted.
import { launchBrowser } from '../vscode/browser.mjs';
import { serveRun } from './serve.mjs';

const NUM_FRAMES = 60;

const browser = await launchBrowser();
try {
  for (const numRois of (process.argv[2] ?? '2000,8400').split(',').map(Number)) {
    const server = await serveRun({ numImages: 1, numRois });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${server.url}?noimage`);
    await page.waitForSelector('[data-testid="canvas"][data-num-drawn]:not([data-num-drawn="0"])');
    console.log(`${numRois} RoIs, as it opens:      ${JSON.stringify(await follow(page))}`);
    for (const key of ['2', '3', '4', '5']) await page.keyboard.press(key);
    console.log(`${numRois} RoIs, all layers:       ${JSON.stringify(await follow(page))}`);
    await page.getByTestId('draw-all').click();
    console.log(`${numRois} RoIs, all layers, all:  ${JSON.stringify(await follow(page))}`);
    await page.close();
    await server.close();
  }
} finally {
  await browser.close();
}

/**
 * Moves the mining NMS slider frame by frame; least and median ms of the script's part, the painting calls, and the
 * whole.
 */
function follow(page) {
  return page.evaluate(async (numFrames) => {
    const canvas = document.querySelector('[data-testid="canvas"]');
    const slider = document.querySelector('[data-testid="option-nmsThreshold-slider"]');
    const times = { script: [], paint: [], whole: [] };
    for (let i = 0; i < numFrames; i++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      const start = performance.now();
      slider.value = String(40 + (i % 40));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
      times.script.push(performance.now() - start);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const painted = performance.now();
      canvas.getContext('2d').getImageData(0, 0, 1, 1);
      times.paint.push(Number(canvas.dataset.paintMs));
      times.whole.push(times.script[i] + times.paint[i] + performance.now() - painted);
    }
    const summary = (values) => {
      values.sort((a, b) => a - b);
      return [values[0], values[values.length >> 1]].map((value) => Number(value.toFixed(1)));
    };
    return {
      drawn: Number(canvas.dataset.numDrawn),
      script: summary(times.script),
      paint: summary(times.paint),
      whole: summary(times.whole),
    };
  }, NUM_FRAMES);
}
