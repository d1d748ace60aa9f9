import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { PRESET_IDS, samplerOf } from '../../../../src/core/mining/samplers/index.js';
import { derivedValue, optionUse, shownOptions, takeOver } from '../../../../webview/controls/option-use.js';
import type { ImageSelection } from '../../../../webview/rows/image-selection.js';

const paper = samplerOf('paper');
const config = resolveConfig('paper');
const selection = { batchRanked: 2000, batchSelected: 64, numBatches: 1 } as ImageSelection;

describe('optionUse', () => {
  it('greys what the preset never reads', () => {
    expect(optionUse('seed', paper, config)).toBe('unused');
    expect(optionUse('batchSize', samplerOf('mmdet'), resolveConfig('mmdet'))).toBe('unused');
  });

  it('derives the keep rate from the batch size, or the other way round', () => {
    expect([optionUse('batchSize', paper, config), optionUse('keepRate', paper, config)]).toEqual(['used', 'derived']);
    const rated = resolveConfig('paper', { keepRate: 0.1 });
    expect([optionUse('batchSize', paper, rated), optionUse('keepRate', paper, rated)]).toEqual(['derived', 'used']);
  });

  it('lets a preset over whole minibatches say how far they reach', () => {
    expect(optionUse('imagesPerBatch', samplerOf('top-b'), resolveConfig('top-b'))).toBe('used');
  });
});

describe('derivedValue', () => {
  it('says what the other option comes to', () => {
    expect(derivedValue('keepRate', paper, config, selection)).toBeCloseTo(0.032, 12);
    expect(derivedValue('batchSize', paper, config, selection)).toBe(128);
    expect(derivedValue('batchSize', samplerOf('released-code'), config, selection)).toBe(64);
    expect(derivedValue('keepRate', paper, config, { ...selection, batchRanked: 0 })).toBeNull();
    const four = { ...selection, numBatches: 4 };
    expect(derivedValue('batchSize', samplerOf('released-code'), config, four)).toBe(16);
    expect(derivedValue('keepRate', paper, config, null)).toBeNull();
  });
});

describe('takeOver', () => {
  it('puts the keep rate aside when the batch size is set', () => {
    const rated = resolveConfig('paper', { keepRate: 0.1 });
    expect(takeOver('batchSize', 32, rated)).toMatchObject({ batchSize: 32, keepRate: null });
    expect(takeOver('nmsThreshold', 0.5, rated)).toMatchObject({ nmsThreshold: 0.5, keepRate: 0.1 });
    expect(takeOver('keepRate', 0.2, config)).toMatchObject({ keepRate: 0.2, batchSize: 128 });
  });
});

describe('shownOptions', () => {
  it("shows what people know, then the preset's own, each once", () => {
    for (const preset of PRESET_IDS) {
      const sampler = samplerOf(preset);
      const shown = shownOptions(sampler, false, false);
      expect(new Set(shown).size).toBe(shown.length);
      expect(shown).toEqual(expect.arrayContaining([...paper.options, ...sampler.options]));
    }
  });

  it('shows of a classification run only what decides there', () => {
    expect(shownOptions(samplerOf('top-rate'), false, true)).toEqual(['imagesPerBatch', 'keepRate']);
    expect(shownOptions(samplerOf('released-code'), false, true)).not.toContain('nmsThreshold');
    expect(shownOptions(samplerOf('all'), true, true)).toEqual([]);
  });
});
