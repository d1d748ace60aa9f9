import { describe, expect, it } from 'vitest';
import { checkOption, OPTION_KEYS, OPTIONS, type OptionKey } from '../../../../src/core/mining/mining-options.js';
import type { NumberOption } from '../../../../src/core/option-specs.js';
import { sliderScale } from '../../../../webview/controls/slider-scale.js';

const numberKeys = OPTION_KEYS.filter((key) => OPTIONS[key].kind !== 'choice');
const specOf = (key: OptionKey) => OPTIONS[key] as NumberOption;

describe.each(numberKeys)('%s', (key) => {
  const scale = sliderScale(specOf(key));

  it('slides over valid values only, in order, from end to end', () => {
    if (scale === null) return;
    let before = -Infinity;
    for (let position = 0; position <= scale.last; position++) {
      const value = scale.toValue(position);
      expect(() => checkOption(key, value)).not.toThrow();
      expect(value).toBeGreaterThanOrEqual(before);
      before = value;
    }
    expect(before).toBe(specOf(key).max);
  });

  it('finds the position of a value again', () => {
    if (scale === null) return;
    for (const position of [0, 1, Math.floor(scale.last / 3), scale.last - 1, scale.last]) {
      const value = scale.toValue(position);
      expect(scale.toValue(scale.toPosition(value))).toBe(value);
    }
  });
});

describe('sliderScale', () => {
  it('gives small batch sizes room', () => {
    const scale = sliderScale(specOf('batchSize'));
    expect(scale?.toPosition(128)).toBeGreaterThan(300);
    expect(scale?.toPosition(1)).toBeGreaterThan(0);
  });

  it('keeps the step of fine options', () => {
    expect(sliderScale(specOf('nmsThreshold'))?.toValue(57)).toBe(0.57);
    expect(sliderScale(specOf('keepRate'))?.toValue(0)).toBe(0.01);
  });

  it('offers no slider for seeds', () => {
    expect(sliderScale(specOf('seed'))).toBeNull();
  });
});
