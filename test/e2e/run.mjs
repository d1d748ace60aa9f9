// A person's first minutes, on the installed vsix in a real VS Code: palette -> mine the sample -> panel -> boxes ->
// controls -> another preset beside it -> next image -> all examples -> reload -> a classifier. Screenshots land in
// out/e2e for eyes.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../package/pack.mjs';
import { launchBrowser } from '../vscode/browser.mjs';
import { startServer, workbenchUrl } from '../vscode/server.mjs';
import { policyProblems, runSteps } from './run-steps.mjs';
import { STEPS } from './steps.mjs';
import { Workbench } from './workbench.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shots = join(root, 'out', 'e2e');
await rm(shots, { recursive: true, force: true });
await mkdir(shots, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'ohem-lens-e2e-'));
const workspace = join(folder, 'workspace');
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });

const vsix = process.env.OHEM_VSIX ?? (await pack());
const server = await startServer({ dataFolder: join(folder, 'server'), vsix });
const browser = await launchBrowser();
let failed = 0;
let passed = 0;
try {
  const page = await browser.newPage({ viewport: { width: 1500, height: 940 } });
  const problems = policyProblems(page, 'panel.js');
  await page.goto(workbenchUrl(server, workspace));
  ({ passed, failed } = await runSteps(new Workbench(page, shots, workspace), STEPS));
  assert.deepEqual(problems, [], 'the panel breaks its own content security policy');
} catch (error) {
  failed++;
  console.log(error.stack ?? error);
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}
console.log(`e2e: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
