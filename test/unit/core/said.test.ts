import { expect, it } from 'vitest';
import { inWords, said } from '../../../src/core/said.js';

it('puts values into their places, wherever a language has them; a place without one stays', () => {
  expect(inWords({ text: '{1} of {0}', values: [5, 'two'] })).toBe('two of 5');
  expect(inWords({ text: '{0} and {2}', values: ['{1}', '$&'] })).toBe('{1} and {2}');
});

it('is made of a template, and said in another language with the phrases in it; data stay as they are', () => {
  const phrase = said`${said`${3} boxes`} of ${'boxes'}`;
  expect(phrase).toEqual({ text: '{0} of {1}', values: [{ text: '{0} boxes', values: [3] }, 'boxes'] });
  expect(inWords(phrase)).toBe('3 boxes of boxes');
  const table: Readonly<Record<string, string>> = { '{0} of {1}': '{1}的{0}', '{0} boxes': '{0} 个框' };
  expect(inWords(phrase, (text) => table[text] ?? text)).toBe('boxes的3 个框');
  expect(inWords('boxes', () => '框')).toBe('框');
});
