// Makes a vsix. Universal: nothing native, runs everywhere on WASM. With `--target linux-x64` (and friends): the native
// image
// decoder and ONNX Runtime of that platform are inside as well.
import { createVSIX } from '@vscode/vsce';
import * as esbuild from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BUNDLES } from '../../esbuild.mjs';
import { isMain } from '../is-main.mjs';
import { licencesOf } from './licences.mjs';
import { packageFolder } from './package-folder.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the engine process loads to decode images, and which of each package's files it needs. */
const UNIVERSAL = {
  sharp: /^(package\.json|LICENSE|dist\/.*\.(cjs|js|mjs)|lib\/.*\.js)$/,
  '@img/colour': /\.(json|cjs|js|mjs)$|LICENSE/,
  'detect-libc': /^(package\.json|LICENSE|lib\/.*\.js)$/,
  semver: /^(package\.json|LICENSE|(index|preload)\.js|(classes|functions|internal|ranges)\/.*\.js)$/,
  '@img/sharp-wasm32': /^(package\.json|LICENSE.*|versions\.json|index\.cjs|lib\/.*)$/,
  '@emnapi/runtime': /^(package\.json|LICENSE|index\.js|dist\/emnapi\.cjs(\.min)?\.js)$/,
};
const native = (target) => ({
  [`@img/sharp-${target}`]: /^(package\.json|LICENSE|versions\.json|lib\/.*|index.*)$/,
  // On Windows libvips is inside the sharp package.
  ...(target.startsWith('win32-')
    ? {}
    : { [`@img/sharp-libvips-${target}`]: /^(package\.json|LICENSE|README\.md|versions\.json|lib\/.*)$/ }),
});
const TOP = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  '.vscodeignore',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'l10n',
];

/**
 * @param {{target?: string, build?: boolean}} options `target`: a VS Code platform such as `linux-x64`; none:
 * universal.
 * @returns {Promise<string>} path of the vsix under out/.
 */
export async function pack({ target, build = true } = {}) {
  if (build)
    execFileSync(process.execPath, ['esbuild.mjs', '--production'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const stage = join(root, 'out', 'stage', target ?? 'universal');
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { recursive: true });
  await writeFile(join(stage, 'package.json'), JSON.stringify(await manifestFor(), null, 2));
  for (const name of TOP)
    if (existsSync(join(root, name))) await cp(join(root, name), join(stage, name), { recursive: true });
  await cp(join(root, 'media'), join(stage, 'media'), { recursive: true, filter: (path) => !path.endsWith('.ohem') });
  // The pages alone: their pictures and figures are for who reads them in the repository.
  await cp(join(root, 'docs'), join(stage, 'docs'), {
    recursive: true,
    filter: (path) => path === join(root, 'docs') || (dirname(path) === join(root, 'docs') && path.endsWith('.md')),
  });
  await cp(join(root, 'dist'), join(stage, 'dist'), {
    recursive: true,
    filter: (path) => !/(\.map|dist[\\/](meta|bench).*)$/.test(path),
  });
  const decoders = { ...UNIVERSAL, ...(target === undefined ? {} : native(target)) };
  const packages = { ...decoders, ...(await backendPackages(target ?? null)) };
  const folders = [];
  for (const [name, files] of Object.entries(packages)) {
    const folder = await packageFolder(root, name);
    folders.push(folder);
    await copyPackage(join(root, folder), files, join(stage, 'dist', 'node_modules', name));
  }
  await writeFile(join(stage, 'dist', 'THIRD-PARTY-LICENSES.txt'), await licencesOf(root, folders));
  await copyPrebuilt(target, join(stage, 'dist', 'prebuilt'));
  const vsix = join(root, 'out', `ohem-lens${target === undefined ? '' : `-${target}`}.vsix`);
  await createVSIX({
    cwd: stage,
    packagePath: vsix,
    dependencies: false,
    allowMissingRepository: true,
    ...(target === undefined ? {} : { target }),
  });
  return vsix;
}

/** What the backends of the registry want in a vsix: [package, its files]. */
async function backendPackages(target) {
  const outdir = join(root, 'out', 'registry');
  const entryPoints = [join(root, 'src/engine/registry.ts')];
  await esbuild.build({ ...BUNDLES.worker, entryPoints, outdir, sourcemap: false, logLevel: 'warning' });
  const { BACKENDS } = await import(pathToFileURL(join(outdir, 'registry.mjs')).href);
  return Object.assign({}, ...BACKENDS.map((backend) => backend.packages?.(target)));
}

/** TensorFlow's binding, where prebuilt-binding.mjs has made it for the platform; without it a set-up compiles. */
async function copyPrebuilt(target, to) {
  const from = join(root, 'out', 'prebuilt');
  if (target === undefined || !existsSync(join(from, `tfjs-binding-${target}.node`))) return;
  await cp(from, to, { recursive: true });
}

/** The extension's own package.json: what the marketplace reads, without scripts and dependencies. */
async function manifestFor() {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  for (const key of ['scripts', 'dependencies', 'optionalDependencies', 'devDependencies', 'bin', 'files', 'private'])
    delete manifest[key];
  return manifest;
}

async function copyPackage(from, files, to) {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const inside = relative(from, path).replaceAll('\\', '/');
    if (inside.startsWith('node_modules/') || !files.test(inside)) continue;
    await mkdir(dirname(join(to, inside)), { recursive: true });
    await cp(path, join(to, inside));
  }
}

/** Platforms of the marketplace with a vsix of their own; every other takes the universal one. */
const TARGETS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** `--target NAME`, `--all` (universal and each target), or nothing: universal. */
async function main() {
  const { values } = parseArgs({ options: { target: { type: 'string' }, all: { type: 'boolean' } } });
  for (const target of values.all ? [undefined, ...TARGETS] : [values.target]) {
    const vsix = await pack({ target });
    console.log(`${relative(root, vsix)}: ${((await stat(vsix)).size / 1e6).toFixed(1)} MB`);
  }
}

if (isMain(import.meta.url)) await main();
