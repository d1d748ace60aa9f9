import { expect, test } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import { sizeText } from '../../../../src/run/inspect/inspection-facts.js';

test.each([
  ['an image becomes 64 x 32', { resize: 'letterbox' }],
  ['an image becomes 64 x 32', undefined],
  ['an image goes in as large as it is', { resize: 'none' }],
  ['the size follows the image', { resize: 'shorter-side' }],
])('%s', (text, preprocess) => {
  const size = { inputWidth: 64, inputHeight: 32 };
  expect(inWords(sizeText({ ...(preprocess === undefined ? {} : { preprocess }), ...size }))).toBe(text);
});
