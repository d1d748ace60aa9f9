// VS Code's web server out of the npm package `code-server`, installed once into a cache. No wrapper, no compiling.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMain } from '../is-main.mjs';

const run = promisify(execFile);

/** code-server 4.103.2 carries VS Code 1.103.2, the newest that runs on Node 20. */
export const VERSION = '4.103.2';

/** Changes when what we do to the unpacked server changes. */
const REVISION = 2;

const cacheRoot =
  process.env.OHEM_LENS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ohem-lens');

/** Folder of the installed server; installs it where the cache lacks it (about 115 MB, from the npm registry). */
export async function installServer(log = console.log) {
  const target = join(cacheRoot, 'vscode-server', `${VERSION}-${REVISION}`);
  if (existsSync(join(target, '.complete'))) return target;
  log(`Installing VS Code's web server (code-server ${VERSION} from the npm registry) into ${target} …`);
  await mkdir(join(cacheRoot, 'vscode-server'), { recursive: true });
  const work = await mkdtemp(join(cacheRoot, 'vscode-server', '.install-'));
  try {
    await npm(['pack', `code-server@${VERSION}`, '--silent'], work);
    await run('tar', ['xzf', `code-server-${VERSION}.tgz`, 'package/lib/vscode'], { cwd: work });
    const server = join(work, 'package', 'lib', 'vscode');
    // Not `npm ci`: the shrinkwrap is out of sync. Native modules stay unbuilt: terminal and text search are lost.
    await npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], server);
    await removeMaps(server);
    await stubNativeModules(server);
    await writeFile(join(server, '.complete'), VERSION);
    await rename(server, target).catch(async (error) => {
      // Another process was first, or an old half-made folder stands there.
      if (existsSync(join(target, '.complete'))) return;
      await rm(target, { recursive: true, force: true });
      await cp(server, target, { recursive: true }).catch(() => {
        throw error;
      });
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** Two native modules that stay unbuilt: without them VS Code works and complains at every start. */
async function stubNativeModules(server) {
  const logger =
    "const quiet = () => {};\nconst logger = new Proxy({}, { get: (_, key) => (key === 'then' ? undefined : " +
    "key === 'getLevel' ? () => 0 : quiet) });\n";
  const spdlog =
    `${logger}module.exports = { version: 0, setLevel: quiet, setFlushOn: quiet, shutdown: quiet, ` +
    'createRotatingLogger: async () => logger, createAsyncRotatingLogger: async () => logger };\n';
  await writeFile(join(server, 'node_modules', '@vscode', 'spdlog', 'index.js'), spdlog);
  await writeFile(join(server, 'node_modules', 'native-watchdog', 'index.js'), 'exports.start = () => {};\n');
}

function npm(args, cwd) {
  const windows = platform() === 'win32';
  return run(windows ? 'npm.cmd' : 'npm', args, { cwd, shell: windows, maxBuffer: 1 << 26 });
}

async function removeMaps(folder) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.map')) await rm(join(entry.parentPath, entry.name));
  }
}

if (isMain(import.meta.url)) console.log(await installServer());
