// Steps of a walk through the workbench, in order, on the installed vsix.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pack } from '../package/pack.mjs';
import { launchBrowser } from '../vscode/browser.mjs';
import { startServer, workbenchUrl } from '../vscode/server.mjs';
import { Workbench } from './workbench.mjs';

/**
 * Walks through a VS Code of its own, with the vsix of OHEM_VSIX or a fresh one; the process fails where a step does.
 * @param name what the last line says of it: `e2e of …`.
 * @param walk `folder`: holds `workspace` and the server's data, removed at the end; `shots`: for screenshots;
 * `script`: of the webviews that must keep to their policy; absent: not looked at; `locale`: the display language.
 */
export async function walkVsix(name, steps, { folder, workspace, shots, script, locale }) {
  const vsix = process.env.OHEM_VSIX ?? (await pack());
  const server = await startServer({ dataFolder: join(folder, 'server'), vsix, locale });
  const browser = await launchBrowser();
  let [passed, failed] = [0, 0];
  try {
    const [browserLocale] = Intl.getCanonicalLocales(locale);
    const page = await browser.newPage({ viewport: { width: 1500, height: 940 }, locale: browserLocale });
    const problems = script === undefined ? [] : policyProblems(page, script);
    // A slow machine takes its time to serve the workbench.
    await page.goto(workbenchUrl(server, workspace), { timeout: 120_000 });
    ({ passed, failed } = await runSteps(new Workbench(page, shots, workspace), steps));
    assert.deepEqual(problems, [], `a webview of ${script} breaks its own content security policy`);
  } catch (error) {
    failed++;
    console.log(error.stack ?? error);
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/**
 * Each step stands on the one before: the first that fails ends the walk, with a picture. A step's `skips()` says why
 * it is left out, '' where it is not.
 */
async function runSteps(workbench, steps) {
  const result = { passed: 0, failed: 0 };
  for (const step of steps) {
    const { name } = step;
    const at = Date.now();
    const reason = step.skips?.() ?? '';
    if (reason !== '') {
      console.log(`  skip ${name}: ${reason}`);
      continue;
    }
    try {
      await step(workbench);
      result.passed++;
      console.log(`  ok   ${name} (${((Date.now() - at) / 1000).toFixed(1)} s)`);
    } catch (error) {
      result.failed++;
      console.log(`  FAIL ${name}\n${error.stack ?? error}`);
      console.log(`       ${await workbench.sight().catch(String)}`);
      await workbench.screenshot(`failed-${name}`).catch(() => {});
      break;
    }
  }
  return result;
}

/** Lines in which a webview's own script is refused by its policy; grows while the page lives. */
function policyProblems(page, script) {
  const problems = [];
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy/i.test(text) && (text.includes('vscode-webview') || text.includes(script)))
      problems.push(text);
  });
  return problems;
}
