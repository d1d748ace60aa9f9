import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTrainConfig, readTrainConfig } from '../../../../src/run/train/train-config.js';

const LEAST = { data: { path: 'data' }, schedule: { epochs: 3 }, out: 'run' };

test('the least configuration trains with the paper’s OHEM; paths start at the file', () => {
  const config = checkTrainConfig(LEAST, '/work/train.yaml');
  expect(config.data.path).toBe('/work/data');
  expect(config.out).toBe('/work/run');
  expect(config.mining).toMatchObject({ preset: 'paper', batchSize: 128, imagesPerBatch: 2, nmsThreshold: 0.7 });
  expect(config.proposals).toMatchObject({ from: 'stage', numProposals: 300 });
});

test('options of the sampler are the list’s', () => {
  expect(
    checkTrainConfig({ ...LEAST, imagesPerBatch: 4, sampler: { preset: 'ssd', negPosRatio: 2 } }, '/t.yaml').mining,
  ).toMatchObject({ preset: 'ssd', negPosRatio: 2, imagesPerBatch: 4 });
});

describe('what does not fit is named', () => {
  test.each([
    [{ ...LEAST, schedule: { epochs: 0 } }, 'schedule.epochs'],
    [{ ...LEAST, schedule: undefined }, 'schedule'],
    [{ ...LEAST, epochs: 3 }, 'epochs: expected no such key'],
    [{ ...LEAST, network: { inputWidth: 100 } }, 'network.inputWidth'],
    [{ ...LEAST, proposals: { from: 'selective-search' } }, 'proposals.from'],
    [{ ...LEAST, proposals: { from: 'anchors', sizes: [8] } }, 'proposals.stride'],
    [{ ...LEAST, sampler: { preset: 'hardest' } }, 'sampler.preset'],
    [{ ...LEAST, sampler: { batch: 3 } }, 'sampler.batch: expected one of preset, batchSize'],
    [{ ...LEAST, sampler: { imagesPerBatch: 3 } }, 'sampler.imagesPerBatch'],
    [{ ...LEAST, sampler: { nmsThreshold: 2 } }, 'nms-threshold: expected a number in [0, 1]'],
    [{ ...LEAST, keepPooled: true }, 'keepPooled: expected frozenBody: true'],
    [null, 'configuration'],
    ['text', 'configuration'],
  ])('%j', (value, where) => {
    expect(() => checkTrainConfig(value, '/t.yaml')).toThrow(`options: ${where}`);
  });
});

describe('files', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'train-config-'))));
  afterAll(async () => rm(folder, { recursive: true }));

  test('a missing one, and one that is no YAML', async () => {
    await expect(readTrainConfig(join(folder, 'none.yaml'))).rejects.toThrow('no such file');
    await writeFile(join(folder, 'bad.yaml'), 'a: [1');
    await expect(readTrainConfig(join(folder, 'bad.yaml'))).rejects.toThrow('options: --config: expected YAML');
  });
});
