import { expect, it } from 'vitest';
import { inWords } from '../../../src/core/said.js';

it('puts values into their places, wherever a language has them; a place without one stays', () => {
  expect(inWords({ text: '{1} of {0}', values: [5, 'two'] })).toBe('two of 5');
  expect(inWords({ text: '{0} and {2}', values: ['{1}', '$&'] })).toBe('{1} and {2}');
});
