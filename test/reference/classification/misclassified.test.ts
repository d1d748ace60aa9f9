/** `ohem mine` with the shared classifiers on the shared digits: misclassified.py computed what they get wrong. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfig, resolveConfig } from '../../../src/core/mining/select.js';
import { mineRun } from '../../../src/run/mine/mine-run.js';
import { readAll } from '../../unit/run/read-all.js';

const shared = path.resolve('../shared');
const data = path.join(shared, 'data/mnist-a');
const reason = existsSync(data) && existsSync(path.join(shared, 'checkpoints')) ? '' : `${shared} is not there`;
if (reason !== '') console.log(`skipped: classification end to end: ${reason}`);

type Wrong = [id: string, predicted: number, loss: number];
const reference = JSON.parse(readFileSync(new URL('misclassified.json', import.meta.url), 'utf8')) as Record<
  string,
  Wrong[]
>;

describe.skipIf(reason !== '')('mining a classifier finds exactly the misclassified digits', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ohem-digits-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(Object.entries(reference))('%s', async (name, expected) => {
    const outPath = path.join(folder, `${name}.ohem`);
    await mineRun(
      {
        checkpointPath: path.join(shared, 'checkpoints', name),
        datasetPath: data,
        dataset: {},
        outPath,
        mining: resolveConfig('paper'),
        classificationMining: defaultConfig('classification'),
        measure: {},
        backend: null,
        limit: null,
        resume: false,
      },
      () => undefined,
    );
    const { manifest, images } = await readAll(outPath);
    expect(manifest).toMatchObject({
      task: 'classification',
      checkpoint: { family: 'classifier' },
      mining: { preset: 'top-rate' },
      measure: { clsLoss: 'cross-entropy' },
    });
    expect(images).toHaveLength(400);
    const wrong = images.filter(({ rois }) => rois.predClass[0] !== rois.gtClass[0]);
    const byLoss = wrong.sort((a, b) => b.rois.lossCls[0] - a.rois.lossCls[0]);
    expect(byLoss.map(({ summary, rois }) => [summary.id, rois.predClass[0]])).toEqual(
      expected.map(([id, predicted]) => [id, predicted]),
    );
    byLoss.forEach(({ rois, summary }, i) => {
      expect(Math.abs(rois.lossCls[0] - expected[i][2])).toBeLessThan(1e-3 * Math.max(1, expected[i][2]));
      expect(rois.el2n[0]).toBeGreaterThan(0.5);
      expect(summary.mistakenness).toBeGreaterThan(0.5);
    });
    for (const { rois, gts, summary } of images) {
      expect([rois.numRois, gts.numGts, summary.width, gts.x2[0], rois.x2[0], rois.lossLoc[0]]).toEqual([
        1, 1, 28, 28, 28, 0,
      ]);
    }
  });

  it('goes on where it stopped', async () => {
    const outPath = path.join(folder, 'resumed.ohem');
    const options = {
      checkpointPath: path.join(shared, 'checkpoints/digits-mlp-tfjs'),
      datasetPath: data,
      dataset: {},
      outPath,
      mining: defaultConfig('classification'),
      measure: {},
      backend: null,
      resume: false,
    };
    await mineRun({ ...options, limit: 140 }, () => undefined);
    await mineRun({ ...options, limit: null, resume: true }, () => undefined);
    const { images } = await readAll(outPath);
    expect(images.filter(({ rois }) => rois.predClass[0] !== rois.gtClass[0])).toHaveLength(21);
    expect(new Set(images.map(({ summary }) => summary.id)).size).toBe(400);
  });
});
