import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../../src/core/mining/select.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import { compareRuns, FIRST_AND_LAST, furthestFirst } from '../../../../src/run/query/compare-runs.js';
import { makeEpoch } from '../epochs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-compare-runs-'));
});
afterEach(() => rm(folder, { recursive: true }));

const epoch = (name: string, logits: Readonly<Record<string, number>>) => makeEpoch(folder, name, logits);
/** Loss of a label whose logit is so much higher than the other's, nats. */
const lossAt = (lead: number) => Math.log(1 + Math.exp(-lead));

describe('compareRuns', () => {
  const three = async () => [
    await epoch('1', { n1: 4, n2: -1, n3: 4, y1: 1, y2: -3 }),
    await epoch('2', { n1: 1, n2: 3, n3: 4, y1: -2, y2: 2 }),
    await epoch('3', { n1: 5, n2: 2, n3: 0.5, y1: 2, y2: 2 }),
  ];

  it('tells what the last checkpoint knows that the first did not, per class and example', async () => {
    const { total, classes, examples, a, b, highLoss } = await compareRuns(await three(), {
      ...FIRST_AND_LAST,
      highLoss: 0.3,
    });
    expect([a, b, highLoss]).toEqual([0, 2, 0.3]);
    expect(total).toEqual({ broken: 1, 'newly-hard': 1, fixed: 1, 'still-hard': 1, 'still-known': 1 });
    expect(classes[0]).toMatchObject({ label: 'no', fixed: 1, broken: 0, 'newly-hard': 1 });
    expect(examples.map(({ image, change }) => `${image} ${change}`)).toEqual([
      'n1 still-known',
      'n2 fixed',
      'n3 newly-hard',
      'y1 still-hard',
      'y2 broken',
    ]);
    examples[4].losses.forEach((loss, k) => expect(loss).toBeCloseTo(lossAt([3, -2, -2][k]), 5));
    expect(examples[4].margins[0]).toBeCloseTo(3, 5);
  });

  it('compares any two of them', async () => {
    const { total, examples } = await compareRuns(await three(), { a: 1, b: 2, highLoss: 9 });
    expect(total).toEqual({ broken: 1, 'newly-hard': 0, fixed: 0, 'still-hard': 1, 'still-known': 3 });
    expect(examples.find(({ change }) => change === 'broken')?.image).toBe('y1');
    await expect(compareRuns(await three(), { a: 1, b: 1, highLoss: null })).rejects.toThrow('another run than a');
    await expect(compareRuns(await three(), { a: 0, b: 3, highLoss: null })).rejects.toThrow(
      'b: expected a run from 1',
    );
  });

  it('takes what nine tenths of what A knows do not exceed as low', async () => {
    const easy = Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`n${k}`, 3 + k]));
    const paths = [
      await epoch('1', { ...easy, n9: 9, n10: 0.1, y: 5 }),
      await epoch('2', { ...easy, n9: 9, n10: 0.1, y: 5 }),
    ];
    expect((await compareRuns(paths)).highLoss).toBeCloseTo(lossAt(3), 5);
  });

  it('lists first what moved furthest', async () => {
    const compared = await compareRuns(await three());
    expect(furthestFirst(compared).map(({ image }) => image)).toEqual(['y2', 'n2', 'y1', 'n3', 'n1']);
  });

  it('leaves out images whose labels have changed', async () => {
    const [first, second] = [await epoch('1', { n1: 2, y1: 1 }), await epoch('2', { n1: 1, y1: -2 })];
    const dump = path.join(folder, '2.jsonl');
    await writeFile(dump, (await readFile(dump, 'utf8')).replace('"y1","label":1', '"y1","label":0'));
    await importDump({ dumpPath: dump, images: null, outPath: second, miningOf: defaultConfig, force: true }, () => 0);
    const { examples, notes } = await compareRuns([first, second]);
    expect([examples.map(({ image }) => image), notes]).toEqual([
      ['n1'],
      ['1 images are not in every run with the same labels and left out'],
    ]);
  });
});
