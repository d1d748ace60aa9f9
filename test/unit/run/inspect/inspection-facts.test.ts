import { expect, test } from 'vitest';
import { sizeText } from '../../../../src/run/inspect/inspection-facts.js';

test.each([
  ['an image becomes 64 x 32', { resize: 'letterbox' }],
  ['an image becomes 64 x 32', undefined],
  ['an image goes in as large as it is', { resize: 'none' }],
  ['the size follows the image', { resize: 'shorter-side' }],
])('%s', (text, preprocess) => {
  expect(sizeText({ ...(preprocess === undefined ? {} : { preprocess }), inputWidth: 64, inputHeight: 32 })).toBe(text);
});
