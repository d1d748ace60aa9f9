import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeImage } from '../../../../src/arrow/decode-run.js';
import { createRun, openRun, resumeRun } from '../../../../src/run/file/run-store.js';
import { rangeOf } from '../range-of.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

const manifest = sampleManifest();
const images = [sampleImage('a.jpg', 7, 2), sampleImage('b.jpg', 0, 0), sampleImage('c.jpg', 300, 1)];
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-run-'));
  file = path.join(folder, 'it.ohem');
});
afterEach(() => rm(folder, { recursive: true }));

async function write(finish: boolean, some = images): Promise<void> {
  const writer = await createRun(file, manifest);
  for (const image of some) await writer.append(image);
  if (finish) await writer.finish();
  await writer.close();
}

async function ids(): Promise<string[]> {
  const run = await openRun(file);
  await run.close();
  return run.images.map(({ id }) => id);
}

describe('a run file', () => {
  for (const finish of [true, false]) {
    it(`gives its images back ${finish ? 'finished' : 'killed'}`, async () => {
      await write(finish);
      const run = await openRun(file);
      expect(run.complete).toBe(finish);
      expect(run.manifest).toEqual(manifest);
      for (const [i, image] of images.entries()) {
        expect(run.images.at(i)).toMatchObject(image.summary);
        expect(decodeImage(run.schemaBytes, await run.readImageBytes(i))).toEqual(image);
      }
      await expect(run.readImageBytes(3)).rejects.toThrow(/expected an image in \[0, 3\), received 3/);
      await run.close();
    });
  }

  it('without images opens', async () => {
    await write(false, []);
    expect(await ids()).toEqual([]);
    await rm(file);
    await write(true, []);
    expect(await ids()).toEqual([]);
  });

  it('cut anywhere keeps its whole images', async () => {
    await write(false);
    const run = await openRun(file);
    await run.close();
    const bytes = await readFile(file);
    const { start, end } = rangeOf(run, 2);
    for (const cut of [start, start + 1, start + 7, start + 8, start + 500, end - 1]) {
      await writeFile(file, bytes.subarray(0, cut));
      expect(await ids()).toEqual(['a.jpg', 'b.jpg']);
    }
  });

  it('with zeros at its end keeps its whole images', async () => {
    await write(false);
    const { size } = await stat(file);
    await truncate(file, size + 10_000);
    expect(await ids()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });

  it('with a damaged index is scanned', async () => {
    await write(true);
    const bytes = await readFile(file);
    bytes[bytes.byteLength - 20] ^= 1;
    await writeFile(file, bytes);
    expect(await ids()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });

  it('is read while it grows', async () => {
    const writer = await createRun(file, manifest);
    const run = await openRun(file);
    const range = await writer.append(images[0]);
    expect(decodeImage(run.schemaBytes, await run.readRange(range))).toEqual(images[0]);
    await expect(run.readRange({ start: range.end, end: 1e15 })).rejects.toThrow(
      /run-file: image: expected bytes inside a file/,
    );
    await run.close();
    await writer.close();
  });
});

describe('opening', () => {
  it('names a file that is no run', async () => {
    for (const content of ['', 'x', '{"ohem_dump":1}', Buffer.alloc(5000), Buffer.alloc(5000, 255)]) {
      await writeFile(file, content);
      await expect(openRun(file)).rejects.toThrow(/^run-file: first bytes: expected a run file .*it\.ohem\)$/);
    }
    await expect(openRun(path.join(folder, 'none.ohem'))).rejects.toThrow(/ENOENT/);
    await expect(openRun(folder)).rejects.toThrow(/run-file: open: .*received a folder/);
  });
});

describe('creating', () => {
  it('leaves an existing run alone', async () => {
    await write(true);
    await expect(createRun(file, manifest)).rejects.toThrow(
      /expected a new file, received one that exists .*Resume it/,
    );
    expect(await ids()).toHaveLength(3);
  });

  it('refuses more classes than a row can tell apart, and leaves no file', async () => {
    const classes = Array.from({ length: 32_767 }, (_, i) => `class ${i}`);
    const many = path.join(folder, 'many.ohem');
    await expect(createRun(many, { ...manifest, classes })).rejects.toThrow(
      /^run-file: classes: expected at most 32766, received 32767 .*many\.ohem/,
    );
    await expect(openRun(many)).rejects.toThrow(/ENOENT/);
    await (await createRun(many, { ...manifest, classes: classes.slice(1) })).close();
  });

  it('says when the folder is missing', async () => {
    await expect(createRun(path.join(folder, 'no', 'x.ohem'), manifest)).rejects.toThrow(/run-file: open: .*ENOENT/);
  });
});

describe('resuming', () => {
  it('goes on behind the last whole image of a killed run', async () => {
    await write(false);
    const { size } = await stat(file);
    await truncate(file, size - 9);
    const writer = await resumeRun(file, { ...manifest, createdAt: 'later' });
    expect(writer.entries.map(({ summary }) => summary.id)).toEqual(['a.jpg', 'b.jpg']);
    await writer.append(images[2]);
    await writer.finish();
    await writer.close();
    const resumed = await readFile(file);
    await rm(file);
    await write(true);
    expect(resumed.equals(await readFile(file))).toBe(true);
  });

  it('goes on behind a finished run', async () => {
    await write(true);
    const writer = await resumeRun(file, manifest);
    await writer.append(sampleImage('d.jpg', 1, 0));
    await writer.close();
    expect(await ids()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
  });

  it('takes an unfinished minibatch off', async () => {
    await write(false);
    await (await resumeRun(file, manifest, 2)).close();
    expect(await ids()).toEqual(['a.jpg', 'b.jpg']);
  });

  it('refuses another run and says what differs, and leaves the file as it is', async () => {
    await write(true);
    const before = await readFile(file);
    const other = { ...manifest, mining: { ...manifest.mining, batchSize: 64 } };
    await expect(resumeRun(file, other)).rejects.toThrow(
      /resume: mining\.batchSize: expected 128 as in the file, received 64/,
    );
    await expect(resumeRun(file, { ...manifest, checkpoint: null })).rejects.toThrow(
      /resume: checkpoint \(sha256\): expected "ab"/,
    );
    const { dataset, backend } = manifest;
    await expect(resumeRun(file, { ...manifest, dataset: { ...dataset, imageRoot: '/other' } })).rejects.toThrow(
      /resume: folder of the images: expected ".*" as in the file, received "\/other"/,
    );
    await expect(resumeRun(file, { ...manifest, backend: backend && { ...backend, version: '9' } })).rejects.toThrow(
      /resume: backend's version: expected "1\.30\.0" as in the file, received "9"/,
    );
    await expect(resumeRun(file, { ...manifest, writtenBy: 'ohem-lens 9' })).rejects.toThrow(
      /resume: version of the program: expected "ohem-lens 0\.1\.0" as in the file, received "ohem-lens 9"/,
    );
    expect((await readFile(file)).equals(before)).toBe(true);
  });
});

describe('resuming a damaged run', () => {
  /** Changes bytes of the file; returns it as it then is. */
  async function damage(change: (bytes: Buffer) => void): Promise<Buffer> {
    const bytes = await readFile(file);
    change(bytes);
    await writeFile(file, bytes);
    return bytes;
  }

  it('never cuts off whole images behind the damage: it names the image, and the file stays', async () => {
    for (const finish of [true, false]) {
      await rm(file, { force: true });
      await write(finish);
      const run = await openRun(file);
      await run.close();
      const { start } = rangeOf(run, 1);
      const bytes = await damage((b) => {
        b.fill(0, start, start + 8);
        if (finish) b.fill(0, b.length - 8);
      });
      await expect(resumeRun(file, manifest)).rejects.toThrow(
        /resume: image 1: expected an unfinished image at the end only, .*before the 1 after it .*"ohem salvage"/,
      );
      expect((await readFile(file)).equals(bytes)).toBe(true);
    }
  });

  it('does not go on behind an image in which one bit among the RoIs has changed', async () => {
    for (const finish of [true, false]) {
      await rm(file, { force: true });
      await write(finish);
      const run = await openRun(file);
      await run.close();
      const bytes = await damage((b) => (b[rangeOf(run, 0).end - 100] ^= 4));
      await expect(resumeRun(file, manifest)).rejects.toThrow(/resume: image 0: .*before the 2 after it/);
      expect((await readFile(file)).equals(bytes)).toBe(true);
    }
  });

  it('does not begin anew where the schema only seems cut: a damaged length costs nothing', async () => {
    await write(true);
    for (const at of [6, 7]) {
      const bytes = await damage((b) => (b[at] ^= 4));
      await expect(resumeRun(file, manifest)).rejects.toThrow(/a schema that is cut short/);
      expect((await readFile(file)).equals(bytes)).toBe(true);
      await damage((b) => (b[at] ^= 4));
    }
  });

  it('takes a damaged last image off', async () => {
    for (const change of [
      (bytes: Buffer) => (bytes[bytes.length - 100] ^= 4),
      (bytes: Buffer) => bytes.fill(0, bytes.length - 100),
    ]) {
      await rm(file, { force: true });
      await write(false);
      await damage(change);
      const writer = await resumeRun(file, manifest);
      await writer.close();
      expect(writer.entries.map(({ summary }) => summary.id)).toEqual(['a.jpg', 'b.jpg']);
    }
  });

  it('begins anew where not even the schema was whole', async () => {
    await write(true);
    const whole = await readFile(file);
    for (const cut of [0, 3, 8, 1000]) {
      await writeFile(file, whole.subarray(0, cut));
      const writer = await resumeRun(file, manifest);
      for (const image of images) await writer.append(image);
      await writer.finish();
      await writer.close();
      expect((await readFile(file)).equals(whole)).toBe(true);
    }
    await writeFile(file, 'notes');
    await expect(resumeRun(file, manifest)).rejects.toThrow(/expected a run file/);
    expect(await readFile(file, 'utf8')).toBe('notes');
  });
});

describe('a run without checksums', () => {
  it('opens, says so, and goes on without', async () => {
    const old = await readFile(path.join(import.meta.dirname, 'without-checksums.ohem'));
    await writeFile(file, old);
    const run = await openRun(file);
    expect(run).toMatchObject({ sealed: false, complete: true });
    expect(run.images.map(({ id }) => id)).toEqual(['a.jpg', 'b.jpg']);
    expect(decodeImage(run.schemaBytes, await run.readImageBytes(0))).toEqual(sampleImage('a.jpg', 3, 1));
    await run.close();
    const writer = await resumeRun(file, run.manifest);
    await writer.append(images[2]);
    await writer.close();
    expect(await ids()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });
});

describe('a file that is taken away while it is written', () => {
  it('is no success', async () => {
    const writer = await createRun(file, manifest);
    await writer.append(images[0]);
    await rm(file);
    await expect(writer.finish()).rejects.toThrow(/expected the file that was written, received none: it was removed/);
    await writer.close();
  });
});

describe('two writers of one file', () => {
  it('do not cut each other: the second to write stops', async () => {
    await write(false);
    const [one, two] = [await resumeRun(file, manifest), await resumeRun(file, manifest)];
    await one.append(images[1]);
    await expect(two.append(images[1])).rejects.toThrow(/another process writes it/);
    await one.append(images[0]);
    await Promise.all([one.close(), two.close()]);
    expect(await ids()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'b.jpg', 'a.jpg']);
  });
});

describe('a disk that is full', () => {
  it('keeps the whole images and says so', async () => {
    const entry = path.join(folder, 'full-disk.mjs');
    await build({
      entryPoints: [path.join(import.meta.dirname, 'full-disk.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: entry,
    });
    const command = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
    const limit = spawnSync('bash', ['-c', command, process.execPath, entry, file], { encoding: 'utf8' });
    expect(limit.stderr).toMatch(/^run-file: append: expected to write, received EFBIG/);
    expect(limit.stderr).toMatch(/The \d+ images before are kept/);
    expect((await ids()).length).toBeGreaterThan(0);
  });
});
