import { appendFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { RunAppender } from '../../../../src/run/file/run-appender.js';
import { RunOutput } from '../../../../src/run/file/run-output.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';
import { readAll } from '../read-all.js';

let folder: string;
let outPath: string;
let output: RunOutput;
let out: RunAppender;
let told: Extract<WorkerEvent, { event: 'image' }>[];
let progress: Extract<WorkerEvent, { event: 'progress' }>['progress'][];
/** Sizes of the file at the images that were told. */
let sizes: Set<number>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-appender-'));
  outPath = path.join(folder, 'run.ohem');
  output = await RunOutput.claim({ outPath, force: false, resume: false });
  const { mining } = sampleManifest();
  told = [];
  progress = [];
  sizes = new Set();
  out = new RunAppender(output, { ...sampleManifest(), mining: { ...mining, imagesPerBatch: 1 } }, 200, (event) => {
    if (event.event === 'progress') progress.push(event.progress);
    if (event.event !== 'image') return;
    told.push(event);
    sizes.add(statSync(outPath).size);
  });
});
afterEach(async () => {
  await out.close();
  output.release();
  await rm(folder, { recursive: true });
});

const add = (i: number) => out.add(sampleImage(`${i}.jpg`, 3, 1));

describe('images that come faster than they can be written one by one', () => {
  it('are written together, in their order, and told when they are in the file', async () => {
    for (let i = 0; i < 200; i++) await add(i);
    await out.finish('done');
    expect(told.map(({ imageIndex }) => imageIndex)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(sizes.size).toBeLessThan(100);
    for (const { end } of told) expect(Math.max(...sizes)).toBeGreaterThanOrEqual(end);
    const { images, complete } = await readAll(outPath);
    expect(complete).toBe(true);
    expect(images.map(({ summary }) => summary.id)).toEqual(Array.from({ length: 200 }, (_, i) => `${i}.jpg`));
  });

  it('are written when no more come for a while', async () => {
    await add(0);
    await add(1);
    await vi.waitFor(() => expect(told).toHaveLength(2), 10_000);
    expect((await readAll(outPath)).images).toHaveLength(2);
  });

  it('are counted when no more come for a while', async () => {
    for (let i = 0; i < 3; i++) await add(i);
    await vi.waitFor(() => expect(progress.at(-1)).toMatchObject({ state: 'running', numDone: 3 }), 10_000);
    const numTold = progress.length;
    await out.close();
    await new Promise((done) => setTimeout(done, 300));
    expect(progress).toHaveLength(numTold);
  });

  it('are not told as running once the run has ended, however long its file takes to close', async () => {
    await add(0);
    await out.finish('done');
    await new Promise((done) => setTimeout(done, 200));
    await out.close();
    expect(progress.at(-1)).toMatchObject({ state: 'done' });
  });

  it('are in the file when the source fails', async () => {
    for (let i = 0; i < 3; i++) await add(i);
    await out.fail(new Error('no more'));
    expect(told).toHaveLength(3);
    expect((await readAll(outPath)).images).toHaveLength(3);
  });

  it('are refused at the next one where they could not be written meanwhile', async () => {
    await add(0);
    appendFileSync(outPath, 'another process');
    await add(1);
    await vi.waitFor(() => expect(add(2)).rejects.toThrow('another process writes it'), 10_000);
    await expect(out.finish('done')).rejects.toThrow('another process writes it');
    expect(told).toHaveLength(1);
  });
});
