import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRun, resumeRun } from '../../../../src/run/file/run-writer.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
let run: string;
let picture: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-stamps-'));
  [run, picture] = [path.join(folder, 'it.ohem'), path.join(folder, 'a.jpg')];
  await writeFile(picture, 'pixels');
  const { size, mtimeMs } = await stat(picture);
  const image = sampleImage('a.jpg', 4, 1);
  const writer = await createRun(run, sampleManifest());
  await writer.append({ ...image, summary: { ...image.summary, path: picture }, stamp: { size, mtimeMs } });
  await writer.append(sampleImage('no stamp.jpg', 2, 1));
  await writer.close();
});
afterEach(() => rm(folder, { recursive: true }));

async function resume(): Promise<number> {
  const writer = await resumeRun(run, sampleManifest());
  await writer.close();
  return writer.entries.length;
}

describe('a run that is resumed', () => {
  it('goes on where the images are as they were, and where one is gone', async () => {
    expect(await resume()).toBe(2);
    await rm(picture);
    expect(await resume()).toBe(2);
  });

  it('names images whose time or size has changed, and stays as it was', async () => {
    const before = await readFile(run);
    await utimes(picture, 1, 1);
    await expect(resume()).rejects.toThrow('1 others: a.jpg');
    await writeFile(picture, 'other pixels');
    await expect(resume()).rejects.toThrow('resume: images');
    expect(await readFile(run)).toEqual(before);
  });
});
