import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { said } from '../../../../src/core/said.js';
import {
  C_LIBRARY,
  findTensorflows,
  hasGpuCode,
  LIBRARY,
  FRAMEWORK,
  librariesOf,
  tensorflowAt,
} from '../../../../src/engine/tfjs/find-tensorflow.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-find-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
      { folder: half, version: '2.1.0', cuda: null, why: said`${LIBRARY} missing` },
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

  it('finds an unpacked C library, beside the work and where the linker looks; what compilers need', async () => {
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
    expect(await tensorflowAt(linked)).toMatchObject({ why: said`${`lib/${FRAMEWORK}`} missing` });
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
