/**
 * What would break inside Electron, which refuses ArrayBuffers over memory that V8 did not allocate. Electron itself is
 * not
 * needed: a native module that makes such imports a function of Node-API by name. Copies of those modules get one that
 * refuses as Electron's does (status 22, napi_no_external_buffers_allowed), and are run.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refuseExternalMemory } from '../../src/engine/gpu/external-memory.js';
import { BACKENDS } from '../../src/engine/registry.js';
import { findBinding } from '../../src/engine/tfjs/tfjs-binding.js';

const PLATFORM = `${process.platform}-${process.arch}`;
const IMPORTS = ['napi_create_external_arraybuffer', 'napi_create_external_buffer'];
const MODULES: Readonly<Record<string, string>> = {
  webgpu: `node_modules/webgpu/dist/${PLATFORM.replace(/^darwin-.*/, 'darwin-universal')}`,
  'onnxruntime-node': `node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}`,
  sharp: `node_modules/@img/sharp-${PLATFORM}/lib`,
};

/** The `.node` file of a folder. */
async function nodeFile(folder: string): Promise<string> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.node'));
  if (name === undefined) throw new Error(`no .node file in ${folder}`);
  return resolve(folder, name);
}

/** Which of the functions that Electron refuses a module imports. */
async function importsOf(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  return IMPORTS.filter((name) => bytes.includes(`\0${name}\0`) || bytes.includes(`_${name}\0`));
}

describe.skipIf(process.platform !== 'linux')('native modules of the engine process', () => {
  it.each([
    ['webgpu', ['napi_create_external_arraybuffer']],
    ['onnxruntime-node', []],
    ['sharp', ['napi_create_external_buffer']],
  ])('%s imports %j', async (name, expected) => {
    expect(await importsOf(await nodeFile(MODULES[name]))).toEqual(expected);
  });

  it('TensorFlow’s binding, where it is set up, imports none', async () => {
    const binding = await findBinding().catch(() => null);
    if (binding !== null) expect(await importsOf(binding.file)).toEqual([]);
  });
});

const compiler = spawnSync('g++', ['--version']).status === 0;
if (process.platform !== 'linux' || !compiler)
  console.log('skipped: modules that are refused external memory: Linux and g++ are wanted');

describe.skipIf(process.platform !== 'linux' || !compiler)('a module that is refused external memory', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ohem-electron-'));
    const source = IMPORTS.map((name) => `int ${refusing(name)}(void) { return 22; }`).join('\n');
    await writeFile(join(folder, 'cage.c'), source);
    expect(
      spawnSync('g++', ['-x', 'c', '-shared', '-fPIC', join(folder, 'cage.c'), '-o', join(folder, 'cage.so')]).status,
    ).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** A function of the same length, which `cage.so` has. */
  const refusing = (name: string) => name.replace('napi', 'cage');

  /** A copy of a package, with `cage.so` asked for memory by its native file. @returns its folder. */
  async function caged(name: string): Promise<string> {
    const to = join(folder, 'node_modules', name);
    await cp(resolve('node_modules', name), to, {
      recursive: true,
      filter: (path) => !/\/(darwin|win32)-[^/]*$/.test(path),
    });
    for (const entry of await readdir(to, { recursive: true })) {
      if (!entry.endsWith('.node')) continue;
      let text = (await readFile(join(to, entry))).toString('latin1');
      for (const each of IMPORTS) text = text.replaceAll(`\0${each}\0`, `\0${refusing(each)}\0`);
      await writeFile(join(to, entry), text, 'latin1');
    }
    return to;
  }

  /** Runs a script in a Node of its own. @returns what it printed, and how it ended. */
  function run(script: string, ...args: string[]): string {
    const env = { ...process.env, LD_PRELOAD: join(folder, 'cage.so') };
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, ...args],
      { env, encoding: 'utf8', timeout: 60_000 },
    );
    return status === 0 ? stdout.trim() : `${signal ?? status}: ${stderr.trim()}`;
  }

  it('sharp copies instead', async () => {
    for (const name of [
      'sharp',
      '@img/colour',
      'detect-libc',
      'semver',
      `@img/sharp-${PLATFORM}`,
      `@img/sharp-libvips-${PLATFORM}`,
    ])
      await caged(name);
    const script = `
      import { createRequire } from 'node:module';
      const [from, image] = process.argv.slice(1);
      const { data } = await createRequire(from)('sharp')(image).raw().toBuffer({ resolveWithObject: true });
      const native = Object.keys(createRequire(from).cache).find((path) => path.endsWith('.node'));
      console.log(native.startsWith(from.slice(0, 12)), data.length);
    `;
    expect(run(script, join(folder, 'from.js'), resolve('media/icon.png'))).toMatch(/^true \d{4,}$/);
  });

  const gpu = process.env['OHEM_SOFTWARE_GPU'] === '1';
  if (!gpu)
    console.log(
      'skipped: Dawn that is refused external memory has no software adapter here: node test/tfjs-node-suite.mjs',
    );
  it.skipIf(!gpu)('Dawn does not: nothing can be read back', async () => {
    const script = `
      const { create, globals } = await import(process.argv[1]);
      const gpu = create([]);
      const device = await (await gpu.requestAdapter()).requestDevice();
      const { COPY_DST, MAP_READ } = globals.GPUBufferUsage ?? GPUBufferUsage;
      const buffer = device.createBuffer({ size: 16, usage: COPY_DST | MAP_READ });
      await buffer.mapAsync(1);
      console.log(buffer.getMappedRange().byteLength, 'bytes');
      process.exit(0);
    `;
    const read = (path: string) => run(script, pathToFileURL(join(path, 'index.js')).href);
    expect(read(resolve('node_modules/webgpu'))).toBe('16 bytes');
    expect(read(await caged('webgpu'))).toMatch(/getMappedRange[^]*Error in native callback/);
  });
});

describe('inside Electron', () => {
  const { versions } = process;
  const pretend = () =>
    Object.defineProperty(process, 'versions', { value: { ...versions, electron: '37.2.3' }, configurable: true });
  afterEach(() => Object.defineProperty(process, 'versions', { value: versions, configurable: true }));

  it('the backends over Dawn are refused before it is loaded, with what to do', async () => {
    pretend();
    for (const id of ['tfjs-webgpu', 'onnxruntime-webgpu']) {
      const backend = BACKENDS.find((each) => each.id === id);
      const expected = 'Dawn cannot run inside Electron 37.2.3: install Node.js 20 or later, or set ohemLens.nodePath';
      await expect(backend?.stamp?.()).rejects.toThrow(expected);
      await expect(backend?.start()).rejects.toThrow(expected);
    }
  });

  it('others are not refused for that', () => {
    expect(() => refuseExternalMemory('Dawn')).not.toThrow();
    pretend();
    expect(() => refuseExternalMemory('Dawn')).toThrow('Electron 37.2.3');
  });
});
