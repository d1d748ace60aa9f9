import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gainOnImage, imageGains, type ImagesLine } from '../../../../src/run/train/image-gains.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-gains-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOTHING = { image: [], label: [], box: [] };
function line(step: number, losses: Readonly<Record<string, number>>, found: readonly number[] = []): ImagesLine {
  const id = Object.keys(losses);
  return {
    step,
    epoch: step / 2,
    classes: ['nut', 'coin'],
    id,
    path: id.map((name) => `/d/${name}`),
    width: id.map(() => 64),
    height: id.map(() => 48),
    loss: Object.values(losses),
    // Two objects of the first image, one of the second.
    objects: {
      image: found.map((_, g) => (g < 2 ? 0 : 1)),
      label: found.map(() => 1),
      box: found.map((_, g) => [g, g, g + 9, g + 9]),
      found,
    },
    detections: { ...NOTHING, score: [] },
  };
}
function training(name: string, lines: readonly unknown[], rest = ''): string {
  const out = mkdtempSync(join(folder, name));
  writeFileSync(join(out, 'images.jsonl'), lines.map((one) => `${JSON.stringify(one)}\n`).join('') + rest);
  return out;
}

describe('gains', () => {
  it('stand by image, the highest first, from step 0 to the last whole line', async () => {
    const lines = [
      line(0, { 'a.jpg': 1, 'b.jpg': 2, 'c.jpg': 3 }, [0, 1, 0]),
      line(2, { 'a.jpg': 9, 'b.jpg': 9, 'c.jpg': 9 }),
      line(4, { 'a.jpg': 1.5, 'b.jpg': 0.5, 'c.jpg': 3 }, [0, 0, 1]),
    ];
    const out = training('three', lines, JSON.stringify(line(6, { 'a.jpg': 0 })).slice(0, 30));
    const gains = await imageGains(out);
    expect(gains).toMatchObject({ step: 4, epoch: 2 });
    expect(gains?.images).toEqual([
      { id: 'b.jpg', lossBefore: 2, lossAfter: 0.5, numObjects: 1, numFoundBefore: 0, numFoundAfter: 1 },
      { id: 'c.jpg', lossBefore: 3, lossAfter: 3, numObjects: 0, numFoundBefore: 0, numFoundAfter: 0 },
      { id: 'a.jpg', lossBefore: 1, lossAfter: 1.5, numObjects: 2, numFoundBefore: 1, numFoundAfter: 0 },
    ]);
    expect(gains?.facts).toEqual({
      numBetter: 1,
      numWorse: 1,
      lossBefore: 2,
      lossAfter: 5 / 3,
      numObjects: 3,
      numFoundBefore: 1,
      numFoundAfter: 1,
    });
  });

  it('are of the images that both ends have', async () => {
    const out = training('other', [line(0, { 'a.jpg': 1, 'b.jpg': 1 }), line(2, { 'b.jpg': 0, 'c.jpg': 0 })]);
    expect((await imageGains(out))?.images.map(({ id }) => id)).toEqual(['b.jpg']);
    expect(await gainOnImage(out, 'a.jpg')).toBeNull();
  });

  it('are none without two evaluations, or of a training whose start was not measured', async () => {
    expect(await imageGains(join(folder, 'nowhere'))).toBeNull();
    expect(await imageGains(training('empty', []))).toBeNull();
    expect(await imageGains(training('one', [line(0, { 'a.jpg': 1 })]))).toBeNull();
    expect(await imageGains(training('late', [line(2, { 'a.jpg': 1 }), line(4, { 'a.jpg': 1 })]))).toBeNull();
  });

  it('of a file that no training has written are refused by its first key that does not fit', async () => {
    const out = training('theirs', [{ ...line(0, {}), loss: 'none' }, line(2, {})]);
    await expect(imageGains(out)).rejects.toMatchObject({ code: 'options', where: 'loss' });
    await expect(imageGains(training('text', ['x', 'y']))).rejects.toMatchObject({ code: 'options', where: 'images' });
  });
});

it('one image has its objects and detections at both ends', async () => {
  const after = {
    ...line(2, { 'a.jpg': 0.5, 'b.jpg': 1 }, [1, 0, 1]),
    detections: {
      image: [0, 1],
      label: [1, 0],
      box: [
        [0, 0, 8, 9],
        [1, 1, 2, 2],
      ] as [number, number, number, number][],
      score: [0.9, 0.6],
    },
  };
  const out = training('sight', [line(0, { 'a.jpg': 1, 'b.jpg': 1 }, [0, 0, 0]), after]);
  const sight = await gainOnImage(out, 'a.jpg');
  expect(sight).toMatchObject({ id: 'a.jpg', path: '/d/a.jpg', width: 64, height: 48, classes: ['nut', 'coin'] });
  expect(sight?.before.map(({ kind }) => kind)).toEqual(['missed', 'missed']);
  expect(sight?.after).toEqual([
    { kind: 'found', label: 1, box: [0, 0, 9, 9], score: null },
    { kind: 'missed', label: 1, box: [1, 1, 10, 10], score: null },
    { kind: 'detection', label: 1, box: [0, 0, 8, 9], score: 0.9 },
  ]);
});
