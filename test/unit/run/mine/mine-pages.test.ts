import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { openRun } from '../../../../src/run/file/run-store.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';

vi.mock('../../../../src/engine/registry.js', () => ({
  startEngine: () =>
    Promise.resolve({
      engine: { facts: { id: 'fake', version: '1', device: 'CPU' }, dispose: () => Promise.resolve() },
      refused: [],
    }),
}));
vi.mock('../../../../src/checkpoint/open-model.js', async () => {
  const { detect } = await import('./fake-output.js');
  const { FAST_RCNN_MEASURE } = await import('../../../../src/core/measure/measure-config.js');
  const detector = { family: 'fake', classes: ['cat', 'dog'], numClasses: 2, inputWidth: 8, inputHeight: 8 };
  const scoreForm = { activation: 'softmax', given: 'logits' };
  const rest = { scoreForm, measureDefaults: FAST_RCNN_MEASURE, notes: [], detect, dispose: () => undefined };
  const open = () => Promise.resolve({ ...detector, ...rest });
  return { openModel: () => Promise.resolve({ path: '/m', format: 'onnx', sha256: 'abc', open }) };
});

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'ohem-pages-'))));
afterEach(() => rm(folder, { recursive: true }));

it('says once that files have several pages', async () => {
  const at = (name: string) => path.join(folder, name);
  const raw = { width: 20, height: 32, channels: 3, pageHeight: 16 } as const;
  const tiff = await sharp(Buffer.alloc(20 * 32 * 3), { raw })
    .tiff()
    .toBuffer();
  const images = ['a.tif', 'b.tif'].map((file_name, i) => ({ id: i + 1, file_name, width: 20, height: 16 }));
  for (const { file_name } of images) await writeFile(at(file_name), tiff);
  const categories = [{ id: 1, name: 'cat' }];
  await writeFile(at('instances.json'), JSON.stringify({ images, annotations: [], categories }));
  const told: string[] = [];
  const options = {
    ...{ checkpointPath: '/m/net.onnx', datasetPath: at('instances.json'), dataset: {}, outPath: at('it.ohem') },
    ...{ mining: resolveConfig('paper', { batchSize: 4 }), measure: {}, backend: null, limit: null, resume: false },
  };
  const result = await mineRun(options, (event) => void (event.event === 'log' && told.push(event.text)));
  expect(result).toMatchObject({ numDone: 2, numFailed: 0 });
  expect(told).toEqual(['a.tif has several pages: of such files the first is measured']);
  const run = await openRun(options.outPath);
  expect(run.manifest.notes).toContain(told[0]);
  await run.close();
});
