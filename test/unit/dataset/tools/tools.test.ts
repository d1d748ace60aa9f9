/** What each format says of what is not a plain box; the rest is in test/contract. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { openDataset, splitsOf } from '../../../../src/dataset/registry.js';
import type { DatasetOptions } from '../../../../src/dataset/dataset.js';
import { makeTree, type Tree } from '../../../fixtures/dataset/folder-tree.js';
import { plainPng } from '../../../fixtures/dataset/plain-png.js';

const png = await plainPng(100, 50);
const open = async (tree: Tree, options: DatasetOptions = {}, location = '.') =>
  openDataset(path.join(await makeTree({ 'a.png': png, ...tree }), location), options);
const boxes = ({ gts }: Awaited<ReturnType<typeof open>>) =>
  Array.from({ length: gts.numGts }, (_, i) =>
    [gts.x1[i], gts.y1[i], gts.x2[i], gts.y2[i]].map((value = NaN) => Number(value.toFixed(6))),
  );
const outlines = (count: number) => `${count} outlines (polygons, turned boxes) became the boxes around them`;

it('LabelMe: outlines, shapes without area, a path that leaves the folder', async () => {
  const shape = (shape_type: string, points: number[][]) => ({ label: 'cat', shape_type, points });
  const shapes = [
    shape('rectangle', [
      [20, 30],
      [10, 5],
    ]),
    shape('polygon', [
      [1, 2],
      [30, 4],
      [5, 40],
    ]),
    shape('circle', [
      [50, 25],
      [53, 29],
    ]),
    shape('point', [[1, 1]]),
    shape('rectangle', [
      [NaN, 1],
      [2, 2],
    ]),
  ];
  const set = await open({ 'json/x.json': JSON.stringify({ shapes, imagePath: '..\\a.png' }) }, {}, 'json');
  expect(boxes(set)).toEqual([
    [10, 5, 20, 30],
    [1, 2, 30, 40],
    [45, 20, 55, 30],
  ]);
  expect(set.images.path.map((file) => path.basename(file))).toEqual(['a.png']);
  expect(set.notes).toEqual([outlines(2)]);
  expect(set.warnings.map((line) => /shapes\[\d\]: expected \S+ \S+/.exec(line)?.[0])).toEqual([
    'shapes[3]: expected a rectangle,',
    'shapes[4]: expected a box',
  ]);
});

it('CVAT: turned boxes, polygons, ellipses and masks; the points of a skeleton are counted, not read', async () => {
  const shapes =
    '<skeleton label="s"><points label="p" points="1,1"/></skeleton>' +
    '<box label="cat" xtl="40" ytl="20" xbr="60" ybr="30" rotation="90"/>' +
    '<polygon label="R&amp;D" points="1,2;30,4;5,40"/><ellipse label="cat" cx="50" cy="25" rx="10" ry="5"/>' +
    '<mask label="cat" rle="1" left="3" top="4" width="5" height="6"/><polyline label="cat" points="1,1;2,2"/>';
  const xml = `<annotations><image id="0" name="a.png" width="100" height="50">${shapes}</image></annotations>`;
  const set = await open({ 'x.xml': xml });
  expect(boxes(set)).toEqual([
    [45, 15, 55, 35],
    [1, 2, 30, 40],
    [40, 20, 60, 30],
    [3, 4, 8, 10],
  ]);
  expect([...set.gts.annotation]).toEqual([2, 3, 4, 5]);
  expect(set.classes).toEqual(['R&D', 'cat']);
  expect(set.notes).toEqual([outlines(4)]);
  expect(set.warnings).toHaveLength(2);
  await expect(open({ 'x.xml': `<!DOCTYPE x [<!ENTITY a "b">]>${xml}` })).rejects.toThrow('no DOCTYPE');
});

it('CVAT for video: frames by their number, objects that have left, frames that are not there', async () => {
  const box = (frame: number, outside: 0 | 1, x = 1) =>
    `<box frame="${frame}" outside="${outside}" keyframe="1" xtl="${x}" ytl="2" xbr="30" ybr="40"/>`;
  const tracks =
    `<track id="0" label="R&amp;D">${box(0, 0)}${box(4, 1)}</track>` +
    `<track id="1" label="cat">${box(4, 0, 5)}${box(9, 0)}<points frame="4" outside="0" points="1,1"/></track>`;
  const xml = `<annotations><meta><job><size>5</size></job></meta>${tracks}</annotations>`;
  const frames = { 'images/frame_000000.PNG': png, 'images/frame_000004.PNG': png, 'images/other.png': png };
  const set = await open({ 'x.xml': xml, ...frames });
  expect(set.images.id).toEqual(['frame_000000.PNG', 'frame_000004.PNG']);
  expect(boxes(set)).toEqual([
    [1, 2, 30, 40],
    [5, 2, 30, 40],
  ]);
  expect([set.classes, [...set.gts.annotation]]).toEqual([
    ['R&D', 'cat'],
    [0, 2],
  ]);
  expect(set.warnings).toEqual([
    expect.stringMatching(/^dataset: <points> 4: expected a box, polygon, ellipse or mask/),
    expect.stringMatching(/^dataset: frame 9: expected an image file of it in .*images, received none, its objects/),
  ]);
  await expect(openDataset(await makeTree({ 'x.xml': xml }), {})).rejects.toThrow(
    /images: expected image files, recei/,
  );
});

it('Label Studio: turned boxes, JSON-MIN, names with the mark of an upload', async () => {
  const size = { original_width: 100, original_height: 50 };
  const min = (value: object) => ({ ...size, ...value });
  const label = [
    min({ x: 10, y: 20, width: 20, height: 20, rotation: 90, rectanglelabels: ['cat'] }),
    min({
      points: [
        [1, 2],
        [30, 4],
        [5, 40],
      ],
      polygonlabels: ['dog'],
    }),
    min({ x: 50, y: 50, radiusX: 10, radiusY: 10, rotation: 0, ellipselabels: ['dog'] }),
    min({ format: 'rle', rle: [1], brushlabels: ['dog'] }),
  ];
  const set = await open({ 'x.json': JSON.stringify([{ id: 1, image: '/data/upload/1/0123abcd-a.png', label }]) });
  expect(boxes(set)).toEqual([
    [0, 10, 10, 30],
    [1, 1, 30, 20],
    [40, 20, 60, 30],
  ]);
  expect([set.images.id, set.notes]).toEqual([['a.png'], [outlines(3)]]);
  expect(set.warnings).toEqual([expect.stringContaining('"brushlabels", left out')]);
});

it('KITTI: DontCare is ignored, a short line is dropped, lists are splits', async () => {
  const line = (type: string) => `${type} -1 -1 -10 10 5 20 30 -1 -1 -1 -1000 -1000 -1000 -10\n`;
  const tree = {
    'training/image_2/000001.png': png,
    'training/label_2/000001.txt': `${line('Car')}${line('DontCare')}Car 1 2 3\n`,
    'ImageSets/train.txt': '000001\n../secret\n',
  };
  const set = await open(tree);
  expect([[...set.gts.gtClass], set.classes, set.warnings.length]).toEqual([[0, IGNORE], ['Car'], 1]);
  expect(await splitsOf(await makeTree(tree))).toEqual(['all', 'train']);
  expect(await open(tree, { split: 'train' })).toMatchObject({ split: 'train', images: { numImages: 1 } });
  await expect(open(tree, { split: 'dev' })).rejects.toThrow('split: expected one of all, train, received "dev"');
});

it('an image folder: rows of objects, numbers as categories, broken lines', async () => {
  const objects = [{ bbox: [10, 5, 10, 25], category: 3 }];
  const text = `${JSON.stringify({ file_name: 'a.png', objects })}\n{"no": 1}\nnonsense\n`;
  const set = await open({ 'metadata.jsonl': text });
  expect([boxes(set), set.classes, set.warnings.length]).toEqual([[[10, 5, 20, 30]], ['3'], 2]);
});

describe('CSV of boxes', () => {
  it('takes columns that the person names, and corners that count from 1', async () => {
    const table = 'what;pic;l;t;r;b\ncat;a.png;1;1;20;30\n;a.png;;;;\n';
    const columns = { image: 'pic', label: 'what', x1: 'l', y1: 't', x2: 'r', y2: 'b' };
    await expect(open({ 'x.csv': table }, {}, 'x.csv')).rejects.toThrow('Columns of boxes can be named with --columns');
    const told = await open({ 'x.csv': table }, {}, 'x.csv').catch((error: unknown) => error);
    expect(told).toMatchObject({ hint: { columns: ['what', 'pic', 'l', 't', 'r', 'b'] } });
    const set = await open({ 'x.csv': table }, { columns, boxOrigin: 1 }, 'x.csv');
    expect([boxes(set), set.notes]).toEqual([[[0, 0, 20, 30]], ['corners count from 1: as told']]);
    const missing = open({ 'x.csv': table }, { columns: { image: 'picture' } }, 'x.csv');
    await expect(missing).rejects.toThrow(/^dataset: header: expected columns for .*Name them with --columns/);
  });
});
