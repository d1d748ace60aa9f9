import nodeUtil from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { prepareForTensorFlow } from '../../../src/files/before-tensorflow.js';

const util = nodeUtil as unknown as Record<string, unknown>;
const { isNullOrUndefined, isArray } = util;
afterEach(() => void Object.assign(util, { isNullOrUndefined, isArray }));

test("what the binding calls is there in a Node.js that has taken it away, as in VS Code's newest", () => {
  delete util['isNullOrUndefined'];
  delete util['isArray'];
  prepareForTensorFlow();
  const given = util['isNullOrUndefined'] as (value: unknown) => boolean;
  expect([null, undefined, 0, ''].map(given)).toEqual([true, true, false, false]);
  expect(util['isArray']).toBe(Array.isArray);
});
