import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contradicted, writeContract } from '../../../../src/checkpoint/files/write-contract.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-contract-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('makes a contract beside a model and changes only what is said', async () => {
  const model = join(folder, 'm.onnx');
  await writeFile(model, '');
  const path = join(folder, 'm.ohem.json');
  expect(await writeContract(model, { family: 'yolox', classMap: { a: 'b' } })).toBe(path);
  await writeFile(path, JSON.stringify({ family: 'yolox', classes: ['b'], classMap: { a: 'b' } }));
  expect(await writeContract(model, { family: 'yolox', classMap: { a: null } })).toBe(path);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    family: 'yolox',
    classes: ['b'],
    classMap: { a: null },
  });
});

it('keeps of a contract for another family only what any may say', async () => {
  const model = join(folder, 'o.onnx');
  await writeFile(model, '');
  const path = join(folder, 'o.ohem.json');
  const shared = { $schema: 'contract.json', title: 'Mine', classes: ['a'], classMap: { a: null }, outputs: ['inner'] };
  await writeFile(path, JSON.stringify({ family: 'nanodet', ...shared, regMax: 7 }));
  await writeContract(model, { family: 'yolox', decoded: true });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ ...shared, family: 'yolox', decoded: true });
});

it('names the keys that a person wrote otherwise', async () => {
  const model = join(folder, 'n.onnx');
  await writeFile(model, '');
  const keys = { family: 'yolox', preprocess: { std: [1, 1, 1], channels: 'rgb' } };
  expect(await contradicted(model, keys)).toBeNull();
  const path = join(folder, 'n.ohem.json');
  await writeFile(path, JSON.stringify({ family: 'yolox', title: 'Mine', preprocess: { std: [2, 2, 2], pad: 0 } }));
  expect(await contradicted(model, keys)).toEqual({ path, contradicted: ['preprocess.std'] });
  expect(await contradicted(model, { family: 'yolox', preprocess: { std: [2, 2, 2], channels: 'rgb' } })).toBeNull();
});
