// `npm start`: the bundled sample in VS Code with the extension: the desktop `code` where it is on PATH, otherwise VS
// Code's
// web server out of an npm package, whose address is printed.
import { spawn, spawnSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../package/pack.mjs';
import { startServer, workbenchUrl } from './server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const workspace = join(root, 'out', 'sample-workspace');
await mkdir(workspace, { recursive: true });
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });

const onDesktop =
  !process.argv.includes('--web') &&
  spawnSync('code', ['--version'], { shell: process.platform === 'win32' }).status === 0;
if (onDesktop) openDesktop();
else await openWeb();

function openDesktop() {
  console.log(`Opening the sample in the desktop VS Code. In its window: F1, "Mine Hard Examples".`);
  spawn('code', [`--extensionDevelopmentPath=${root}`, '--new-window', workspace], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

async function openWeb() {
  const vsix = await pack({ target: `${process.platform}-${process.arch}` });
  const dataFolder = join(homedir(), '.cache', 'ohem-lens', 'start');
  const port = Number(process.env.PORT ?? 0);
  const server = await startServer({ dataFolder, vsix, port });
  console.log(`\n  VS Code with OHEM Lens and the sample:\n\n    ${workbenchUrl(server, workspace)}\n`);
  console.log('  Open the address, then F1, "Mine Hard Examples". Ctrl-C here ends it.\n');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
