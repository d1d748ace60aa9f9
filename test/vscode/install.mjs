// VS Code's web server out of the npm package `code-server`, installed once into a cache. No wrapper, no compiling.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isMain } from '../is-main.mjs';

const run = promisify(execFile);

/**
 * Which server: code-server 4.103.2 carries VS Code 1.103.2, the newest that runs on Node 20. OHEM_VSCODE=newest takes
 * VS Code 1.139.1, with the Node.js that it needs out of the npm registry (762 MB in all).
 */
const SERVERS = {
  node20: { version: '4.103.2' },
  newest: { version: '4.139.1', node: '24' },
};

/** Changes when what we do to the unpacked server changes. */
const REVISION = 2;

const cacheRoot =
  process.env.OHEM_LENS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ohem-lens');

/** The name in SERVERS that OHEM_VSCODE gives. @throws Error where there is none of that name */
export function chosenServer() {
  const name = process.env.OHEM_VSCODE ?? 'node20';
  if (!Object.hasOwn(SERVERS, name))
    throw new Error(`OHEM_VSCODE: expected ${Object.keys(SERVERS).join(' or ')}, received ${name}`);
  return SERVERS[name];
}

/**
 * The installed server; installs it where the cache lacks it (from the npm registry).
 * @returns {Promise<{folder: string, node: string}>} `node`: the executable that runs it.
 */
export async function installServer(log = console.log) {
  const { version, node } = chosenServer();
  const target = join(cacheRoot, 'vscode-server', `${version}-${REVISION}`);
  const installed = { folder: target, node: node === undefined ? process.execPath : nodeBelow(target) };
  if (existsSync(join(target, '.complete'))) return installed;
  log(`Installing VS Code's web server (code-server ${version} from the npm registry) into ${target} …`);
  await mkdir(join(cacheRoot, 'vscode-server'), { recursive: true });
  const work = await mkdtemp(join(cacheRoot, 'vscode-server', '.install-'));
  try {
    await npm(['pack', `code-server@${version}`, '--silent'], work);
    await run('tar', ['xzf', `code-server-${version}.tgz`, 'package/lib/vscode'], { cwd: work });
    const server = join(work, 'package', 'lib', 'vscode');
    // Not `npm ci`: the shrinkwrap is out of sync. Native modules stay unbuilt: terminal and text search are lost.
    await npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], server);
    if (node !== undefined)
      await npm(['install', '--prefix', join(server, OWN_NODE), '--no-audit', '--no-fund', `${nodePackage()}@${node}`]);
    await removeMaps(server);
    await stubNativeModules(server);
    await writeFile(join(server, '.complete'), version);
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
  return installed;
}

const OWN_NODE = '.node';

/** The npm package that holds a Node.js executable for this platform. */
function nodePackage() {
  return `node-${platform() === 'win32' ? 'win' : platform()}-${process.arch}`;
}

function nodeBelow(server) {
  return join(server, OWN_NODE, 'node_modules', nodePackage(), 'bin', platform() === 'win32' ? 'node.exe' : 'node');
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
  for (const folder of ['native-watchdog', '@vscode/native-watchdog']) {
    const path = join(server, 'node_modules', folder);
    if (existsSync(path)) await writeFile(join(path, 'index.js'), 'exports.start = () => {};\n');
  }
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

if (isMain(import.meta.url)) console.log((await installServer()).folder);
