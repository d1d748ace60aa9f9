import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunOutput } from '../../../../src/run/file/run-output.js';
import { createRun, openRun } from '../../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

const manifest = sampleManifest();
let folder: string;
let file: string;
let old: Buffer;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-output-'));
  file = path.join(folder, 'it.ohem');
  const writer = await createRun(file, manifest);
  await writer.append(sampleImage('old.jpg', 3, 1));
  await writer.finish();
  await writer.close();
  old = await readFile(file);
});
afterEach(() => rm(folder, { recursive: true }));

const claim = (how: 'new' | 'force' | 'resume', outPath = file, inputs: string[] = []) =>
  RunOutput.claim({ outPath, force: how === 'force', resume: how === 'resume', inputs });

async function ids(of = file): Promise<string[]> {
  const run = await openRun(of);
  await run.close();
  return run.images.map(({ id }) => id);
}

/** As a killed process leaves it: images are there, the end is not. */
async function killed(how: 'force' | 'resume', name: string): Promise<void> {
  const output = await claim(how);
  const writer = how === 'force' ? await output.create(manifest) : await output.resume(manifest, 1);
  await writer.append(sampleImage(name, 3, 1));
  await writer.close();
  output.release();
}

describe('a run that replaces another', () => {
  it('grows beside it and takes its name when it is done', async () => {
    const output = await claim('force');
    const writer = await output.create(manifest);
    await writer.append(sampleImage('new.jpg', 3, 1));
    expect((await readFile(file)).equals(old)).toBe(true);
    expect(await ids(output.growsAt)).toEqual(['new.jpg']);
    await output.finish(writer, true);
    await writer.close();
    output.release();
    expect(await ids()).toEqual(['new.jpg']);
    expect(await readdir(folder)).toEqual(['it.ohem']);
  });

  it('killed leaves the old one as it was, and is resumed', async () => {
    await killed('force', 'a.jpg');
    expect((await readFile(file)).equals(old)).toBe(true);
    await killed('resume', 'b.jpg');
    expect((await readFile(file)).equals(old)).toBe(true);
    const output = await claim('resume');
    const writer = await output.resume(manifest, 1);
    await output.finish(writer, true);
    await writer.close();
    output.release();
    expect(await ids()).toEqual(['a.jpg', 'b.jpg']);
    expect(await readdir(folder)).toEqual(['it.ohem']);
  });

  it('stopped leaves the old one as it was', async () => {
    const output = await claim('force');
    const writer = await output.create(manifest);
    await writer.append(sampleImage('a.jpg', 3, 1));
    await output.finish(writer, false);
    await writer.close();
    output.release();
    expect((await readFile(file)).equals(old)).toBe(true);
    expect(output.isLeftBeside).toBe(true);
    expect(await ids(output.growsAt)).toEqual(['a.jpg']);
  });

  it('begun again with force begins anew', async () => {
    await killed('force', 'a.jpg');
    await killed('force', 'b.jpg');
    expect(await ids(`${file}.part`)).toEqual(['b.jpg']);
  });
});

describe('a place', () => {
  it('that is taken is refused, and the unfinished run beside it is named', async () => {
    await expect(claim('new')).rejects.toThrow(
      /expected a new file, received one that exists \(.*it\.ohem\)\. Resume it/,
    );
    await killed('force', 'a.jpg');
    await rm(file);
    await expect(claim('new')).rejects.toThrow(/received one that exists \(.*it\.ohem\.part\)\. Resume it/);
  });

  it('has one writer at a time, and its lock ends with the process', async () => {
    const first = await claim('force');
    await expect(claim('force')).rejects.toThrow(
      /expected a file that nobody writes, received one that another process/,
    );
    await expect(claim('resume', path.join(folder, '.', 'it.ohem'))).rejects.toThrow(/another process writes/);
    (await claim('new', path.join(folder, 'other.ohem'))).release();
    first.release();
    (await claim('force')).release();
  });

  it('is no input and no stranger beside it', async () => {
    await expect(claim('force', file, [file])).rejects.toThrow(/expected a file that is no input/);
    await writeFile(`${file}.part`, 'a download');
    await expect(claim('force')).rejects.toThrow(/expected an unfinished run, or no file, received another file/);
    expect(await readFile(`${file}.part`, 'utf8')).toBe('a download');
    await rm(`${file}.part`);
    const output = await claim('force');
    await expect(output.refuseInputs([path.join(folder, 'a.jpg'), file])).rejects.toThrow(/that is no input/);
    output.release();
  });
});
