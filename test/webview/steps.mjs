// Steps that a person takes in a panel's page, and what can be asked of the page.
import assert from 'node:assert/strict';
import { launchBrowser } from '../vscode/browser.mjs';

/** A browser for steps. `usual`: the page that a step opens, and the selector of what shows that it is there. */
export async function openBrowser(usual) {
  const browser = await launchBrowser();
  let numFailed = 0;

  /** Opens the panel in a page of its own and runs one step on it. */
  async function step(name, act, query = '', { url, opened } = usual) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
    const page = await context.newPage();
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => /Content Security Policy/.test(message.text()) && problems.push(message.text()));
    try {
      await page.goto(`${url}?noimage${query}`);
      await page.waitForSelector(opened);
      await act(page);
      assert.deepEqual(problems, []);
      console.log(`  ok   ${name}`);
    } catch (error) {
      numFailed++;
      console.log(`  FAIL ${name}\n${error.stack ?? error}`);
    } finally {
      await context.close();
    }
  }

  return { step, close: () => browser.close().then(() => numFailed) };
}

export const canvas = (page, name) => page.getByTestId('canvas').getAttribute(`data-${name}`);
export const count = async (page, layer) => Number(await page.getByTestId(`layer-${layer}`).getAttribute('data-count'));
export const said = (page, kind) =>
  page.evaluate((wanted) => window.said.filter((message) => message.kind === wanted), kind);

/** Polls until `probe` gives `expected`. */
export async function becomes(what, expected, probe) {
  let last;
  for (const end = Date.now() + 8000; Date.now() < end;) {
    last = await probe();
    if (last === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  assert.equal(last, expected, what);
}
