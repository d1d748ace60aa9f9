import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NONE } from '../../../src/core/tables.js';
import { sortLabels } from '../../../src/dataset/labels/classification.js';
import { openDataset } from '../../../src/dataset/registry.js';
import { makeTree, type Tree } from '../../fixtures/dataset/folder-tree.js';

const files = (...names: string[]): Tree => Object.fromEntries(names.map((name) => [name, '']));
const labelsOf = ({ classes, gts, images }: Awaited<ReturnType<typeof openDataset>>) =>
  Object.fromEntries(images.id.map((id, i) => [id, classes[gts.gtClass[i]]]));

describe('sortLabels', () => {
  it('sorts numbers by value, anything else by code units', () => {
    expect(sortLabels(['10', '9', '-1', '2.5'])).toEqual(['-1', '2.5', '9', '10']);
    expect(sortLabels(['10', '9', 'b', 'B', 'ä'])).toEqual(['10', '9', 'B', 'b', 'ä']);
    expect(sortLabels(['1', '01', '2'])).toEqual(['01', '1', '2']);
    expect(sortLabels([])).toEqual([]);
  });
});

describe('class folders', () => {
  const read = async (tree: Tree, split?: string) =>
    openDataset(await makeTree(tree), split === undefined ? {} : { split });

  it('takes the folder below the root as class, however deep the image', async () => {
    const set = await read(
      files('cat/1.png', 'cat/deep/er/2.JPG', 'dog/3.png', 'cat/notes.txt', 'loose.png', '.hidden/4.png'),
    );
    expect(labelsOf(set)).toEqual({ 'cat/1.png': 'cat', 'cat/deep/er/2.JPG': 'cat', 'dog/3.png': 'dog' });
    expect([...set.gts.annotation]).toEqual([NONE, NONE, NONE]);
    expect(set.warnings).toEqual([expect.stringContaining('1 beside the folders, left out')]);
  });

  it('reads train by default where there are splits, another one by name', async () => {
    const tree = files('train/0/a.png', 'train/1/b.png', 'val/0/c.png', 'val/1/d.png');
    expect(await read(tree)).toMatchObject({ split: 'train', images: { numImages: 2, id: ['0/a.png', '1/b.png'] } });
    expect(await read(tree, 'val')).toMatchObject({ split: 'val', images: { id: ['0/c.png', '1/d.png'] } });
    await expect(read(tree, 'test')).rejects.toThrow(
      'class folders: expected a folder "test" of class folders, received none',
    );
    const root = await makeTree({
      ...files('out/0/a.png', 'out/1/b.png'),
      ...Object.fromEntries(Object.keys(tree).map((name) => [`set/${name}`, ''])),
    });
    await expect(openDataset(path.join(root, 'set'), { split: '../out' })).rejects.toThrow(
      'expected a folder "../out" of class folders, received none',
    );
  });

  it('follows links to class folders, once', async () => {
    const root = await makeTree({
      ...files('data/cat/1.png', 'data/cat/2.png', 'set/dog/3.png', 'set/owl/4.png'),
      'set/cat': { link: '../data/cat' },
      'set/cat2': { link: '../data/cat' },
    });
    expect(labelsOf(await openDataset(path.join(root, 'set'), {}))).toEqual({
      'cat/1.png': 'cat',
      'cat/2.png': 'cat',
      'dog/3.png': 'dog',
      'owl/4.png': 'owl',
    });
  });

  it('does not take images and labels, or splits of pictures, for classes', async () => {
    await expect(read(files('images/a.png', 'labels/a.png'))).rejects.toThrow('data set: expected one of');
    await expect(read(files('train/a.png', 'val/b.png'))).rejects.toThrow('data set: expected one of');
    await expect(read(files('only/a.png'))).rejects.toThrow('data set: expected one of');
  });

  (existsSync('../shared/data/mnist-a') ? it : it.skip)(
    'mnist-a: 400 images of ten digits (skipped where ../shared/data is absent)',
    async () => {
      const set = await openDataset('../shared/data/mnist-a', {});
      expect(set).toMatchObject({
        kind: 'folders',
        task: 'classification',
        classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
        warnings: [],
      });
      expect(set.images.numImages).toBe(400);
      const counts = new Array<number>(10).fill(0);
      for (const label of set.gts.gtClass) counts[label]++;
      expect(counts).toEqual(new Array<number>(10).fill(40));
    },
  );
});

describe('CSV', () => {
  const read = async (table: string, extra: Tree = files('a.png', 'b.png'), name = 'set.csv') =>
    openDataset(path.join(await makeTree({ [name]: table, ...extra }), name), {});

  it.each([
    ['a header', 'path,label\na.png,cat\nb.png,dog\n'],
    ['no header', 'a.png,cat\nb.png,dog'],
    ['columns the other way round', 'class;n;file_name\r\ncat;1;a.png\r\ndog;2;b.png'],
    ['label first, no header', 'cat\ta.png\ndog\tb.png'],
    ['a header of its own words', 'picture,animal\na.png,cat\nb.png,dog'],
    ['quotes and a byte order mark', '\uFEFF"path","label"\n"a.png","cat"\n"b.png","dog"'],
    ['old line ends', 'a.png,cat\rb.png,dog\r'],
  ])('reads %s', async (_, table) => {
    expect(labelsOf(await read(table))).toEqual({ 'a.png': 'cat', 'b.png': 'dog' });
  });

  it('reads quotes, commas and line breaks in fields; knows the line of each row', async () => {
    const table = 'path,label\r\n"a.png","x, ""y"""\r\n\r\n"b.png","two\r\nlines"\r\nc.png,z\r\n';
    const set = await read(table, files('a.png', 'b.png', 'c.png'));
    expect(labelsOf(set)).toEqual({ 'a.png': 'x, "y"', 'b.png': 'two\r\nlines', 'c.png': 'z' });
    expect([...set.gts.annotation]).toEqual([1, 3, 5]);
  });

  it('takes no table of boxes with a header of its own words for one of labels', async () => {
    const boxes = 'path,label,links,oben,rechts,unten\na.png,cat,1,2,9,8\na.png,dog,3,4,9,8\nb.png,cat,1,1,5,5\n';
    await expect(read(boxes)).rejects.toMatchObject({
      message: expect.stringMatching(/^dataset: header: expected .*, received "path,label,links,.*--columns/),
      hint: { columns: ['path', 'label', 'links', 'oben', 'rechts', 'unten'] },
    });
    // An image a row may be either: numbers beside the label are told.
    const features = await read('path,label,age,weight,height,dose\na.png,cat,1,2,9,8\nb.png,dog,1,1,5,5\n');
    expect(labelsOf(features)).toEqual({ 'a.png': 'cat', 'b.png': 'dog' });
    expect(features.warnings).toEqual([expect.stringMatching(/^dataset: header: .*age, weight, height, dose/)]);
    expect((await read('path,label,fold\na.png,cat,1\nb.png,dog,2\n')).warnings).toEqual([]);
  });

  it('drops rows without image or label, second rows of an image and names outside, with a warning each', async () => {
    const set = await read('path,label\na.png,cat\nb.png\n,dog\na.png,dog\n../x.png,cat\n');
    expect(labelsOf(set)).toEqual({ 'a.png': 'cat' });
    expect(set.gts.numGts).toBe(1);
    expect(set.warnings.map((line) => line.replace(/ \(.*/, ''))).toEqual([
      'dataset: line 3: expected an image and a label, received 1 columns: "b.png"',
      'dataset: line 4: expected an image and a label, received 2 columns: ",dog"',
      'dataset: line 5: expected an image that was not listed before, received "a.png"',
      expect.stringMatching(/^dataset: line 6: expected a file within .*, received "\.\.\/x\.png"$/),
    ]);
  });

  it('finds images in the folder that is named', async () => {
    const root = await makeTree({ 'set.csv': 'a.png,cat', 'elsewhere/a.png': '' });
    const set = await openDataset(path.join(root, 'set.csv'), { images: path.join(root, 'elsewhere') });
    expect(set.images.path).toEqual([path.join(root, 'elsewhere/a.png')]);
    await expect(openDataset(path.join(root, 'set.csv'), { images: path.join(root, 'gone') })).rejects.toThrow(
      'images: expected a folder, received none',
    );
  });

  it.each([
    ['path,label\na.png,"cat', 'line 2: expected CSV by RFC 4180, received "Quote Not Closed'],
    ['path,label\na.png,c"at"', 'line 2: expected CSV by RFC 4180, received "Invalid Opening Quote'],
    [
      'name,size,colour\na.png,1,red',
      'header: expected a column for the image (path, image, …) and one for the label (label, class, …), ' +
        'received "name,size,colour"',
    ],
    ['path,label\n../a.png,cat', 'images: expected at least one labelled image'],
    ['label\na.png', 'header: expected a column for the image'],
  ])('refuses %j', async (table, message) => {
    await expect(read(table)).rejects.toThrow(message);
  });
});
