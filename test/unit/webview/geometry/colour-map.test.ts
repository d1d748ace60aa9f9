import { describe, expect, it } from 'vitest';
import { COLOUR_MAPS } from '../../../../src/host/base/settings-schema.js';
import {
  COLOUR_MAP_IDS,
  colourAt,
  colourIndex,
  colourMapOf,
  NUM_COLOURS,
} from '../../../../webview/geometry/colour-map.js';

/** WCAG relative luminance of entry i. */
function luminance(rgb: Uint8ClampedArray, i: number): number {
  const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(rgb[i * 3]) + 0.7152 * linear(rgb[i * 3 + 1]) + 0.0722 * linear(rgb[i * 3 + 2]);
}

describe.each(COLOUR_MAP_IDS)('%s', (id) => {
  const { rgb, css } = colourMapOf(id);

  it('has 256 colours as bytes and as CSS', () => {
    expect(rgb.length).toBe(NUM_COLOURS * 3);
    expect(css.length).toBe(NUM_COLOURS);
    expect(css[7]).toBe(`rgb(${rgb[21]}, ${rgb[22]}, ${rgb[23]})`);
  });

  it('grows darker from the hardest on, so that it reads without hue', () => {
    for (let i = 1; i < NUM_COLOURS; i++) expect(luminance(rgb, i)).toBeLessThan(luminance(rgb, i - 1) + 2e-3);
    for (let i = 16; i < NUM_COLOURS; i += 16) expect(luminance(rgb, i)).toBeLessThan(luminance(rgb, i - 16) - 5e-3);
  });

  it('spans from bright to dark, and is never lost on black', () => {
    expect(luminance(rgb, 0)).toBeGreaterThan(0.75);
    expect(luminance(rgb, NUM_COLOURS - 1)).toBeLessThan(0.15);
    expect(luminance(rgb, NUM_COLOURS - 1)).toBeGreaterThan(0.03);
  });
});

describe('colourMapOf', () => {
  it('knows every map that the settings offer', () => {
    expect([...COLOUR_MAP_IDS].sort()).toEqual([...COLOUR_MAPS].sort());
  });

  it('takes the first map for an unknown name', () => {
    expect(colourMapOf('rainbow')).toBe(colourMapOf(COLOUR_MAP_IDS[0]));
  });
});

describe('colourIndex', () => {
  it('runs from the hardest to the easiest and clamps', () => {
    expect([-1, 0, 0.5, 1, 2, NaN].map(colourIndex)).toEqual([0, 0, 128, 255, 255, 255]);
  });

  it('never makes a harder RoI darker', () => {
    const map = colourMapOf('inferno');
    expect(colourAt(map, 0)).toBe(map.css[0]);
    for (let k = 1; k <= 100; k++) expect(colourIndex(k / 100)).toBeGreaterThanOrEqual(colourIndex((k - 1) / 100));
  });
});
