/** What Windows and macOS do otherwise, as far as it can be given from outside (docs/platforms.md). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tarProgram } from '../../../src/engine/setup/fetch-package.js';
import { imageIdWithin, warnOfMissing } from '../../../src/dataset/rows/image-files.js';
import { Warnings } from '../../../src/dataset/rows/warnings.js';
import type * as TextFiles from '../../../src/dataset/rows/text-files.js';
import { ImageNames } from '../../../src/dataset/predictions/image-names.js';
import { lockName } from '../../../src/files/lock.js';
import { renameSoon } from '../../../src/files/replacing.js';
import { isSame } from '../../../src/files/target.js';
import { NONE } from '../../../src/core/tables.js';
import { isAlive } from '../../../src/protocol/training-folder.js';

/** A folder lists its names in capitals and taken apart, as macOS may; the files open under their own names. */
vi.mock('../../../src/dataset/rows/text-files.js', async (original) => {
  const real = await original<typeof TextFiles>();
  const listFolder: typeof real.listFolder = async (folder) => {
    const entries = await real.listFolder(folder);
    for (const entry of entries) entry.name = entry.name.toUpperCase().normalize('NFD');
    return entries;
  };
  return { ...real, listFolder };
});

const coded = (code: string) => Object.assign(new Error(code), { code });

describe('a rename', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('is tried again on Windows after %s, elsewhere not', async (code) => {
    const renames = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(coded(code));
    await renameSoon('a', 'b', 'win32', renames);
    expect(renames.mock.calls).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    renames.mockClear().mockRejectedValueOnce(coded(code));
    await expect(renameSoon('a', 'b', 'linux', renames)).rejects.toThrow(code);
    expect(renames).toHaveBeenCalledTimes(1);
  });

  it('is not tried again for what does not pass, nor for ever', async () => {
    const renames = vi.fn(() => Promise.reject(coded('ENOENT')));
    await expect(renameSoon('a', 'b', 'win32', renames)).rejects.toThrow('ENOENT');
    expect(renames).toHaveBeenCalledTimes(1);
    renames.mockImplementation(() => Promise.reject(coded('EPERM')));
    await expect(renameSoon('a', 'b', 'win32', renames)).rejects.toThrow('EPERM');
  });
});

describe('one file', () => {
  it('has on Windows a volume number of 64 bits by name and of 32 by handle', () => {
    const [named, held] = [
      { dev: 0x1234_5678_9abc_def0n, ino: 7n },
      { dev: 0x9abc_def0n, ino: 7n },
    ];
    expect(isSame(named, held, 'win32')).toBe(true);
    expect(isSame(named, { ...held, ino: 8n }, 'win32')).toBe(false);
    expect(isSame(named, { ...held, dev: 1n }, 'win32')).toBe(false);
    expect(isSame(named, held, 'linux')).toBe(false);
  });

  it('has one lock under the spellings that Windows and macOS take for one', () => {
    for (const system of ['win32', 'darwin'] as const) {
      expect(lockName('Run.ohem', system)).toBe(lockName('run.OHEM', system));
      expect(lockName('caf\u0065\u0301.ohem', system)).toBe(lockName('caf\u00e9.ohem', system));
    }
    expect(lockName('Run.ohem', 'linux')).not.toBe(lockName('run.ohem', 'linux'));
  });
});

describe('ids of images', () => {
  it.each([
    ['sub\\a.jpg', 'sub/a.jpg'],
    ['.\\sub\\..\\a.jpg', 'a.jpg'],
    ['C:\\data\\sub\\a.jpg', 'sub/a.jpg'],
    ['c:/Data/sub/a.jpg', 'sub/a.jpg'],
    ['D:\\data\\a.jpg', null],
    ['D:a.jpg', null],
    ['C:..\\a.jpg', null],
    ['..\\a.jpg', null],
    ['\\\\server\\share\\a.jpg', null],
    ['\\\\?\\D:\\a.jpg', null],
  ])('Windows: %s is %s', (name, id) => {
    expect(imageIdWithin('C:\\data', name, path.win32)).toBe(id);
  });

  it('below a share, and with a drive letter as a folder on Linux', () => {
    expect(imageIdWithin('\\\\server\\share\\data', '\\\\server\\share\\data\\a.jpg', path.win32)).toBe('a.jpg');
    expect(imageIdWithin('/data', 'a:b.jpg', path.posix)).toBe('a:b.jpg');
    expect(imageIdWithin('/data', 'C:\\data\\a.jpg', path.posix)).toBeNull();
  });
});

describe('images that are missing', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ohem-platforms-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('are those that the file system does not open, whatever spelling the folder lists', async () => {
    for (const name of ['a.jpg', 'caf\u00e9.jpg', 'D.JPG']) await writeFile(path.join(folder, name), '');
    const warnings = new Warnings();
    await warnOfMissing(folder, ['a.jpg', 'caf\u00e9.jpg', 'c.jpg', 'd.jpg'], warnings);
    const lines = warnings.lines();
    // On Linux d.jpg is not D.JPG.
    const missing = existsSync(path.join(folder, 'd.jpg')) ? ['c.jpg'] : ['c.jpg', 'd.jpg'];
    expect(lines.map((line) => /[\w\u00e9]+\.jpg/.exec(line)?.[0])).toEqual(missing);
  });
});

it('a prediction names an image in composed letters or in those that macOS takes apart', () => {
  const id = ['set/caf\u0065\u0301.jpg', 'set/na\u00efve.jpg'];
  const sizes = { width: new Int32Array(2), height: new Int32Array(2), gtStart: new Int32Array(3) };
  const images = { numImages: 2, id, path: id, annotationPath: ['', ''], ...sizes };
  const names = new ImageNames(images, undefined);
  expect(names.rowOf('caf\u00e9.jpg')).toBe(0);
  expect(names.rowOf('set/nai\u0308ve.jpg')).toBe(1);
  expect(names.rowOf('nai\u0308ve')).toBe(1);
  expect(names.rowOf('cafe.jpg')).toBe(NONE);
});

it("an archive is unpacked by Windows' own tar", () => {
  expect(tarProgram('win32', { SystemRoot: 'D:\\Windows' })).toBe('D:\\Windows\\System32\\tar.exe');
  expect(tarProgram('win32', {})).toBe('C:\\Windows\\System32\\tar.exe');
  expect(tarProgram('linux', {})).toBe('tar');
});

it('a process of another user is alive', () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw coded('EPERM');
  });
  expect(isAlive(1)).toBe(true);
  kill.mockImplementation(() => {
    throw coded('ESRCH');
  });
  expect(isAlive(1)).toBe(false);
  kill.mockRestore();
});
