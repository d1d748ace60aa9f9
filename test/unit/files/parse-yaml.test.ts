import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/files/parse-yaml.js';

describe('parseYaml', () => {
  it('reads what people write', () => {
    const text = 'names: [a, "[", {b: 1}]\nlist:\n  - - 1\n    - 2\n  - {c: [1, 2]}\n? key\n: value\n';
    expect(parseYaml(text)).toEqual({
      names: ['a', '[', { b: 1 }],
      list: [[1, 2], { c: [1, 2] }],
      key: 'value',
    });
    expect(parseYaml(Array.from({ length: 2000 }, (_, i) => `- [${i}]`).join('\n'))).toHaveLength(2000);
  });

  // Found by `npm run fuzz`: the first took 9 seconds, the second ended the process.
  it.each([
    ['keys', '? '.repeat(400)],
    ['lists in brackets', '['.repeat(1000)],
    ['over many lines', '[\n'.repeat(1000)],
    ['objects in brackets', '{a: '.repeat(1000)],
    ['lists of lists', '- '.repeat(1000)],
    ['indentation', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses deep %s at once', (_, text) => {
    const startedAt = performance.now();
    expect(() => parseYaml(text)).toThrow(/too deeply/);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
