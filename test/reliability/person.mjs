// Somebody at the panel who presses keys, moves sliders and drags the picture, without a plan.

const KEYS = ['j', 'k', 'n', 'p', 'o', 'g', 'z', 'f', '0', '+', '-', '1', '2', '3', '4', '5'];
const PAUSE_MS = 100;

/** @param seed of the order of moves; `numImages` of the run. */
export function person(page, seed, numImages) {
  let state = seed;
  let numMoves = 0;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = (list) => list[random(list.length)];
  const place = async () => {
    const { x, y, width, height } = await page.getByTestId('canvas').boundingBox();
    return [x + random(width), y + random(height)];
  };

  const moves = [
    () => page.keyboard.press(pick(KEYS)),
    () => page.keyboard.press(pick(KEYS)),
    async () => {
      await page.keyboard.press('?');
      await page.waitForTimeout(PAUSE_MS);
      await page.keyboard.press('Escape');
    },
    () => page.getByTestId('option-nmsThreshold-slider').fill(String(random(100))),
    () => fill('option-batchSize', String(1 + random(300))),
    () => fill('filter-text', pick(['', 'screw', 'nut', 'no such class'])),
    async () => {
      await page.mouse.move(...(await place()));
      await page.mouse.wheel(0, random(400) - 200);
    },
    async () => {
      await page.mouse.move(...(await place()));
      await page.mouse.down();
      await page.mouse.move(...(await place()));
      await page.mouse.up();
    },
    async () => page.mouse.click(...(await place())),
  ];

  const fill = async (name, text) => {
    await page.getByTestId(name).fill(text);
    await page.keyboard.press('Enter');
    await page.evaluate(() => document.activeElement.blur());
  };
  const layers = page.locator('[data-testid^="layer-"]');
  const pressed = () => layers.evaluateAll((chips) => chips.map((chip) => chip.getAttribute('aria-pressed')));

  return {
    numMoves: () => numMoves,
    /** Puts the panel into one state, the same each time: what is on the page then can be compared. */
    async rest() {
      await page.keyboard.press('Escape');
      await fill('filter-text', '');
      await fill('option-batchSize', '128');
      await page.getByTestId('option-nmsThreshold-slider').fill('70');
      for (const [i, state] of (await pressed()).entries())
        if ((state === 'true') !== (i === 0)) await layers.nth(i).click();
      for (let i = 0; i < numImages; i++) await page.keyboard.press('p');
      await page.keyboard.press('f');
      await page.waitForTimeout(1000);
    },
    async move() {
      await pick(moves)();
      numMoves++;
      await page.waitForTimeout(PAUSE_MS);
    },
  };
}
