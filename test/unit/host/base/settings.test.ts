import { beforeEach, describe, expect, it, vi } from 'vitest';

const { values } = vi.hoisted(() => ({ values: new Map<string, unknown>() }));
vi.mock('vscode', () => ({
  workspace: {
    getConfiguration: () => ({
      get: (name: string, otherwise: unknown) => values.get(name) ?? otherwise,
      inspect: (name: string) => ({ defaultValue: 'paper', workspaceValue: values.get(name) }),
    }),
  },
}));
const { miningConfig } = await import('../../../../src/host/base/settings.js');
const { defaultConfig, presetConfig, resolveConfig } = await import('../../../../src/core/mining/select.js');

describe('the configuration of a new run', () => {
  beforeEach(() => values.clear());

  it('untouched: the default of its task', () => {
    expect(miningConfig('detection')).toEqual(defaultConfig('detection'));
    expect(miningConfig('classification')).toEqual(defaultConfig('classification'));
    expect(miningConfig('classification').preset).not.toBe(miningConfig('detection').preset);
  });

  it('a chosen preset is that of both tasks, with its own defaults', () => {
    values.set('mining.preset', 'mmdet');
    expect(miningConfig('detection')).toEqual(resolveConfig('mmdet'));
    expect(miningConfig('classification')).toEqual(presetConfig('classification', 'mmdet'));
    expect(miningConfig('classification', { preset: 'ssd' })).toEqual(presetConfig('classification', 'ssd'));
    expect(miningConfig('classification').imagesPerBatch).toBe(128);
  });

  it('options that were set change the default, and arguments change both', () => {
    values.set('mining.keepRate', 0.5);
    values.set('mining.imagesPerBatch', 4);
    expect(miningConfig('classification')).toEqual({
      ...defaultConfig('classification'),
      keepRate: 0.5,
      imagesPerBatch: 4,
    });
    expect(miningConfig('classification', { keepRate: null, seed: 3 })).toEqual({
      ...defaultConfig('classification'),
      keepRate: null,
      imagesPerBatch: 4,
      seed: 3,
    });
  });

  it('refuses what is out of range', () => {
    expect(() => miningConfig('detection', { batchSize: -1 })).toThrow(
      'options: batch-size: expected an integer in [0, 1000000], received -1',
    );
    values.set('mining.preset', 'hardest');
    expect(() => miningConfig('detection')).toThrow('options: preset: expected one of paper');
  });
});
