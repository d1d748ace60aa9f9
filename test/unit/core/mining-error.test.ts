import { describe, expect, it } from 'vitest';
import { MiningError, show, visible } from '../../../src/core/mining-error.js';
import { said } from '../../../src/core/said.js';

describe('one line for a person', () => {
  it('is English, and said in another language with the same values, shown as they must be', () => {
    const hint = { file: 'a\u202e.json', line: 7, todo: 'Name one' };
    const error = new MiningError('dataset', 'images', said`one of ${'a, b'}`, 'none', hint);
    expect(error.message).toBe('dataset: images: expected one of a, b, received none (a\\u202e.json:7). Name one');
    const table: Readonly<Record<string, string>> = {
      dataset: '数据集',
      images: '图像',
      'one of {0}': '{0} 之一',
      none: '无',
      'Name one': '请指定其中一个',
      '{0} ({1})': '{0}（{1}）',
      '{0}. {1}': '{0}。{1}',
      '{0}: {1}: expected {2}, received {3}': '{0}：{1}：应为 {2}；实际为 {3}',
    };
    expect(error.lineIn((text) => table[text] ?? text)).toBe(
      '数据集：图像：应为 a, b 之一；实际为 无（a\\u202e.json:7）。请指定其中一个',
    );
  });

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
