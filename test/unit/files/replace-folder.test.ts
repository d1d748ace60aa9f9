import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFolder, type FolderFile } from '../../../src/files/replace-folder.js';

let base: string;
let out: string;
let image: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'ohem-folder-')));
  out = path.join(base, 'out');
  image = path.join(base, 'a.jpg');
  await writeFile(image, 'pixels');
});
afterEach(() => rm(base, { recursive: true }));

async function* listed(files: readonly FolderFile[]) {
  yield* files;
}
const write = (files: readonly FolderFile[], { force = false, link = false, inputs = [] as string[] } = {}) =>
  replaceFolder({ path: out, force, link, inputs }, listed(files));
const text = (name: string) => readFile(path.join(out, name), 'utf8');
const atBase = async () => (await readdir(base)).sort();
const ONE: readonly FolderFile[] = [{ path: 'sub/a.txt', content: 'one' }];

describe('replaceFolder', () => {
  it('writes texts, bytes and copies, and nothing beside', async () => {
    await write([
      ...ONE,
      { path: 'b.bin', content: Uint8Array.of(1, 2) },
      { path: 'images/a.jpg', content: { copyOf: image } },
    ]);
    expect([await text('sub/a.txt'), await text('images/a.jpg'), (await text('b.bin')).length]).toEqual([
      'one',
      'pixels',
      2,
    ]);
    expect((await lstat(path.join(out, 'images/a.jpg'))).isSymbolicLink()).toBe(false);
    expect(await atBase()).toEqual(['a.jpg', 'out']);
  });

  it('links where it is told to', async () => {
    await write([{ path: 'a.jpg', content: { copyOf: image } }], { link: true });
    expect(await realpath(path.join(out, 'a.jpg'))).toBe(image);
  });

  it('takes an empty folder; replaces its own only when told to', async () => {
    await mkdir(out);
    await write(ONE);
    await expect(write(ONE)).rejects.toThrow(/expected a new or empty folder, received one that holds files/);
    await writeFile(path.join(out, 'labels.cache'), 'of a loader');
    await write([{ path: 'b.txt', content: 'two' }], { force: true });
    expect((await readdir(out)).sort()).toEqual(['.ohem-files', 'b.txt']);
    expect(await atBase()).toEqual(['a.jpg', 'out']);
  });

  it('never replaces what it has not written', async () => {
    await write(ONE);
    await writeFile(path.join(out, 'sub/mine.txt'), 'mine');
    await expect(write(ONE, { force: true })).rejects.toThrow(/nothing but an export, received one with sub\/mine.txt/);
    expect(await text('sub/mine.txt')).toBe('mine');
    await expect(replaceFolder({ path: image, force: true, link: false, inputs: [] }, listed(ONE))).rejects.toThrow(
      /expected a folder, received something else/,
    );
  });

  it('refuses to replace what it reads', async () => {
    await write([{ path: 'a.jpg', content: 'an image' }]);
    const inside = path.join(out, 'a.jpg');
    await expect(write(ONE, { force: true, inputs: [inside] })).rejects.toThrow(/a folder outside its inputs/);
    await symlink(inside, path.join(base, 'link.jpg'));
    for (const copyOf of [inside, path.join(base, 'link.jpg')])
      await expect(write([{ path: 'b.jpg', content: { copyOf } }], { force: true })).rejects.toThrow(
        /outside its inputs/,
      );
    expect(await text('a.jpg')).toBe('an image');
  });

  it('refuses to replace links that it reads', async () => {
    const linked: readonly FolderFile[] = [{ path: 'images/a.jpg', content: { copyOf: image } }];
    await write(linked, { link: true });
    for (const link of [false, true])
      await expect(
        write([{ path: 'b.jpg', content: { copyOf: path.join(out, 'images/a.jpg') } }], { force: true, link }),
      ).rejects.toThrow(/outside its inputs/);
    expect(await realpath(path.join(out, 'images/a.jpg'))).toBe(image);
  });

  it("takes no file for a loader's where no export is", async () => {
    await mkdir(out);
    await writeFile(path.join(out, 'mine.cache'), 'mine');
    await expect(write(ONE, { force: true })).rejects.toThrow(/received one with mine.cache/);
    expect(await text('mine.cache')).toBe('mine');
  });

  it('leaves the old folder, and nothing beside, where something fails', async () => {
    await write(ONE);
    const failing: readonly (readonly FolderFile[])[] = [
      [{ path: '../b.txt', content: 'out of it' }],
      [...ONE, ...ONE],
      [{ path: 'a.jpg', content: { copyOf: path.join(base, 'gone.jpg') } }],
    ];
    for (const files of failing)
      await expect(write(files, { force: true })).rejects.toThrow(/^options: (output|image)/);
    expect(await text('sub/a.txt')).toBe('one');
    expect(await atBase()).toEqual(['a.jpg', 'out']);
  });
});
