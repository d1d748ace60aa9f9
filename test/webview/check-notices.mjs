// What the panel says above the picture: the progress of a run, and what a run lacks.
import assert from 'node:assert/strict';
import { said } from './steps.mjs';

/** @param step as `openBrowser` gives it. */
export async function checkNotices(step) {
  await step(
    'a growing run shows its progress and can be stopped',
    async (page) => {
      assert.match(await page.getByTestId('progress').textContent(), /12 of 66 images.*17 s to go/);
      await page.getByTestId('stop-run').click();
      assert.equal((await said(page, 'cancel')).length, 1);
    },
    '&progress=running',
  );

  await step(
    'a run of shards says how many are whole, and which are not begun',
    async (page) => {
      const text = await page.getByTestId('progress').textContent();
      assert.match(text, /^Following: 12 of 66 images · 3 of 8 shards whole · not begun: 5, 7/);
    },
    '&progress=running&shards',
  );

  await step(
    'damaged and missing images are told of, each with what helps',
    async (page) => {
      assert.match(await page.getByTestId('damaged').textContent(), /^2 images damaged: a\.jpg, b\.jpg\. /);
      await page.getByTestId('salvage').click();
      assert.equal((await said(page, 'salvage')).length, 1);
      assert.match(await page.getByTestId('unfinished').textContent(), /^Not finished: 5 of 66 images/);
      await page.getByTestId('resume-run').click();
      assert.equal((await said(page, 'resume')).length, 1);
    },
    '&damaged=a.jpg&damaged=b.jpg&cut',
  );

  await step(
    'names with markup are text',
    async (page) => {
      assert.match(await page.getByTestId('notice').textContent(), /<img src=x onerror=alert\(1\)>/);
      assert.equal(await page.locator('img').count(), 0);
    },
    `&notice=${encodeURIComponent('<img src=x onerror=alert(1)>')}`,
  );
}
