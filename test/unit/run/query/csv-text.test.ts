import { describe, expect, it } from 'vitest';
import { csvText } from '../../../../src/run/query/csv-text.js';

describe('lines of CSV', () => {
  it('text that a spreadsheet would compute stays text; numbers stay numbers', () => {
    const hostile = ["=cmd|' /C calc'!A0", '+1', '-2', '@SUM(1)', '\tx', '＝1'];
    const rows = hostile.map((text) => ({ text }));
    expect(csvText(['text'], rows, false)).toBe("'=cmd|' /C calc'!A0\n'+1\n'-2\n'@SUM(1)\n'\tx\n'＝1\n");
    const row = { loss: -1.5, box: [-1, 2, null, 4], none: null, text: 'a-b' };
    expect(csvText(['loss', 'box', 'none', 'text'], [row], false)).toBe('-1.5,-1 2  4,,a-b\n');
  });
});
