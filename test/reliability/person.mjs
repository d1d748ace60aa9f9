// Somebody at the panel who presses keys, moves sliders and drags the picture, without a plan.

const KEYS = ['j', 'k', 'n', 'p', 'o', 'g', 'z', 'f', '0', '+', '-', '1', '2', '3', '4', '5'];
const PAUSE_MS = 100;

/** @param seed of the order of moves. */
export function person(page, seed) {
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
      await page.keyboard.press('Escape');
    },
    () => page.getByTestId('option-nmsThreshold-slider').fill(String(random(100))),
    async () => {
      await page.getByTestId('option-batchSize').fill(String(1 + random(300)));
      await page.keyboard.press('Enter');
      await page.evaluate(() => document.activeElement.blur());
    },
    async () => {
      await page.getByTestId('filter-text').fill(pick(['', 'screw', 'nut', 'no such class']));
      await page.evaluate(() => document.activeElement.blur());
    },
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

  return {
    numMoves: () => numMoves,
    async move() {
      await pick(moves)();
      numMoves++;
      await page.waitForTimeout(PAUSE_MS);
    },
  };
}
