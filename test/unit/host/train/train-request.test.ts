import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { TrainAnswers } from '../../../../src/host/train/train-inputs.js';
import { checkTrainConfig } from '../../../../src/run/train/train-config.js';
import { sampleManifest } from '../../arrow/run-sample.js';

vi.mock('vscode', () => ({ l10n: { t: (text: string) => text }, workspace: {} }));
const { beforeFile, checkSchedule, trainConfig } = await import('../../../../src/host/train/train-request.js');
const { checkEpochs, checkFolder, checkLearningRate } = await import('../../../../src/host/train/train-inputs.js');
const { miningOf } = await import('../../../../src/host/train/train-folder.js');

const folder = mkdtempSync(join(tmpdir(), 'ohem-train-request-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const answers: TrainAnswers = {
  mining: resolveConfig('paper', { batchSize: 64, imagesPerBatch: 4, nmsThreshold: 0.6 }),
  frozenBody: false,
  epochs: 5,
  learningRate: 0.002,
  validation: { on: 'training' },
  out: '/out',
};
const { dataset, ...rest } = sampleManifest();
const manifest = { ...rest, dataset: { ...dataset, numImages: 42, split: 'train' } };

describe('the configuration of a training', () => {
  it('is one that `ohem train` takes, with the run’s own data and options', () => {
    const config = trainConfig(manifest, '/m', answers, null);
    expect(config).toMatchObject({
      data: { path: '/d/a.json', images: '/d', split: 'train' },
      validation: { path: '/d/a.json', split: 'train' },
      init: '/m',
      imagesPerBatch: 4,
      frozenBody: false,
      out: '.',
    });
    expect(config.schedule).toEqual({ epochs: 5, learningRate: 0.002, warmup: 6 });
    const checked = checkTrainConfig(config, '/out/train.json');
    expect(checked).toMatchObject({
      out: '/out',
      init: '/m',
      mining: { preset: 'paper', batchSize: 64, nmsThreshold: 0.6, imagesPerBatch: 4 },
      backend: 'tensorflow',
    });
    expect(miningOf(config)).toEqual(checked.mining);
  });

  it('fits every preset', () => {
    for (const preset of [
      'paper',
      'released-code',
      'top-b',
      'top-rate',
      'mmdet',
      'tf-od',
      'ssd',
      'random',
      'bg-lo',
      'bootstrap',
      'all',
    ] as const) {
      const mining = resolveConfig(preset, { imagesPerBatch: 2 });
      const checked = checkTrainConfig(trainConfig(manifest, '/m', { ...answers, mining }, null), '/out/train.json');
      expect(checked.mining).toEqual(mining);
      expect(checked.flip).toBe(preset !== 'bootstrap');
    }
  });

  it('measures where it was told to, or not at all', () => {
    const place = (validation: TrainAnswers['validation']) =>
      trainConfig(manifest, '/m', { ...answers, validation }, null).validation;
    expect(place({ on: 'none' })).toBeUndefined();
    expect(place({ on: 'split', split: 'val' })).toEqual({ path: '/d/a.json', images: '/d', split: 'val' });
    expect(place({ on: 'data', path: '/other.json' })).toEqual({ path: '/other.json' });
    expect(beforeFile('/r.ohem', manifest, { ...answers, validation: { on: 'data', path: '/x/other.json' } })).toEqual({
      run: '/r.ohem',
      classes: manifest.classes,
      validation: 'other.json',
    });
  });

  it('tells fewer points of a long training', () => {
    expect(trainConfig({ dataset: { ...manifest.dataset, numImages: 5000 } }, '/m', answers, null)).toMatchObject({
      logEvery: 16,
      schedule: { warmup: 100 },
    });
    expect(trainConfig(manifest, '/m', answers, 'cpu')).toMatchObject({ logEvery: 1, backend: 'cpu' });
  });

  it('refuses what is no schedule', () => {
    expect(() => checkSchedule(0, 0.1)).toThrow('options: epochs');
    expect(() => checkSchedule(1, Number.NaN)).toThrow('options: learningRate');
    expect([checkEpochs('3'), checkLearningRate('1e-3')]).toEqual(['', '']);
    for (const text of ['', '0', '1.5', 'x']) expect(checkEpochs(text)).not.toBe('');
    for (const text of ['', '0', '-1', 'x']) expect(checkLearningRate(text)).not.toBe('');
    writeFileSync(join(folder, 'train.json'), '{}');
    expect([checkFolder(join(folder, 'new')), checkFolder(folder), checkFolder('here')]).toEqual([
      '',
      'This folder holds a training already',
      'An absolute path',
    ]);
  });
});
