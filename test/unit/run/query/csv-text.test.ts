import { describe, expect, it } from 'vitest';
import { csvText } from '../../../../src/run/query/csv-text.js';

describe('CSV', () => {
  it('has a first line with the fields, and one line a record', () => {
    expect(csvText(['b', 'a'], [{ a: 1, b: 'x' }])).toBe('b,a\nx,1\n');
    expect(csvText(['a'], [{ a: 0.1 }, { a: 1e-21 }], false)).toBe('0.1\n1e-21\n');
    expect(csvText(['a', 'b'], [])).toBe('a,b\n');
    expect(csvText<{ a: number }>(['a'], [], false)).toBe('');
  });

  it('quotes what a reader would take apart: commas, quotes and both halves of a line break', () => {
    const texts = ['a,b', 'say "no"', 'line\nfeed', 'carriage\rreturn', ' spaces '];
    const lines = ['"a,b"', '"say ""no"""', '"line\nfeed"', '"carriage\rreturn"', ' spaces '];
    expect(
      csvText(
        ['t'],
        texts.map((t) => ({ t })),
        false,
      ),
    ).toBe(`${lines.join('\n')}\n`);
  });

  it('leaves unknown values empty, alone and in boxes', () => {
    const record = { score: null, box: [1, null, 2.5, 4], none: null };
    expect(csvText(['score', 'box', 'none'], [record], false)).toBe(',1  2.5 4,\n');
  });
});
