import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  C_LIBRARY,
  findTensorflows,
  hasGpuCode,
  LIBRARY,
  FRAMEWORK,
  librariesOf,
  tensorflowAt,
} from '../../../../src/engine/setup/find-tensorflow.js';
import { ONNX_CUDA_PACKAGES } from '../../../../src/engine/setup/fetch-onnx-cuda.js';
import { linkBinding, linkedIn, removeFolder } from '../../../../src/engine/setup/link-binding.js';
import { choicesFor, type Machine } from '../../../../src/engine/setup/survey.js';
import type { SetupEvent } from '../../../../src/engine/setup/setup-steps.js';

let folder = '';
const path = process.env['PATH'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-setup-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(() => {
  process.env['PATH'] = path;
});

/** An environment with the files of a wheel that the search looks at. */
async function wheel(prefix: string, name: string, cuda: string | null, files = [LIBRARY, FRAMEWORK]): Promise<string> {
  const packages = join(prefix, 'lib/python3.12/site-packages');
  const tensorflow = join(packages, 'tensorflow');
  await mkdir(join(tensorflow, 'include/tensorflow/c/eager'), { recursive: true });
  await mkdir(join(tensorflow, 'python/platform'), { recursive: true });
  await mkdir(join(packages, `${name}.dist-info`));
  for (const file of [...files, 'include/tensorflow/c/c_api.h', 'include/tensorflow/c/eager/c_api.h'])
    await writeFile(join(tensorflow, file), '');
  const info = cuda === null ? "('is_cuda_build', False)" : `('cuda_version', '${cuda}'), ('is_cuda_build', True)`;
  await writeFile(join(tensorflow, 'python/platform/build_info.py'), info);
  return tensorflow;
}

describe('findTensorflows', () => {
  it('finds environments, CUDA first, then the newer; a damaged one says what it lacks', async () => {
    const old = await wheel(join(folder, 'home/.pyenv/versions/a'), 'tensorflow_cpu-2.9.1', null);
    const cpu = await wheel(join(folder, 'work/.venv'), 'tensorflow_cpu-2.21.0', null);
    const gpu = await wheel(join(folder, 'home/miniconda3/envs/b'), 'tensorflow-2.19.0', '12.5.1');
    const half = await wheel(join(folder, 'active'), 'tensorflow-2.1.0', null, [FRAMEWORK]);
    const found = await findTensorflows(
      join(folder, 'work'),
      { VIRTUAL_ENV: join(folder, 'active') },
      join(folder, 'home'),
    );
    const ours = found.filter((each) => each.folder.startsWith(folder));
    expect(ours).toEqual([
      { folder: gpu, version: '2.19.0', cuda: '12.5.1', why: '' },
      { folder: cpu, version: '2.21.0', cuda: null, why: '' },
      { folder: old, version: '2.9.1', cuda: null, why: '' },
      { folder: half, version: '2.1.0', cuda: null, why: `no ${LIBRARY}` },
    ]);
  });

  it('takes the folder, the environment or its python', async () => {
    const prefix = join(folder, 'v');
    const tensorflow = await wheel(prefix, 'tensorflow-2.19.0', null);
    await mkdir(join(prefix, 'include/python3.12'), { recursive: true });
    for (const named of [tensorflow, prefix, join(prefix, 'bin/python')])
      expect((await tensorflowAt(named))?.folder).toBe(tensorflow);
    expect(await tensorflowAt(join(folder, 'nowhere'))).toBeNull();
  });

  it('finds an unpacked C library, beside the work and where the linker looks, and what a compiler needs of it', async () => {
    const beside = await unpacked(join(folder, 'work/libtensorflow-gpu'), '2.9.1');
    const linked = await unpacked(join(folder, 'elsewhere'), '2.15.0');
    const found = await findTensorflows(
      join(folder, 'work'),
      { LD_LIBRARY_PATH: `/none:${join(linked, 'lib')}` },
      join(folder, 'home'),
    );
    expect(found.filter((each) => each.folder.startsWith(folder))).toEqual([
      { folder: linked, version: '2.15.0', cuda: null, why: '' },
      { folder: beside, version: '2.9.1', cuda: null, why: '' },
    ]);
    expect(await librariesOf(beside)).toEqual({
      libraries: [C_LIBRARY, FRAMEWORK].map((file) => join(beside, 'lib', file)),
      libraryFolder: join(beside, 'lib'),
      include: join(beside, 'include'),
    });
    await rm(join(linked, 'lib', FRAMEWORK));
    expect(await tensorflowAt(linked)).toMatchObject({ why: `no lib/${FRAMEWORK}` });
  });

  it('tells a library with GPU code from one without', async () => {
    const path = join(folder, 'lib.so');
    for (const [section, expected] of [
      ['.nv_fatbin', true],
      ['.rodata', false],
    ] as const) {
      await writeFile(path, elf(`\0.text\0${section}\0`));
      expect(await hasGpuCode(path)).toBe(expected);
    }
    await writeFile(path, 'no library');
    expect(await hasGpuCode(path)).toBe(false);
    expect(await hasGpuCode(join(folder, 'none'))).toBe(false);
  });
});

/** The C library's archive, unpacked. */
async function unpacked(prefix: string, version: string): Promise<string> {
  await mkdir(join(prefix, 'lib'), { recursive: true });
  await mkdir(join(prefix, 'include/tensorflow/c/eager'), { recursive: true });
  for (const file of [
    `lib/libtensorflow.so.${version}`,
    `lib/${FRAMEWORK}`,
    'include/tensorflow/c/c_api.h',
    'include/tensorflow/c/eager/c_api.h',
  ])
    await writeFile(join(prefix, file), '');
  await symlink(`libtensorflow.so.${version}`, join(prefix, 'lib', C_LIBRARY));
  return prefix;
}

/** A 64-bit ELF file that has nothing but a section with names. */
function elf(names: string): Buffer {
  const file = Buffer.alloc(128 + names.length);
  file.write('\x7fELF\x02', 0, 'latin1');
  file.writeBigUInt64LE(64n, 0x28);
  file.writeUInt16LE(64, 0x3a);
  file.writeUInt16LE(1, 0x3c);
  file.writeBigUInt64LE(128n, 64 + 0x18);
  file.writeBigUInt64LE(BigInt(names.length), 64 + 0x20);
  file.write(names, 128, 'latin1');
  return file;
}

it('fetches ONNX Runtime’s libraries for CUDA of the version that is installed here', async () => {
  const lock = JSON.parse(await readFile(join(import.meta.dirname, '../../../../package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const { version, integrity } = lock.packages['node_modules/onnxruntime-node'];
  expect(ONNX_CUDA_PACKAGES['onnxruntime-node']).toEqual({ version, integrity });
});

describe('choicesFor', () => {
  const machine: Machine = {
    platform: 'linux-x64',
    node: 'v22',
    gpu: '',
    cuda: '',
    npm: '10',
    compiler: '12',
    prebuilt: false,
  };
  const found = [
    { folder: '/tf', version: '2.19.0', cuda: '12.5', why: '' },
    { folder: '/half', version: '2.1.0', cuda: null, why: 'no headers' },
  ];

  it('offers each TensorFlow, the official one, WebGPU, Node.js, CUDA for ONNX, and nothing', () => {
    const choices = choicesFor(machine, found, 'linux', 'x64');
    expect(choices.map(({ id, args, why }) => [id, args.join(' '), why])).toEqual([
      ['tensorflow', '--tensorflow /tf', ''],
      ['tensorflow', '--tensorflow /half', 'no headers'],
      ['official', '--official', ''],
      ['webgpu', '--webgpu', ''],
      ['node', '--node', ''],
      ['onnx-cuda', '--onnx-cuda', ''],
      ['none', '', ''],
    ]);
    for (const { args, downloadMb, diskMb } of choices)
      expect([downloadMb > 0, diskMb > 0]).toEqual([args.length > 0, args.length > 0]);
  });

  it('says what is missing, and what other platforms cannot', () => {
    const [link, , official] = choicesFor({ ...machine, npm: '', compiler: '' }, found, 'linux', 'x64');
    expect(link.why).toBe('needs npm and a C++ compiler (Debian, Ubuntu: apt install g++)');
    expect(official.why).toBe(link.why);
    const [carried, , compiled] = choicesFor({ ...machine, compiler: '', prebuilt: true }, found, 'linux', 'x64');
    expect([carried.why, compiled.why]).toEqual(['', 'needs a C++ compiler (Debian, Ubuntu: apt install g++)']);
    const whys = choicesFor(machine, found, 'darwin', 'arm64').map(({ why }) => why);
    expect(whys).toEqual([
      expect.stringContaining('not on darwin'),
      'no headers',
      expect.stringContaining('darwin-arm64'),
      '',
      '',
      expect.stringContaining('linux-x64 only'),
      '',
    ]);
  });
});

const BINDING_HASH = 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==';
const HEADERS_HASH = 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==';

/** Programs of these names that only leave a line in `calls`; `g++` writes its output file. */
async function fakePrograms(gppWorks: boolean): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const note = `echo "$0" >> '${join(folder, 'calls')}'`;
  const gpp = `${note}\nwhile [ $# -gt 0 ]; do if [ "$1" = -o ]; then touch "$2"; fi; shift; done`;
  const lock = {
    packages: {
      'node_modules/@tensorflow/tfjs-node-gpu': { integrity: BINDING_HASH },
      'node_modules/node-api-headers': { integrity: HEADERS_HASH },
    },
  };
  await writeFile(join(folder, 'lock.json'), JSON.stringify(lock));
  const install = `while [ $# -gt 0 ]; do if [ "$1" = --prefix ]; then cp '${join(folder, 'lock.json')}' "$2/package-lock.json"; fi; shift; done`;
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${note}\n${install}\n`);
  await writeFile(
    join(bin, 'g++'),
    `#!/bin/sh\n${gppWorks ? gpp : 'echo "x.cc:1: error: no C++17 here" >&2; exit 1'}\n`,
  );
  for (const name of ['npm', 'g++']) await chmod(join(bin, name), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
}
const numCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length;
const tensorflow = (version = '2.21.0') => ({ folder: '/tf', version, cuda: null });

describe.skipIf(process.platform === 'win32')('linkBinding', () => {
  it('names the step that failed, what to do and where the log is, and goes on from there', async () => {
    const target = join(folder, 'link');
    await fakePrograms(false);
    await expect(linkBinding(tensorflow(), () => undefined, undefined, target)).rejects.toThrow(
      'engine: setup step "binding": expected to succeed, received g++ ended with 1: x.cc:1: error: no C++17 here',
    );
    expect(await readFile(join(target, 'setup.log'), 'utf8')).toContain('error: no C++17 here');
    await fakePrograms(true);
    const said: SetupEvent[] = [];
    await linkBinding(tensorflow(), (event) => said.push(event), undefined, target);
    expect(
      said.flatMap((event) =>
        event.event === 'step' ? [`${event.index + 1}/${event.numSteps} ${event.name} ${event.state}`] : [],
      ),
    ).toEqual(['1/3 packages kept', '2/3 binding begun', '2/3 binding done', '3/3 record begun', '3/3 record done']);
    expect(JSON.parse(await readFile(join(target, 'linked.json'), 'utf8'))).toEqual(tensorflow());
  });

  it('does nothing twice, builds again for another TensorFlow, and is removed without a rest', async () => {
    const target = join(folder, 'link');
    await fakePrograms(true);
    await linkBinding(tensorflow(), () => undefined, undefined, target);
    await linkBinding(tensorflow(), () => undefined, undefined, target);
    expect(await numCalls()).toBe(2);
    await linkBinding(tensorflow('2.22.0'), () => undefined, undefined, target);
    expect(await numCalls()).toBe(3);
    expect(await removeFolder(target)).toBe(true);
    await expect(readFile(join(target, 'linked.json'))).rejects.toThrow('ENOENT');
    expect(await removeFolder(target)).toBe(false);
  });

  it('says when a program is missing', async () => {
    process.env['PATH'] = join(folder, 'empty');
    await expect(linkBinding(tensorflow(), () => undefined, undefined, join(folder, 'link'))).rejects.toThrow(
      'received npm: not found',
    );
  });

  it('refuses a package that is not the one it was written for', async () => {
    await fakePrograms(true);
    await writeFile(
      join(folder, 'lock.json'),
      JSON.stringify({ packages: { 'node_modules/@tensorflow/tfjs-node-gpu': { integrity: 'sha512-other' } } }),
    );
    await expect(linkBinding(tensorflow(), () => undefined, undefined, join(folder, 'link'))).rejects.toThrow(
      /setup step "packages": .*received @tensorflow\/tfjs-node-gpu: expected sha512-p.*, received sha512-other/,
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'is stopped with all that its programs started, and goes on later; an old record never speaks of a new binding',
    async () => {
      const target = join(folder, 'link');
      await fakePrograms(true);
      await linkBinding(tensorflow(), () => undefined, undefined, target);
      await writeFile(
        join(folder, 'bin/g++'),
        `#!/bin/sh\n/bin/sleep 300 &\necho $! > '${join(folder, 'pid')}'\nwait\n`,
      );
      const controller = new AbortController();
      const linking = linkBinding(tensorflow('2.22.0'), () => undefined, controller.signal, target);
      const settled = linking.catch((error: unknown) => error);
      let pid = 0;
      while (pid === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => '0'));
      }
      controller.abort();
      expect(String(await settled)).toContain('setup step "binding": expected to succeed, received a stop');
      await expect.poll(() => isAlive(pid)).toBe(false);
      expect(await linkedIn(target)).toBeNull();
      await fakePrograms(true);
      await linkBinding(tensorflow('2.22.0'), () => undefined, undefined, target);
      expect(await linkedIn(target)).toEqual(tensorflow('2.22.0'));
    },
  );
});

/** Also dead: ended, but fetched by no parent. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X');
  return !/\) [XZ]/.test(stat);
}
