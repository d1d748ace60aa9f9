// Starts and stops VS Code's web server with a data folder of its own.
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installServer } from './install.mjs';

/** What a quiet VS Code needs: no welcome page stealing focus, no git, no updates, one fixed theme. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Default Dark Modern',
  'git.enabled': false,
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'chat.disableAIFeatures': true,
  // Newer versions open it by themselves at some time, which takes the focus from what is asked.
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'security.workspace.trust.enabled': false,
  'window.commandCenter': false,
};

/**
 * @param {{dataFolder: string, vsix?: string, settings?: object, port?: number, suite?: boolean, locale?: string, log?:
 * (line: string) => void}} options `suite`: a suite runs in its extension host; `locale`: the display language, whose
 * language pack is in the data folder.
 * @returns {Promise<{url: string, port: number, stop: () => Promise<void>, output: () => string}>}
 */
export async function startServer({
  dataFolder,
  vsix,
  settings = {},
  port = 0,
  suite = false,
  locale,
  log = console.log,
}) {
  const { folder: root, node } = await installServer(log);
  const extensions = join(dataFolder, 'extensions');
  await mkdir(join(dataFolder, 'data', 'User'), { recursive: true });
  await mkdir(extensions, { recursive: true });
  await writeFile(
    join(dataFolder, 'data', 'User', 'settings.json'),
    JSON.stringify({ ...SETTINGS, ...settings }, null, 2),
  );
  const main = join(root, 'out', 'server-main.js');
  const common = ['--server-data-dir', dataFolder, '--extensions-dir', extensions];
  if (vsix !== undefined) await promisify(execFile)(node, [main, '--install-extension', vsix, '--force', ...common]);
  const server = spawn(
    node,
    [
      main,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      '--accept-server-license-terms',
      '--telemetry-level',
      'off',
      '--disable-workspace-trust',
      // Takes a suite's payload; newer versions then show no notifications.
      ...(locale === undefined ? [] : ['--locale', locale]),
      ...(suite ? ['--enable-smoke-test-driver'] : []),
      ...common,
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  let output = '';
  const stop = () => stopGroup(server);
  const listening = await new Promise((resolve, reject) => {
    const onData = (chunk) => {
      output += chunk;
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match) resolve(Number(match[1]));
    };
    server.stdout.on('data', onData);
    server.stderr.on('data', onData);
    server.once('exit', (code) => reject(new Error(`VS Code's server stopped with ${code}:\n${output}`)));
    server.once('error', reject);
  });
  return { url: `http://127.0.0.1:${listening}`, port: listening, stop, output: () => output };
}

function stopGroup(server) {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve();
    server.once('exit', () => resolve());
    try {
      process.kill(-server.pid, 'SIGTERM');
    } catch {
      resolve();
    }
    setTimeout(() => {
      try {
        process.kill(-server.pid, 'SIGKILL');
      } catch {
        // It is gone.
      }
      resolve();
    }, 5000).unref();
  });
}

/** Address that opens `folder`, with a payload for the extension host where tests run. */
export function workbenchUrl(server, folder, payload = []) {
  const query = new URLSearchParams({ folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${server.url}/?${query}`;
}
