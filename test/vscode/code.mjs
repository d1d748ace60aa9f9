#!/usr/bin/env node
// Stands in for the desktop's `code`: takes its test arguments, runs VS Code's web server and a headless browser.
// With it the unmodified @vscode/test-electron (`runTests({ vscodeExecutablePath })`) runs a suite in a real extension
// host.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from './browser.mjs';
import { startServer, workbenchUrl } from './server.mjs';

const args = process.argv.slice(2);
const valueOf = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const development = resolve(valueOf('extensionDevelopmentPath') ?? '.');
const tests = resolve(valueOf('extensionTestsPath') ?? '.');
const folder = resolve(args.find((arg) => !arg.startsWith('-') && arg.startsWith('/')) ?? '.');

const dataFolder = await mkdtemp(join(tmpdir(), 'ohem-lens-code-'));
const server = await startServer({ dataFolder, suite: true, log: (line) => console.error(line) });
const browser = await launchBrowser();
let code = 1;
try {
  code = await runSuite();
} finally {
  await browser.close();
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}
process.exit(code);

async function runSuite() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${path}`;
  const done = new Promise((finish) => {
    void page.exposeFunction('codeAutomationLog', (type, values) =>
      console.log(format(...values), type === 'error' ? '' : ''),
    );
    void page.exposeFunction('codeAutomationExit', (exitCode) => finish(exitCode));
  });
  await page.waitForTimeout(100);
  await page.goto(
    workbenchUrl(server, folder, [
      ['extensionDevelopmentPath', remote(development)],
      ['extensionTestsPath', remote(tests)],
      ['skipWelcome', 'true'],
    ]),
  );
  const limit = Number(process.env.OHEM_TEST_LIMIT_S ?? 600) * 1000;
  const late = new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`The suite did not end within ${limit / 1000} s`)), limit).unref(),
  );
  return Promise.race([done, late]).catch((error) => {
    console.error(String(error));
    return 1;
  });
}
