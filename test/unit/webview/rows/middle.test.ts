import { describe, expect, it } from 'vitest';
import { shortenName, splitName } from '../../../../webview/rows/middle.js';

const LONG = 'stainless_steel_hexagon_socket_head_cap_screw_with_flange_and_serration_m8_x_040';

describe('splitName', () => {
  it('keeps short names whole, and the end of long ones', () => {
    expect(splitName('background')).toEqual(['background', '']);
    const [first, last] = splitName(LONG);
    expect(first + last).toBe(LONG);
    expect(last).toBe('8_x_040');
  });

  it('counts characters, not code units', () => {
    expect(splitName('🔩'.repeat(15))).toEqual(['🔩'.repeat(8), '🔩'.repeat(7)]);
  });
});

describe('shortenName', () => {
  it('cuts in the middle, to the number of characters that is asked for', () => {
    expect(shortenName(LONG, 20)).toBe('stainless_st…8_x_040');
    expect(shortenName(LONG, 4)).toBe('st…0');
    expect(shortenName('cup', 2)).toBe('c…');
  });

  it('leaves what fits as it is', () => {
    expect(shortenName('cup', 3)).toBe('cup');
    expect(shortenName('', 2)).toBe('');
  });
});
