/** A dump that a training still writes. */
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import { extentOf, withRun } from '../../../../src/run/file/read-run.js';
import { readAll } from '../read-all.js';

const HEADER = { ohem_dump: 1, task: 'detection', classes: ['cat'], background: 0, activation: 'softmax' };
const lineOf = (image: string) =>
  `${JSON.stringify({ image, rois: [[0, 0, 9, 9]], label: [1], loss_cls: [0.5], loss_loc: [0.25] })}\n`;

let folder: string;
let dumpPath: string;
let outPath: string;
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-follow-'));
  [dumpPath, outPath] = [path.join(folder, 'dump.jsonl'), path.join(folder, 'run.ohem')];
  stop = new AbortController();
  await writeFile(dumpPath, '');
});
afterEach(() => rm(folder, { recursive: true }));

/** @param seen called with the number of images in the run, after each. */
function following(seen: (numImages: number) => void = () => undefined) {
  const mining = resolveConfig('paper', { imagesPerBatch: 1 });
  const emit = (event: WorkerEvent) => {
    if (event.event === 'image') seen(event.imageIndex + 1);
    // Nobody knows how much comes.
    if (event.event === 'progress') expect(event.progress.etaSeconds).toBeNull();
  };
  return importDump({ dumpPath, outPath, images: null, miningOf: () => mining, follow: true }, emit, stop.signal);
}

describe('a dump that is followed', () => {
  it('becomes a run image by image, and is whole when it is stopped', async () => {
    const text = `${JSON.stringify(HEADER)}\n${lineOf('a.png')}${lineOf('b.png')}`;
    const parts = [text.slice(0, 20), text.slice(20, 130), text.slice(130)];
    const seen: number[] = [];
    const done = following((numImages) => {
      seen.push(numImages);
      // Half a line when the training, or the person, ends it.
      if (numImages === 2) void appendFile(dumpPath, lineOf('c.png').slice(0, 30)).then(() => stop.abort());
    });
    for (const part of parts) await appendFile(dumpPath, part);
    expect(await done).toMatchObject({ state: 'done', numDone: 2 });
    expect(seen).toEqual([1, 2]);
    const { manifest, images } = await readAll(outPath);
    expect(manifest.dataset.numImages).toBe(0);
    expect(images.map(({ summary }) => summary.id)).toEqual(['a.png', 'b.png']);
    expect(await withRun(outPath, (run) => Promise.resolve(extentOf(run)))).toEqual({
      complete: true,
      num_images: 2,
      num_in_dataset: 2,
    });
  });

  it('is read to its end before it is stopped', async () => {
    await writeFile(dumpPath, `${JSON.stringify(HEADER)}\n${lineOf('a.png').repeat(6)}`);
    stop.abort();
    expect(await following()).toMatchObject({ state: 'done', numDone: 6 });
  });

  it('must only grow', async () => {
    await writeFile(dumpPath, `${JSON.stringify(HEADER)}\n${lineOf('a.png')}`);
    const cut = following(() => void truncate(dumpPath, 10));
    await expect(cut).rejects.toThrow(/dump: file: expected a file that can be read, received 10 bytes, fewer than/);
    await rm(`${outPath}`, { force: true });
    await writeFile(dumpPath, `${JSON.stringify(HEADER)}\n${lineOf('a.png')}`);
    const replaced = following(() => void rename(dumpPath, `${dumpPath}.old`).then(() => writeFile(dumpPath, '')));
    await expect(replaced).rejects.toThrow('another file, or none, under its name');
  });

  it('is JSON Lines', async () => {
    await writeFile(dumpPath, 'PK\x03\x04');
    await expect(following()).rejects.toThrow('expected JSON Lines, which can be followed, received NPZ');
  });
});
