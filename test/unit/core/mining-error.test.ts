import { describe, expect, it } from 'vitest';
import { MiningError, show, visible } from '../../../src/core/mining-error.js';

describe('one line for a person', () => {
  it('shows control characters, C1 too, and turned directions', () => {
    expect(visible('a\u0000\u001b[1m\u009b\u202e\u2066\u200f\u061cb')).toBe(
      'a\\u0000\\u001b[1m\\u009b\\u202e\\u2066\\u200f\\u061cb',
    );
    expect(visible('naïve 雪\n\t1')).toBe('naïve 雪\n\t1');
    expect(show('x\u202ey')).toBe('"x\\u202ey"');
    const { message } = new MiningError('dataset', 'a\nb', 'c\u2028d', 'e\u0085f', { file: '\u202eg' });
    expect(message).toBe('dataset: a b: expected c d, received e\\u0085f (\\u202eg)');
  });
});
