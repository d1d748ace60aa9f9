import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeImage as decodeRow } from '../../../../src/arrow/decode-run.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { MineOptions } from '../../../../src/protocol/mining-requests.js';
import { findInputs } from '../../../../src/run/find/find-inputs.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';
import { openRun } from '../../../../src/run/file/run-store.js';

let folder: string;
let options: MineOptions;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-predictions-'));
  const at = (name: string) => path.join(folder, name);
  const images = [0, 1, 2].map((i) => ({ id: i + 1, file_name: `${i}.png`, width: 20, height: 16 }));
  const annotations = images.map(({ id }) => ({ id, image_id: id, category_id: 1, bbox: [2, 2, 10, 10] }));
  const categories = ['cat', 'dog'].map((name, i) => ({ id: i + 1, name }));
  await writeFile(at('instances.json'), JSON.stringify({ images, annotations, categories }));
  for (const { file_name } of images.slice(0, 2)) await writeFile(at(file_name), 'pixels are not read');
  const found = [
    { image_id: 1, category_id: 1, bbox: [2, 2, 10, 10], score: 0.25 },
    { image_id: 1, category_id: 2, bbox: [0, 0, 3, 3], score: 0.875 },
    { image_id: 2, category_id: 1, bbox: [2, 2, 10, 9], score: 0.5 },
  ];
  await writeFile(at('results.json'), JSON.stringify(found));
  options = {
    checkpointPath: at('results.json'),
    datasetPath: at('instances.json'),
    dataset: { images: folder },
    outPath: at('it.ohem'),
    mining: resolveConfig('paper', { batchSize: 4 }),
    measure: {},
    backend: null,
    limit: null,
    resume: false,
  };
});
afterEach(() => rm(folder, { recursive: true }));

describe('mineRun with predictions in place of a checkpoint', () => {
  it('writes a run that says what it is', async () => {
    const result = await mineRun(options, () => undefined);
    expect(result).toEqual({ state: 'done', numDone: 3, numFailed: 0, numWithoutLoss: 0 });
    const run = await openRun(options.outPath);
    expect(run.manifest).toMatchObject({
      lossSource: 'predictions',
      classes: ['cat', 'dog'],
      checkpoint: { path: options.checkpointPath, family: 'coco-results', inputWidth: 0, inputHeight: 0 },
      backend: null,
      measure: { clsLoss: 'bce', leftOut: 'detections', scoreForm: { activation: 'sigmoid', given: 'probabilities' } },
    });
    expect(run.manifest.notes.slice(0, 2)).toEqual([
      expect.stringMatching(/^detections only: candidates that NMS or a threshold took away .* are not known; /),
      '1 of 3 images have no detection',
    ]);
    expect(run.images.map(({ numRois, numGts, error }) => [numRois, numGts, error])).toEqual([
      [2, 1, ''],
      [1, 1, ''],
      [0, 1, ''],
    ]);
    const { rois } = decodeRow(run.schemaBytes, await run.readImageBytes(0));
    expect([...rois.predClass]).toEqual([0, 1]);
    expect([...rois.score]).toEqual([0.25, 0.875]);
    expect([...rois.gtClass]).toEqual([0, 2]);
    await run.close();
  });

  it('leaves a folder with a model to the checkpoints, whatever JSON lies beside it', async () => {
    const checkpointPath = path.join(folder, 'model');
    await mkdir(checkpointPath);
    const beside = { labels: [0], scores: [0.5], bboxes: [[1, 2, 3, 4]] };
    await writeFile(path.join(checkpointPath, '0.json'), JSON.stringify(beside));
    await writeFile(path.join(checkpointPath, 'net.onnx'), 'not one');
    await expect(mineRun({ ...options, checkpointPath }, () => undefined)).rejects.toThrow(/^checkpoint: /);
    const found = await findInputs([folder]);
    expect(found.predictions.map((each) => each.path)).toEqual([path.join(folder, 'results.json')]);
    expect(found.checkpoints.map((each) => each.path)).toEqual([path.join(checkpointPath, 'net.onnx')]);
    // The person's word goes before.
    expect(await mineRun({ ...options, checkpointPath, predictions: true }, () => undefined)).toMatchObject({
      numDone: 3,
    });
  });

  it('resumes, and refuses other predictions', async () => {
    await mineRun({ ...options, limit: 1 }, () => undefined);
    const { numDone } = await mineRun({ ...options, resume: true }, () => undefined);
    expect(numDone).toBe(3);
    await writeFile(options.checkpointPath, '[]');
    await expect(mineRun({ ...options, resume: true, predictions: true }, () => undefined)).rejects.toThrow(
      /^run-file: resume: checkpoint \(sha256\)/,
    );
  });

  it('refuses what is none where the person said that it is', async () => {
    const checkpointPath = path.join(folder, 'instances.json');
    await expect(mineRun({ ...options, checkpointPath, predictions: true }, () => undefined)).rejects.toThrow(
      /^dataset: predictions: expected one of: COCO results .*; FiftyOne .*, received what begins like none of them/,
    );
  });
});
