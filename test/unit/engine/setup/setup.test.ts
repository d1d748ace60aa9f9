import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTensorflows, LIBRARY, FRAMEWORK, tensorflowAt } from '../../../../src/engine/setup/find-tensorflow.js';
import { linkBinding, removeLinked } from '../../../../src/engine/setup/link-binding.js';

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
  for (const file of [...files, 'include/tensorflow/c/c_api.h', 'include/tensorflow/c/eager/c_api.h']) await writeFile(join(tensorflow, file), '');
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
    const found = await findTensorflows(join(folder, 'work'), { VIRTUAL_ENV: join(folder, 'active') }, join(folder, 'home'));
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
    for (const named of [tensorflow, prefix, join(prefix, 'bin/python')]) expect((await tensorflowAt(named))?.folder).toBe(tensorflow);
    expect(await tensorflowAt(join(folder, 'nowhere'))).toBeNull();
  });
});

/** Programs of these names that only leave a line in `calls`; `g++` writes its output file. */
async function fakePrograms(gppWorks: boolean): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const note = `echo "$0" >> '${join(folder, 'calls')}'`;
  const gpp = `${note}\nwhile [ $# -gt 0 ]; do if [ "$1" = -o ]; then touch "$2"; fi; shift; done`;
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${note}\n`);
  await writeFile(join(bin, 'g++'), `#!/bin/sh\n${gppWorks ? gpp : 'echo "x.cc:1: error: no C++17 here" >&2; exit 1'}\n`);
  for (const name of ['npm', 'g++']) await chmod(join(bin, name), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
}
const numCalls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').length;
const tensorflow = (version = '2.21.0') => ({ folder: '/tf', version, cuda: null });

describe.skipIf(process.platform === 'win32')('linkBinding', () => {
  it('names the step that failed, what to do and where the log is, and goes on from there', async () => {
    const target = join(folder, 'link');
    await fakePrograms(false);
    await expect(linkBinding(tensorflow(), () => undefined, target)).rejects.toThrow(
      'engine: setup step "binding": expected to succeed, received g++ ended with 1: x.cc:1: error: no C++17 here',
    );
    expect(await readFile(join(target, 'setup.log'), 'utf8')).toContain('error: no C++17 here');
    await fakePrograms(true);
    const said: string[] = [];
    await linkBinding(tensorflow(), (line) => said.push(line), target);
    expect(said[0]).toBe('packages: done before');
    expect(JSON.parse(await readFile(join(target, 'linked.json'), 'utf8'))).toEqual(tensorflow());
  });

  it('does nothing twice, builds again for another TensorFlow, and is removed without a rest', async () => {
    const target = join(folder, 'link');
    await fakePrograms(true);
    await linkBinding(tensorflow(), () => undefined, target);
    await linkBinding(tensorflow(), () => undefined, target);
    expect(await numCalls()).toBe(2);
    await linkBinding(tensorflow('2.22.0'), () => undefined, target);
    expect(await numCalls()).toBe(3);
    expect(await removeLinked(target)).toBe(true);
    await expect(readFile(join(target, 'linked.json'))).rejects.toThrow('ENOENT');
    expect(await removeLinked(target)).toBe(false);
  });

  it('says when a program is missing', async () => {
    process.env['PATH'] = join(folder, 'empty');
    await expect(linkBinding(tensorflow(), () => undefined, join(folder, 'link'))).rejects.toThrow('received npm: not found');
  });
});
