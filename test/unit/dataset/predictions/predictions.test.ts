import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPredictions, notPredictions, predictionFormatAt } from '../../../../src/dataset/predictions/registry.js';
import { openDataset } from '../../../../src/dataset/registry.js';
import { makeTree, type Tree } from '../../../fixtures/dataset/folder-tree.js';
import { plainPng } from '../../../fixtures/dataset/plain-png.js';

const coco = (names: readonly string[], categories = ['cat', 'dog']) =>
  JSON.stringify({
    images: names.map((file_name, i) => ({ id: (i + 1) * 10, file_name, width: 40, height: 30 })),
    categories: categories.map((name, i) => ({ id: (i + 1) * 5, name })),
    annotations: [{ image_id: 10, category_id: 5, bbox: [1, 1, 5, 5] }],
  });
const result = (change: object = {}) => ({ image_id: 10, category_id: 5, bbox: [1, 1, 5, 5], score: 0.5, ...change });

async function make(predictions: unknown, { names = ['a.png'], tree = {}, open = 'results.json' } = {}) {
  const png = await plainPng(40, 30);
  const text = typeof predictions === 'string' ? predictions : JSON.stringify(predictions);
  const images = Object.fromEntries(names.map((name) => [`set/${name}`, png]));
  const root = await makeTree({
    ...images,
    'set/set.json': coco(names),
    ...(open === 'results.json' && { [open]: text }),
    ...tree,
  });
  const location = path.join(root, open);
  const format = await predictionFormatAt(location);
  if (format === undefined) throw notPredictions(location);
  return openPredictions(format, location, await openDataset(path.join(root, 'set/set.json'), {}));
}

describe('predictions', () => {
  it('count what has no image, no category, no area or no score, each kind once', async () => {
    const { table, classOf, notes, warnings } = await make([
      result(),
      result({ image_id: 99 }),
      result({ image_id: 98 }),
      result({ category_id: 7 }),
      result({ bbox: [1, 1, 0, 5] }),
      result({ score: 60 }),
      result({ score: -0.00001, category_id: 10 }),
    ]);
    expect([...table.score]).toEqual([0.5, 0.5, 0]);
    expect([...classOf]).toEqual([0, -1, 1]);
    expect(notes).toEqual(['2 detections of 2 images that the data set does not have were left out, such as 99']);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^dataset: \[4\]: expected a box with width and height above 0, received \[1, 1, 1, 6\], dro/,
      ),
      expect.stringMatching(/^dataset: \[5\]: score: expected a score in \[0, 1\], received 60, dropped/),
      expect.stringMatching(/^dataset: category_id: expected the id of a category, received 7, dropped/),
    ]);
  });

  it.each([
    [
      'a list of other things',
      '[{"image_id": 1, "category_id": 2, "score": true, "bbox": []}]',
      /category_id|score: expected a number, received true/,
    ],
    ['no box', [result({ bbox: [1, 2, 3] })], /\[0\]\.bbox: expected 4 numbers, received \[1,2,3\]/],
    ['key points only', [result({ bbox: undefined })], /\[0\]\.bbox: expected 4 numbers, received nothing/],
    [
      'cut',
      '[{"image_id": 10, "category_id": 5, "score": 0.5, "bbox": [1, 2',
      /line 1 column \d+: expected a closing bracket/,
    ],
    ['two lists', `[${JSON.stringify(result())}] []`, /expected the end of the file/],
    ['an image of none', [result({ image_id: null })], /image_id: expected a text or a whole number, received null/],
    ['all of other images', [result({ image_id: 3 })], /images: expected detections of the data set’s images/],
    ['ids of other categories', [result({ category_id: 1 })], /category_id: expected ids such as 5, 10, received 1/],
  ])('are refused in one line: %s', async (_, predictions, message) => {
    await expect(make(predictions)).rejects.toThrow(message);
    await expect(make(predictions)).rejects.toThrow(/^dataset: [^\n]+$/);
  });

  it('may be none at all', async () => {
    const { table, notes } = await make([]);
    expect([table.score.length, notes]).toEqual([0, ['1 of 1 images have no detection']]);
  });

  it.each(['.pkl', '.pth', '.pt'])('never open a pickle: %s', async (ending) => {
    const open = `predictions${ending}`;
    await expect(make('', { open, tree: { [open]: '\x80\x04cos\nsystem\n' } })).rejects.toThrow(
      /received a pickle \(\.p\w+\).*never opened.*outfile_prefix.*coco_instances_results\.json/,
    );
  });

  it('find images by path, name and digits, and leave out what could be two', async () => {
    const names = ['x/a.png', 'y/a.png', 'x/000012.png', 'y/b.tar.png'];
    const read = async (image_id: string | number, data: Tree) => {
      const tree = { ...data, 'results.json': JSON.stringify([result({ image_id, category_id: 1 })]) };
      const png = await plainPng(40, 30);
      const root = await makeTree({ ...Object.fromEntries(names.map((name) => [`images/${name}`, png])), ...tree });
      const format = await predictionFormatAt(path.join(root, 'results.json'));
      const dataset = await openDataset(root, {});
      if (format === undefined) throw new Error('not recognised');
      const { table } = await openPredictions(format, path.join(root, 'results.json'), dataset).catch(() => ({
        table: { start: [0] },
      }));
      return dataset.images.id.find((_, i) => (table.start[i + 1] ?? 0) > (table.start[i] ?? 0));
    };
    const yolo: Tree = { 'data.yaml': 'path: .\ntrain: images\nnames: [cat, dog]\n', 'labels/x/a.txt': '0 .5 .5 1 1' };
    expect(await read('y/a.png', yolo)).toMatch(/y\/a\.png$/);
    expect(await read('C:\\them\\images\\x\\a.png', yolo)).toMatch(/x\/a\.png$/);
    expect(await read('a.png', yolo)).toBeUndefined();
    expect(await read('b.tar.png', yolo)).toMatch(/y\/b\.tar\.png$/);
    expect(await read('b.tar', yolo)).toMatch(/y\/b\.tar\.png$/);
    expect(await read(12, yolo)).toMatch(/x\/000012\.png$/);
  });

  it('name classes that no detection has, and map those that are called otherwise', async () => {
    const fiftyOne = (label: string) => ({
      labels: { a: [{ label, bounding_box: [0, 0, 0.5, 0.5], confidence: 0.5 }] },
    });
    const seen = await make(fiftyOne('Dog'));
    expect([seen.mapping.classes, [...seen.mapping.map], seen.mapping.notes]).toEqual([['Dog', 'cat'], [1, 0], []]);
    await expect(make(fiftyOne('hound'))).rejects.toMatchObject({
      message: /classes: expected names of the checkpoint \("hound"\), received none of them/,
      hint: { classes: { dataset: ['cat', 'dog'], checkpoint: ['hound'], family: '' } },
    });
  });

  it('are told what YOLO labels without confidences lack', async () => {
    await expect(make('', { open: 'labels', tree: { 'labels/a.txt': '0 .5 .5 1 1\n' } })).rejects.toThrow(
      /line 1: expected class x y width height confidence.*received 5 numbers.*save_conf=True/,
    );
    const outline = await make('', { open: 'labels', tree: { 'labels/a.txt': '0 .5 .5 1 1 0 0 0.75\n' } });
    expect(outline.notes).toEqual([
      "classes are numbers from 0, in the order of the data set's",
      '1 outlines (polygons, turned boxes) became the boxes around them',
    ]);
    expect([...outline.table.box]).toEqual([0, 0, 40, 30]);
    await expect(make('', { open: 'labels', tree: { 'labels/a.txt': '7 .5 .5 1 1 1\n' } })).rejects.toThrow(
      /classes: expected 8 classes as the checkpoint has, which names none, received 2/,
    );
  });

  it('are nothing that is not there, and no loop, pipe or folder of others', async () => {
    const root = await makeTree({ 'a.json': '[', 'b.txt': 'hello', 'c/x.json': '{"bboxes": [' });
    await symlink('.', path.join(root, 'loop'));
    await mkdir(path.join(root, 'labels'));
    for (const name of ['', 'gone', 'gone.json', 'a.json', 'b.txt', 'loop/loop/b.txt', 'null\0byte', 'labels'])
      expect([name, await predictionFormatAt(path.join(root, name))]).toEqual([name, undefined]);
  });

  it('are refused over a data set of labels', async () => {
    const png = await plainPng(4, 4);
    const root = await makeTree({
      'train/cat/a.png': png,
      'train/dog/b.png': png,
      'r.json': JSON.stringify([result()]),
    });
    const format = await predictionFormatAt(path.join(root, 'r.json'));
    if (format === undefined) throw new Error('not recognised');
    const dataset = await openDataset(path.join(root, 'train'), {});
    await expect(openPredictions(format, path.join(root, 'r.json'), dataset)).rejects.toThrow(
      'options: predictions: expected annotated boxes, received a data set of classification',
    );
  });
});
