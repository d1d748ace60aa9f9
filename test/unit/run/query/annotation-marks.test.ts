import { copyFile, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRun } from '../../../../src/run/file/run-writer.js';
import { annotationMarks, suspectMarks } from '../../../../src/run/query/annotation-marks.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
let file: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-marks-'));
  [file, run] = [path.join(folder, 'a.txt'), path.join(folder, 'it.ohem')];
  await writeFile(file, 'cat 0 0 1 1\ncat 0 0 2 2\ncat 0 0 3 3\n');
  const manifest = sampleManifest();
  const dataset = { ...manifest.dataset, kind: 'yolo' };
  const writer = await createRun(run, { ...manifest, dataset, createdAt: new Date(Date.now() + 5000).toISOString() });
  for (const [id, annotationPath] of [
    ['a.jpg', file],
    ['b.jpg', path.join(folder, 'b.txt')],
  ]) {
    const image = sampleImage(id, 8, 3);
    // Labels of one class in one place: duplicates.
    const [one, none] = [new Float64Array(3).fill(1), new Uint8Array(3)];
    const place = { x1: one, y1: one, x2: one.map(() => 9), y2: one.map(() => 9) };
    const labels = { ...place, gtClass: Int32Array.of(1, 1, 1), isCrowd: none, isDifficult: none };
    const gts = { ...image.gts, ...labels, annotation: Int32Array.of(2, 0, 1) };
    await writer.append({ ...image, gts, summary: { ...image.summary, annotationPath } });
  }
  await writer.finish();
  await writer.close();
});
afterEach(() => rm(folder, { recursive: true }));

const marks = () => annotationMarks(run, file, { mining: sampleManifest().mining, backgroundBelow: 0.05 });

it('says of the objects of a file what their hardest RoI is, at their lines, hardest first', async () => {
  const { marks: found, isNewer } = await marks();
  expect(isNewer).toBe(false);
  expect(found.length).toBeGreaterThan(0);
  const lines = (await readFile(file, 'utf8')).split('\n');
  for (const { imageIndex, range, rank, numSelected } of found) {
    expect(imageIndex).toBe(0);
    expect(range.end).toEqual({ line: range.start.line, character: lines[range.start.line]?.length });
    expect(rank).toBeLessThanOrEqual(numSelected);
  }
  const losses = found.map(({ loss }) => loss);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
});

it('says nothing of a file that was written after the run', async () => {
  const later = new Date(Date.now() + 60_000);
  await utimes(file, later, later);
  expect(await marks()).toEqual({ marks: [], isNewer: true });
});

it('finds no label to check in a file that is gone, and goes on with the others', async () => {
  const filesOf = async () => [...new Set((await suspectMarks(run)).map((mark) => mark.file))];
  const other = path.join(folder, 'b.txt');
  await copyFile(file, other);
  expect((await filesOf()).sort()).toEqual([file, other]);
  await rm(file);
  expect(await filesOf()).toEqual([other]);
  expect(await marks()).toEqual({ marks: [], isNewer: true });
});

it('says nothing of a file that is gone', async () => {
  await rm(file);
  expect(await marks()).toEqual({ marks: [], isNewer: true });
});
