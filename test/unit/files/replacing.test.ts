import { execFileSync, spawnSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkStillThere, replaceFile } from '../../../src/files/replacing.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-files-'));
  file = join(folder, 'it.csv');
});
afterEach(() => rm(folder, { recursive: true }));

const force = true;
const write = (text: string, how: Partial<Parameters<typeof replaceFile>[0]> = {}) =>
  replaceFile({ path: file, force: false, ...how }, async (handle) => handle.writeFile(text));

describe('replaceFile', () => {
  it('makes a new file and leaves nothing beside it', async () => {
    expect(
      await replaceFile({ path: file, force: false }, async (handle) => (await handle.write('new')).bytesWritten),
    ).toBe(3);
    expect(await readFile(file, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['it.csv']);
  });

  it('leaves the old file as it is until the new one is finished, and its permissions after that', async () => {
    await writeFile(file, 'old', { mode: 0o600 });
    await replaceFile({ path: file, force }, async (handle) => {
      await handle.writeFile('new');
      expect(await readFile(file, 'utf8')).toBe('old');
    });
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('leaves the old file as it is where writing fails, and nothing beside it', async () => {
    await writeFile(file, 'old');
    const fails = replaceFile({ path: file, force }, async (handle) => {
      await handle.writeFile('half');
      throw new Error('no space');
    });
    await expect(fails).rejects.toThrow(
      `options: output: expected a file that can be written, received no space (${file})`,
    );
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['it.csv']);
  });

  it('asks before it replaces, also a file that came while it wrote', async () => {
    const late = replaceFile({ path: file, force: false }, async () => writeFile(file, 'precious'));
    await expect(late).rejects.toThrow(
      /expected a new file, received one that exists .*Overwrite it, or choose another/,
    );
    await expect(write('x', { todo: 'Add --force' })).rejects.toThrow(/one that exists \(.*it\.csv\)\. Add --force$/);
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  it('says that the file was taken away while it was written', async () => {
    const gone = replaceFile({ path: file, force: false }, async (handle) => {
      await handle.writeFile('new');
      for (const name of await readdir(folder)) await rm(join(folder, name));
    });
    await expect(gone).rejects.toThrow(/expected the file that was written, received none: it was removed meanwhile/);
  });
});

describe('a target', () => {
  it('is no folder, pipe, device or link to nowhere, whatever force says', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await symlink(join(folder, 'nowhere'), join(folder, 'link'));
    for (const [path, kind] of [
      [folder, 'a folder'],
      [join(folder, 'pipe'), 'a pipe'],
      ['/dev/full', 'a device'],
      [join(folder, 'link'), 'a link that leads nowhere'],
    ] as const) {
      await expect(write('x', { path, force })).rejects.toThrow(
        `options: output: expected a regular file, received ${kind}`,
      );
    }
    await expect(write('x', { path: join(folder, 'no', 'x') })).rejects.toThrow(
      /expected a folder that exists, received none/,
    );
  });

  it('is no input, under whatever name', async () => {
    const input = join(folder, 'instances.json');
    await writeFile(input, 'labels');
    await symlink(input, file);
    await link(input, join(folder, 'hard'));
    for (const path of [input, file, join(folder, 'hard'), join(folder, '.', 'instances.json')]) {
      await expect(write('x', { path, force, inputs: ['nothing', input] })).rejects.toThrow(
        /expected a file that is no input, received the input .*instances\.json/,
      );
    }
    expect(await readFile(input, 'utf8')).toBe('labels');
  });

  it('is not inside a folder that is read as a whole', async () => {
    await mkdir(join(folder, 'net'));
    const target = { path: join(folder, 'net', 'new.csv'), inputFolders: [join(folder, 'net')] };
    await expect(write('x', target)).rejects.toThrow(/expected a file outside its inputs, received one inside .*net/);
    await write('x', { inputFolders: [join(folder, 'n')] });
  });

  it('may be a link: the file that it leads to is replaced', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink(join(folder, 'real'), file);
    await write('new', { force });
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
    expect(await readFile(file, 'utf8')).toBe('new');
  });
});

describe('what a killed process leaves', () => {
  it('is in nobody’s way, and goes after a while; what others wrote stays', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const names = {
      old: `.ohem-${pid}-0123abcd.part`,
      fresh: `.ohem-${pid}-0123abce.part`,
      living: `.ohem-${process.ppid}-0123abcd.part`,
      foreign: `it.csv.${pid}.part`,
    };
    for (const name of Object.values(names)) {
      await writeFile(join(folder, name), 'half');
      if (name !== names.fresh) await utimes(join(folder, name), 0, 0);
    }
    await write('new');
    expect((await readdir(folder)).sort()).toEqual([names.fresh, names.living, 'it.csv', names.foreign].sort());
  });

  it('is never the old file: killed while it writes', async () => {
    await writeFile(file, 'old');
    const script = join(folder, 'kill.mjs');
    await build({
      stdin: {
        contents: `import { replaceFile } from './src/files/replacing.ts';
          await replaceFile({ path: process.argv[2], force: true }, async (handle) => {
            await handle.writeFile('half');
            process.kill(process.pid, 'SIGKILL');
          });`,
        resolveDir: join(import.meta.dirname, '../../..'),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      logLevel: 'error',
    });
    expect(spawnSync(process.execPath, [script, file]).signal).toBe('SIGKILL');
    expect(await readFile(file, 'utf8')).toBe('old');
    await write('new', { force });
    expect(await readFile(file, 'utf8')).toBe('new');
  });
});

describe('checkStillThere', () => {
  it('tells a file from another of its name', async () => {
    await replaceFile({ path: file, force: false }, async (handle) => {
      await writeFile(file, 'foreign');
      await expect(checkStillThere(handle, file)).rejects.toThrow(/received another: it was replaced meanwhile/);
      await rm(file);
    });
  });
});
