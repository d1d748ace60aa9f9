import { describe, expect, it } from 'vitest';
import {
  countOf,
  formatCount,
  formatDuration,
  formatLoss,
  formatPercent,
  formatScore,
  formatShare,
} from '../../../../webview/rows/format.js';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('numbers as people read them', () => {
  it('counts in groups of three', () => {
    expect([0, 12, 999, 1000, 3549, 1234567].map((n) => plain(formatCount(n)))).toEqual([
      '0',
      '12',
      '999',
      '1 000',
      '3 549',
      '1 234 567',
    ]);
    const texts = [1, 7, 0, 2000].map((value) => countOf(value, '{0} RoI', '{0} RoIs'));
    expect(texts.map(plain)).toEqual(['1 RoI', '7 RoIs', '0 RoIs', '2 000 RoIs']);
  });

  it('gives a zoom in per cent', () => {
    expect([0.94, 1, 0.0625, 64].map((n) => plain(formatPercent(n)))).toEqual(['94 %', '100 %', '6.3 %', '6 400 %']);
  });

  it('gives losses two decimals, small ones two figures, and names what is no number', () => {
    expect([15.678, 0.0031, 0, 1234.5, NaN, Infinity].map((n) => plain(formatLoss(n)))).toEqual([
      '15.68',
      '0.0031',
      '0.00',
      '1 235',
      'NaN',
      'Infinity',
    ]);
  });

  it('writes shares without the zero', () => {
    expect([0.7, 1, 0, NaN].map((n) => formatShare(n))).toEqual(['.70', '1.00', '.00', '–']);
    expect([0.98, 0.051, 0.0003, 0, NaN].map(formatScore)).toEqual(['.98', '.051', '.00030', '.00', '–']);
  });

  it('tells time in the unit a person would', () => {
    expect([0.2, 40, 180, 4800].map(formatDuration)).toEqual(['1 s', '40 s', '3 min', '80 min']);
    expect(formatDuration(7000)).toBe('1 h 57 min');
  });
});
