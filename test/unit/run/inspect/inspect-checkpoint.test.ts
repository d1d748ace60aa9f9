/** On a real detector: a contract that is wrong is found out by the ground truth. */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectCheckpoint } from '../../../../src/run/inspect/inspect-checkpoint.js';
import { changed } from '../../../../src/run/inspect/readings.js';

const CHECKPOINT = resolve('../shared/checkpoints/yolox-nano-onnx');
const DATA = resolve('../shared/data/coco-cc-train');

it('a change of the preprocessing leaves its other keys', () => {
  const contract = { family: 'yolox', preprocess: { pad: 0, channels: 'rgb' } };
  expect(changed(contract, { name: '', keys: { preprocess: { channels: 'bgr' } } })).toEqual({
    family: 'yolox',
    preprocess: { pad: 0, channels: 'bgr' },
  });
  expect(changed({ family: 'ssd' }, { name: '', keys: { boxForm: 'xyxy' } })).toEqual({
    family: 'ssd',
    boxForm: 'xyxy',
  });
});

describe.skipIf(!existsSync(CHECKPOINT) || !existsSync(DATA))('inspectCheckpoint', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ohem-inspect-'));
    const names = (await readdir(CHECKPOINT)).filter((name) => /\.onnx$|^classes\.txt$/.test(name));
    await Promise.all(
      names.map((name) => copyFile(join(CHECKPOINT, name), join(folder, name === 'classes.txt' ? name : 'm.onnx'))),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('mends a wrong scale, and says how sure that is', { timeout: 120_000 }, async () => {
    await writeFile(
      join(folder, 'm.ohem.json'),
      JSON.stringify({ family: 'yolox', preprocess: { std: [255, 255, 255] } }),
    );
    const found = await inspectCheckpoint({
      checkpoint: join(folder, 'm.onnx'),
      data: DATA,
      image: null,
      backend: null,
    });
    expect(found.best['preprocess']).toMatchObject({ mean: [0, 0, 0], std: [1, 1, 1] });
    expect(found.readings[0]?.fit).toBeGreaterThan(0.4);
    expect(found.readings.find(({ name }) => name === 'as it is')?.fit).toBeLessThan(0.1);
    expect(found.evidence).toMatch(/boxes meet 31 objects/);
    expect(found.drawn?.boxes.length).toBeGreaterThan(0);
  });
});
