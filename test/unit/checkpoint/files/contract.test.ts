import { expect, it } from 'vitest';
import * as v from 'valibot';
import { checkContract, parseContract } from '../../../../src/checkpoint/files/contract.js';
import { MiningError } from '../../../../src/core/mining-error.js';

function lineOf(act: () => unknown): number | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof MiningError) return error.hint.line;
  }
  return undefined;
}

it.each([
  ['plain', '{\n"family": "yolox",\noops\n}'],
  ['behind a byte order mark', '\uFEFF{\n"family": "yolox",\noops\n}'],
  ['with lines of Windows', '\uFEFF{\r\n"family": "yolox",\r\noops\r\n}'],
])('the line of what is no JSON, %s', (_, text) => {
  expect(lineOf(() => parseContract(text, 'm.ohem.json'))).toBe(3);
});

it('the line of a value that does not fit is that of the key that counts, the last of its name', () => {
  const text = '\uFEFF{\r\n"family": "a",\r\n"input": {\r\n"width": 1,\r\n"width": [1, "b"]}}';
  const schema = v.looseObject({ input: v.object({ width: v.array(v.number()) }) });
  const contract = parseContract(text, 'm.ohem.json');
  expect(lineOf(() => checkContract(schema, { path: 'm.ohem.json', text, contract }))).toBe(5);
});
