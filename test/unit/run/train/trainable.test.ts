import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { trainable } from '../../../../src/run/train/trainable.js';

const SAMPLE = 'media/sample/checkpoint';
const folder = mkdtempSync(join(tmpdir(), 'ohem-trainable-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a checkpoint that can be trained is a folder, or its contract', async () => {
  const file = join(SAMPLE, 'ohem.json');
  for (const path of [SAMPLE, file]) expect(await trainable(path)).toMatchObject({ folder: SAMPLE, file });
});

it('others are refused with the reason and what can be done', async () => {
  const contract = JSON.parse(readFileSync(join(SAMPLE, 'ohem.json'), 'utf8')) as object;
  const put = (name: string, changes: object) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ ...contract, ...changes }));
    return path;
  };
  await expect(trainable(put('graphs.ohem.json', { format: 'onnx' }))).rejects.toThrow(
    'checkpoint: training: expected weights as TensorFlow.js layers (tfjs-layers), received onnx',
  );
  await expect(trainable(put('yolox.ohem.json', { family: 'yolox' }))).rejects.toThrow(
    /expected a detector of the family fast-rcnn, received one of yolox .* Trainable are the sample’s detector/,
  );
  await expect(trainable(join(folder, 'yolox.ohem.json'))).rejects.toMatchObject({ hint: { reason: 'not-trainable' } });
  await expect(trainable(put('net.onnx', {}))).rejects.toThrow('received a checkpoint without a contract');
  await expect(trainable(join(folder, 'gone'))).rejects.toThrow('received no such file');
});
