import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allocateGtTable } from '../../../../src/core/tables.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { startLanes } from '../../../../src/run/mine/lane-pool.js';
import type { DetectionInputs } from '../../../../src/run/mine/run-inputs.js';

const inputs = {
  manifest: { checkpoint: { path: '/m/net.onnx' }, backend: { id: 'fake' } },
  measure: {},
} as unknown as DetectionInputs;
const task = (name: string) => ({ path: name, width: 0, height: 0, gts: allocateGtTable(0) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-lanes-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A thread that does `body` with each task, in place of a detector. */
async function laneThat(body: string, ready = "parentPort.postMessage('ready');"): Promise<URL> {
  const file = path.join(folder, 'lane.mjs');
  await writeFile(
    file,
    `import { parentPort, threadId, workerData } from 'node:worker_threads';\nparentPort.on('message', ` +
      `(task) => { if (task === 'end') return parentPort.close(); ${body} });\n${ready}`,
  );
  return pathToFileURL(file);
}

async function lanesThat(body: string, numLanes = 2) {
  const lanes = await startLanes(await laneThat(body), inputs, numLanes);
  if (lanes === null) throw new Error('no lanes');
  return lanes;
}

describe('startLanes', () => {
  it('answers every image with its own, whichever thread is slow', async () => {
    const lanes = await lanesThat(
      'setTimeout(() => parentPort.postMessage({ measured: { width: Number(task.path), height: 0, rois: null ' +
        '} }), threadId % 2 === 0 ? 60 : 1)',
    );
    const outcomes = await Promise.all(['0', '1', '2', '3', '4'].map((name) => lanes.measure(task(name))));
    expect(outcomes.map((outcome) => 'measured' in outcome && outcome.measured.width)).toEqual([0, 1, 2, 3, 4]);
    await lanes.close();
  });

  it('tells each thread the checkpoint, the backend and its share of the cores', async () => {
    const lanes = await lanesThat(
      "parentPort.postMessage({ error: { fault: new Error(JSON.stringify(workerData)) }, of: 'model' })",
      1,
    );
    const outcome = await lanes.measure(task('a'));
    expect(JSON.parse('error' in outcome ? (outcome.error as Error).message : '')).toMatchObject({
      lane: true,
      checkpointPath: '/m/net.onnx',
      backend: 'fake',
      numThreads: expect.any(Number),
    });
    await lanes.close();
  });

  it('makes a MiningError of another thread anew', async () => {
    const lanes = await lanesThat(
      "parentPort.postMessage({ error: { args: ['image', 'a.jpg', 'an image', 'noise', { file: '/x/a.jpg' }] " +
        "}, of: 'image' })",
    );
    const outcome = await lanes.measure(task('a'));
    if (!('error' in outcome)) throw new Error('measured');
    expect(outcome).toMatchObject({
      of: 'image',
      error: { code: 'image', message: 'image: a.jpg: expected an image, received noise (/x/a.jpg)' },
    });
    expect(outcome.error).toBeInstanceOf(MiningError);
    await lanes.close();
  });

  it('fails the images of a thread that dies, those that wait and those to come', async () => {
    const lanes = await lanesThat('process.exit(3)', 1);
    await expect(lanes.measure(task('a'))).rejects.toThrow(
      'engine: thread: expected one that measures until the end, received exit status 3',
    );
    await expect(lanes.measure(task('b'))).rejects.toThrow('exit status 3');
    await lanes.close();
  });

  it('is null where a thread cannot start', async () => {
    expect(await startLanes(await laneThat('', "throw new Error('no engine here');"), inputs, 2)).toBeNull();
    expect(await startLanes(pathToFileURL(path.join(folder, 'absent.mjs')), inputs, 2)).toBeNull();
  });
});
