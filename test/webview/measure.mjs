// How long the panel takes to follow a person: node test/webview/measure.mjs [2000,8400,25200]
// Printed and given to `npm run bench`, never asserted.
import { launchBrowser } from '../vscode/browser.mjs';
import { isMain } from '../is-main.mjs';
import { serveRun } from './serve.mjs';

/** Frames before any is counted: until then the browser compiles what runs. */
const WARM_UP = 40;
const NUM_FRAMES = 60;
const VIEWPORT = { width: 1280, height: 800 };
/** Until some 1,000 images what grows is code that the browser compiles. */
const HOLD_AFTER = [100, 1000, 2000, 3000];
const ROIS_AN_IMAGE = 500;

/**
 * Per frame, as it opens and with all layers on, as lines and tint and with every box as a line: the control of mining
 * NMS or of the budget is moved, the picture is dragged, the wheel zooms. In the end, memory over many images.
 * @param counts numbers of RoIs of the image.
 */
export async function measurePanel(counts) {
  const browser = await launchBrowser();
  try {
    const figures = {};
    for (const numRois of counts) Object.assign(figures, await measureFrames(browser, numRois));
    return { ...figures, ...(await measureMemory(browser)) };
  } finally {
    await browser.close();
  }
}

async function measureFrames(browser, numRois) {
  const figures = {};
  const measure = async (page, scene) => {
    for (const gesture of ['control', 'budget', 'pan', 'zoom'])
      figures[`panel, ${numRois} RoIs, ${scene}: ${gesture}`] = await page.evaluate(follow, [
        gesture,
        WARM_UP,
        NUM_FRAMES,
      ]);
  };
  await withPage(browser, { numImages: 1, numRois }, async (page) => {
    await measure(page, 'as it opens');
    for (const key of ['2', '3', '4', '5']) await page.keyboard.press(key);
    await measure(page, 'all layers');
    await page.getByTestId('draw-all').click();
    await measure(page, 'every box a line');
    await page.waitForFunction((least) => {
      const { numDrawn } = document.querySelector('[data-testid="canvas"]').dataset;
      return Number(numDrawn) > least;
    }, numRois / 4);
    const settled = Number(await page.getByTestId('canvas').getAttribute('data-paint-ms'));
    figures[`panel, ${numRois} RoIs, every box a line: painted once it stands still`] = { scriptMinMs: settled };
  });
  return figures;
}

/** What the page holds after a collection, MiB, from one image to the next. */
async function measureMemory(browser) {
  const held = [];
  await withPage(browser, { numImages: HOLD_AFTER.at(-1) + 1, numRois: ROIS_AN_IMAGE }, async (page) => {
    const session = await page.context().newCDPSession(page);
    const hold = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
      held.push(Number(((usedSize + backingStorageSize) / 2 ** 20).toFixed(1)));
    };
    for (let image = 1; image <= HOLD_AFTER.at(-1); image++) {
      await page.keyboard.press('n');
      await page.waitForSelector(`[data-testid="image-position"][data-position="${image}"]`);
      if (HOLD_AFTER.includes(image)) await hold();
    }
  });
  const figures = Object.fromEntries(HOLD_AFTER.map((images, i) => [`after${images}`, held[i]]));
  return { [`panel, images of ${ROIS_AN_IMAGE} RoIs: heap and buffers, MiB`]: figures };
}

async function withPage(browser, run, work) {
  const server = await serveRun(run);
  const page = await browser.newPage({ viewport: VIEWPORT });
  try {
    await page.goto(`${server.url}?noimage`);
    await page.waitForSelector('[data-testid="canvas"][data-num-drawn]:not([data-num-drawn="0"])');
    await work(page);
  } finally {
    await page.close();
    await server.close();
  }
}

/**
 * In the page: makes a gesture frame by frame. `script` is all that runs from the event on, and the painting calls of
 * the next frame; `whole` adds rasterising (a pixel of the canvas is read back). ms.
 */
async function follow([gesture, warmUp, numFrames]) {
  const canvas = document.querySelector('[data-testid="canvas"]');
  const move = (option, value) => {
    const slider = document.querySelector(`[data-testid="option-${option}-slider"]`);
    slider.value = String(value);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const at = (i) => ({ clientX: x + 30 * Math.sin(i / 5), clientY: y + 20 * Math.cos(i / 5), bubbles: true });
  const gestures = {
    control: (i) => move('nmsThreshold', 40 + (i % 40)),
    budget: (i) => move('batchSize', 40 + (i % 40)),
    pan: (i) => canvas.dispatchEvent(new PointerEvent('pointermove', { ...at(i), pointerId: 1 })),
    zoom: (i) =>
      canvas.dispatchEvent(new WheelEvent('wheel', { ...at(i), deltaY: i % 20 < 10 ? -60 : 60, cancelable: true })),
  };
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(performance.now())));
  const stage = canvas.parentElement;
  stage.setPointerCapture = () => {};
  if (gesture === 'pan') canvas.dispatchEvent(new PointerEvent('pointerdown', { ...at(0), pointerId: 1, button: 0 }));
  const [script, whole] = [[], []];
  for (let i = 0; i < warmUp + numFrames; i++) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const frameBegins = nextFrame();
    const start = performance.now();
    gestures[gesture](i);
    await null;
    const handled = performance.now() - start;
    const frameEnds = nextFrame();
    const painted = (await frameEnds) - (await frameBegins);
    const readAt = performance.now();
    canvas.getContext('2d').getImageData(0, 0, 1, 1);
    if (i < warmUp) continue;
    script.push(handled + painted);
    whole.push(handled + painted + performance.now() - readAt);
  }
  if (gesture === 'pan') canvas.dispatchEvent(new PointerEvent('pointerup', { ...at(0), pointerId: 1, button: 0 }));
  const round = (value) => Number(value.toFixed(1));
  const ranked = (values) => values.sort((a, b) => a - b);
  const [scripts, wholes] = [ranked(script), ranked(whole)];
  const [middle, late] = [numFrames >> 1, Math.floor(numFrames * 0.95)];
  return {
    scriptMinMs: round(scripts[0]),
    scriptMedianMs: round(scripts[middle]),
    scriptP95Ms: round(scripts[late]),
    wholeMinMs: round(wholes[0]),
    wholeMedianMs: round(wholes[middle]),
    wholeP95Ms: round(wholes[late]),
  };
}

if (isMain(import.meta.url))
  console.table(await measurePanel((process.argv[2] ?? '2000,8400,25200').split(',').map(Number)));
