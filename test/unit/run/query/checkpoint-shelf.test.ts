import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANGE_IDS } from '../../../../src/core/reports/checkpoint-changes.js';
import { SCATTER_BINS, type CheckpointQuery } from '../../../../src/protocol/checkpoint-messages.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { CheckpointShelf } from '../../../../src/run/query/checkpoint-shelf.js';
import { stepOf } from '../../../../src/run/query/checkpoint-table.js';
import { NOBODY } from '../../../../src/run/query/observed-runs.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';
import { makeEpoch } from '../epochs.js';

let folder: string;
let shelf: CheckpointShelf;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-shelf-'));
  shelf = new CheckpointShelf();
});
afterEach(async () => {
  await shelf.close();
  await rm(folder, { recursive: true });
});

const ALL: CheckpointQuery = {
  a: null,
  b: null,
  highLoss: 0.3,
  changes: [],
  label: null,
  area: null,
  sort: 'moved',
};
const epochs = async () => [
  await makeEpoch(folder, '1', { n1: 4, n2: -1, n3: 4, y1: 1, y2: -3 }),
  await makeEpoch(folder, '2', { n1: 1, n2: 3, n3: 4, y1: -2, y2: 2 }),
  await makeEpoch(folder, '3', { n1: 5, n2: 2, n3: 0.5, y1: 2, y2: 3 }),
];
const page = (query: CheckpointQuery, first = 0, most = 100) => ({ query, first, most });

describe('the comparison of checkpoints', () => {
  it('counts by change and class, and lists what moved furthest first', async () => {
    const paths = await epochs();
    await shelf.read(paths, false, NOBODY);
    const answer = await shelf.query(paths, ALL);
    expect(answer).toMatchObject({ a: 0, b: 2, numLooks: 3, numExamples: 5, numShown: 5 });
    expect(answer.read).toEqual({ numDone: 15, numTotal: 15 });
    expect(answer.byClass.map(({ label, counts }) => [label, counts])).toEqual([
      [0, [0, 1, 1, 0, 1]],
      [1, [1, 0, 0, 1, 0]],
    ]);
    const rows = await shelf.page(paths, page(ALL));
    expect(rows.map(({ image, change }) => `${image} ${change}`)).toEqual([
      'y2 broken',
      'n2 fixed',
      'y1 still-hard',
      'n3 newly-hard',
      'n1 still-known',
    ]);
    expect(rows[0]).toMatchObject({ gt: null, label: 'yes', forgotten: 1, firstLearned: 0 });
    expect((await shelf.page(paths, page(ALL, 3, 1))).map(({ image }) => image)).toEqual(['n3']);
  });

  it('filters by change, class and part of the scatter; each count is of what the other filters leave', async () => {
    const paths = await epochs();
    const some: CheckpointQuery = { ...ALL, changes: ['broken', 'fixed'], label: 1 };
    expect(await shelf.query(paths, some)).toMatchObject({ numShown: 1 });
    const { scatter } = await shelf.query(paths, ALL);
    expect(scatter.cells.reduce((sum, cell) => sum + cell[3], 0)).toBe(5);
    const [a, b, code] = scatter.cells.find((cell) => CHANGE_IDS[cell[2]] === 'broken') ?? [-1, -1, -1];
    const area = { a: { first: a, last: a }, b: { first: b, last: b } };
    const found = await shelf.query(paths, { ...ALL, area });
    expect(found.byClass.map(({ label, counts }) => [label, counts[code]])).toEqual([[1, 1]]);
    expect(found.scatter).toEqual(scatter);
  });

  it('puts in order by loss, area under the margin and forgetting', async () => {
    const paths = await epochs();
    const first = async (sort: CheckpointQuery['sort']) =>
      (await shelf.page(paths, page({ ...ALL, sort }, 0, 1)))[0]?.image;
    expect([await first('loss-a'), await first('loss-b'), await first('aum'), await first('forgotten')]).toEqual([
      'n2',
      'y2',
      'y2',
      'y1',
    ]);
  });

  it('tells an example as both see it', async () => {
    const paths = await epochs();
    const [before, after] = await shelf.example(paths, { image: 'y2', gt: null, a: 0, b: 2 });
    expect(before).toMatchObject({ look: 0, run: 0, gtBox: null, roi: { known: true, box: null } });
    expect(after).toMatchObject({ look: 2, run: 2, roi: { known: false } });
    expect(after.roi?.scores[0]?.[0]).toBe('no');
    await expect(shelf.example(paths, { image: 'zz', gt: null, a: 0, b: 2 })).rejects.toThrow('one that is compared');
  });

  it('answers with what has been read when it was stopped, and goes on', async () => {
    const paths = ['a', 'b'].map((name) => path.join(folder, `${name}.ohem`));
    for (const file of paths) {
      const writer = await createRun(file, sampleManifest());
      for (let i = 0; i < 150; i++) await writer.append(sampleImage(`${i}.jpg`, 4, 1));
      await writer.close();
    }
    const stop = new AbortController();
    const reading = shelf.read(paths, false, { tell: () => stop.abort(new Error('stopped')), signal: stop.signal });
    await expect(reading).rejects.toThrow('stopped');
    const part = await shelf.query(paths, ALL);
    expect(part).toMatchObject({ numExamples: 64, read: { numDone: 128, numTotal: 300 }, notes: [] });
    expect(part.runs[0]).toMatchObject({ numImages: 150, complete: false });
    await shelf.read(paths, false, NOBODY);
    expect(await shelf.query(paths, ALL)).toMatchObject({ numExamples: 150 });
    const [side] = await shelf.example(paths, { image: '3.jpg', gt: 0, a: 0, b: 1 });
    expect(side.gtBox).toHaveLength(4);
  });

  it('keeps what it read of a file that was removed, until it is asked to read again', async () => {
    const paths = await epochs();
    await shelf.read(paths, false, NOBODY);
    await rm(paths[0] ?? '');
    const [side] = await shelf.example(paths, { image: 'y2', gt: null, a: 0, b: 2 });
    expect(side.roi?.known).toBe(true);
    await expect(shelf.read(paths, true, NOBODY)).rejects.toThrow('run-file: open');
  });

  it('says that losses were computed in different ways', async () => {
    const paths = ['a', 'b'].map((name) => path.join(folder, `${name}.ohem`));
    for (const [i, file] of paths.entries()) {
      const writer = await createRun(file, sampleManifest(i === 0 ? {} : { lossSource: 'training' }));
      await writer.append(sampleImage('x.jpg', 4, 1));
      await writer.close();
    }
    const { notes } = await shelf.query(paths, ALL);
    expect(notes[0]).toMatch(/computed in different ways/);
  });
});

describe('a step of the scatter', () => {
  it('is logarithmic and never beyond the axis; no loss has a step of its own', () => {
    expect([0, 7, Infinity, NaN].map((loss) => stepOf(loss, 7))).toEqual([0, SCATTER_BINS - 1, SCATTER_BINS - 1, 48]);
    expect(stepOf(1, 3)).toBe(SCATTER_BINS / 2);
    expect(stepOf(0, 0)).toBe(0);
  });
});
