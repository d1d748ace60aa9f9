import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultConfig } from '../../../../src/core/mining/select.js';
import { DETECTING } from '../../../../src/core/triage/detections.js';
import { OBJECT_LAB } from '../../../../src/core/triage/label-quality.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { runErrors } from '../../../../src/run/query/detection-errors.js';
import { runSuspects } from '../../../../src/run/query/label-suspects.js';
import { sampleImage, sampleManifest, sampleSummary } from '../../arrow/run-sample.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-errors-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('says how many images failed: neither their objects nor their labels are judged', async () => {
  const file = path.join(folder, 'it.ohem');
  const writer = await createRun(file, sampleManifest());
  await writer.append(sampleImage('x.jpg', 9, 2));
  await writer.append({ ...sampleImage('y.jpg', 0, 0), summary: sampleSummary('y.jpg', 0, 0, 'no image') });
  await writer.finish();
  await writer.close();
  const { numFailed, extent, shortfall } = await runErrors(file, DETECTING);
  expect([numFailed, extent.num_images, extent.complete, shortfall.broken]).toEqual([1, 2, false, false]);
  const { notes } = await runSuspects(file, DETECTING, { ...OBJECT_LAB, asQuantiles: false });
  expect(notes[0]).toContain('1 images could not be measured');
});

it.each([
  ['RoIs with scores and classes', { score: [0.9, 0.8], gt: [{ box: [0, 0, 9, 9], label: 0 }] }],
  ['images with objects', { score: [0.9, 0.8], pred_label: [0, 1] }],
])('judges no dump without %s', async (lacking, image) => {
  const header = { ohem_dump: 1, task: 'detection', classes: ['cat', 'dog'], background: 2 };
  const rois = [
    [0, 0, 9, 9],
    [9, 9, 20, 20],
  ];
  const line = { image: 'a.jpg', rois, label: [0, 2], loss_cls: [1, 2], ...image };
  const dumpPath = path.join(folder, 'it.jsonl');
  await writeFile(dumpPath, [header, line].map((each) => JSON.stringify(each)).join('\n'));
  const outPath = path.join(folder, 'it.ohem');
  await importDump({ dumpPath, images: null, outPath, miningOf: defaultConfig }, () => undefined);
  await expect(runErrors(outPath, DETECTING)).rejects.toThrow(`expected ${lacking}, received none`);
});
