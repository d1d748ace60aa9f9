import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dumpImages } from '../../../../src/run/dump/dump-images.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-dump-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('looks for the first images of a dump, and no further', async () => {
  const dump = join(folder, 'dump.jsonl');
  const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
  const lines = [header, ...Array.from({ length: 30 }, (_, i) => ({ image: `${i}.png`, label: 0, logits: [1, 0] }))];
  writeFileSync(dump, lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(await dumpImages(dump, join(folder, 'nowhere'))).toEqual({
    first: '0.png',
    numLooked: 20,
    numFound: 0,
    foundAt: '',
  });
  writeFileSync(join(folder, '3.png'), '');
  const foundAt = join(folder, '3.png');
  expect(await dumpImages(dump, null)).toEqual({ first: '0.png', numLooked: 20, numFound: 1, foundAt });
  // A training writes the sixth image.
  const part = lines.slice(0, 6).map((line) => JSON.stringify(line));
  writeFileSync(dump, `${part.join('\n')}\n{"image": "5.p`);
  expect(await dumpImages(dump, null)).toEqual({ first: '0.png', numLooked: 5, numFound: 1, foundAt });
  writeFileSync(dump, '{"no": "dump"}');
  await expect(dumpImages(dump, null)).rejects.toThrow('dump');
});
