import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../../src/core/mining/select.js';
import { runDynamics } from '../../../../src/run/query/dynamics.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';
import { makeEpoch } from '../epochs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-dynamics-'));
});
afterEach(() => rm(folder, { recursive: true }));

const epoch = (name: string, logits: Readonly<Record<string, number>>) => makeEpoch(folder, name, logits);

describe('runDynamics', () => {
  it('follows examples over epochs, by name, whatever their order in the file', async () => {
    const paths = [
      await epoch('1', { n1: 2, y1: 1, y2: 3 }),
      await epoch('2', { y1: -3, n1: -1, y2: 1, extra: 0 }),
      await epoch('3', { n1: 5, y1: 2, y2: 2 }),
    ];
    const { image, label, aum, numForgotten, firstLearned, numLeftOut, isDetection } = await runDynamics(paths);
    expect(image).toEqual(['n1', 'y1', 'y2']);
    expect([...label]).toEqual([0, 1, 1]);
    [2, 0, -2].forEach((value, i) => expect(aum[i]).toBeCloseTo(value, 5));
    expect([...numForgotten]).toEqual([1, 1, 0]);
    expect([...firstLearned]).toEqual([0, 1, -1]);
    expect([numLeftOut, isDetection]).toEqual([1, false]);
  });

  it('follows the passes of one run that a training wrote, images that came less often left out', async () => {
    const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
    const looks: [image: string, z: number][] = [
      ['y1', -1],
      ['n1', 3],
      ['y1', -2],
      ['n1', -4],
      ['y1', 5],
      ['n1', 1],
      ['y2', 9],
    ];
    const lines = looks.map(([image, z]) => ({ image, label: image.startsWith('n') ? 0 : 1, logits: [z, 0] }));
    const dumpPath = path.join(folder, 'again.jsonl');
    await writeFile(dumpPath, [header, ...lines].map((line) => JSON.stringify(line)).join('\n'));
    const outPath = path.join(folder, 'again.ohem');
    await importDump({ dumpPath, images: null, outPath, miningOf: defaultConfig }, () => undefined);
    const { image, aum, numForgotten, numLooks, numLeftOut, extents } = await runDynamics([outPath]);
    expect([image, numLooks, extents.length]).toEqual([['y1', 'n1'], 2, 1]);
    // Two whole passes over three images: y2 has come once.
    [1.5, -0.5].forEach((value, i) => expect(aum[i]).toBeCloseTo(value, 5));
    expect([...numForgotten]).toEqual([0, 1]);
    expect(numLeftOut).toBe(1);
    await expect(runDynamics([await epoch('once', { n1: 1, y1: 2 })])).rejects.toThrow('one whose images come again');
  });

  it('follows the objects of a detection, without crowds', async () => {
    const paths = ['a', 'b'].map((name) => path.join(folder, `${name}.ohem`));
    for (const file of paths) {
      const writer = await createRun(file, sampleManifest());
      await writer.append(sampleImage('x.jpg', 12, 4));
      await writer.append(sampleImage('y.jpg', 0, 0));
      await writer.finish();
      await writer.close();
    }
    const { image, gtIndex, label, isDetection, aum } = await runDynamics(paths);
    // Objects 1 and 3 of the sample are crowds.
    expect(image).toEqual(['x.jpg', 'x.jpg']);
    expect([...gtIndex]).toEqual([0, 2]);
    expect([...label]).toEqual([0, 2]);
    expect([isDetection, aum.length]).toEqual([true, 2]);
  });

  it('refuses a single run, and runs of other data or classes', async () => {
    const one = await epoch('1', { n1: 2 });
    await expect(runDynamics([one])).rejects.toThrow('options: runs: expected at least two');
    const detection = path.join(folder, 'd.ohem');
    await (await createRun(detection, sampleManifest())).close();
    await expect(runDynamics([one, detection])).rejects.toThrow('dynamics: task: expected "classification"');
    const other = path.join(folder, 'o.ohem');
    const manifest = sampleManifest();
    await (await createRun(other, { ...manifest, dataset: { ...manifest.dataset, sha256: 'other' } })).close();
    await expect(runDynamics([detection, other])).rejects.toThrow('dynamics: data set (sha256): expected "cd"');
  });
});
