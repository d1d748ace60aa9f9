import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { openDataset, splitsOf } from '../../../../src/dataset/registry.js';
import { findInputs } from '../../../../src/run/find/find-inputs.js';
import { expectSound } from '../../../fixtures/dataset/expect-sound.js';
import { addFiles, makeTree, type Tree } from '../../../fixtures/dataset/folder-tree.js';
import { plainPng } from '../../../fixtures/dataset/plain-png.js';

const png = await plainPng(40, 20);
const YAML = 'train: images\nnames: [cat, dog]\n';
const open = async (tree: Tree, options = {}) => openDataset(await makeTree(tree), options);
const withLabels = (labels: string, yaml = YAML) =>
  open({ 'data.yaml': yaml, 'images/a.png': png, 'labels/a.txt': labels });
const boxes = ({ gts }: Awaited<ReturnType<typeof open>>) =>
  Array.from({ length: gts.numGts }, (_, i) => [gts.x1[i], gts.y1[i], gts.x2[i], gts.y2[i]]);

describe('labels', () => {
  it('are fractions of the image: centre and size, or a polygon', async () => {
    const set = await withLabels('0 0.5 0.5 0.25 0.5\n\n1 0.25 0 0.5 0 0.5 0.5 0.25 0.5\n');
    expect(boxes(set)).toEqual([
      [15, 5, 25, 15],
      [10, 0, 20, 10],
    ]);
    expect([...set.gts.gtClass]).toEqual([0, 1]);
    expect([...set.gts.annotation]).toEqual([0, 2]);
    expect(set.images.annotationPath[0].endsWith('labels/a.txt')).toBe(true);
    expectSound(set);
  });

  it('are fractions of the upright image', async () => {
    const sharp = (await import('sharp')).default;
    const turned = await sharp(png).withMetadata({ orientation: 6 }).png().toBuffer();
    const set = await open({ 'data.yaml': YAML, 'images/a.png': turned, 'labels/a.txt': '0 0.5 0.5 1 1' });
    expect([set.images.width[0], set.images.height[0]]).toEqual([20, 40]);
    expect(boxes(set)).toEqual([[0, 0, 20, 40]]);
  });

  it('with flaws cost a line', async () => {
    const set = await withLabels(
      '0 0.5 0.5 1\nx 0.5 0.5 1 1\n0 0.5 0.5 0 1\n7 0.5 0.5 1 1\n0 2 2 0.5 0.5\n0 1 2 3 4 5\n1 0.5 0.5 1 1',
    );
    expect([...set.gts.gtClass]).toEqual([IGNORE, 1]);
    expect(set.warnings.map((line) => line.replace(/ \(.*/, ''))).toEqual([
      'dataset: line 1: expected 5 numbers, or a class and a polygon, received "0 0.5 0.5 1"',
      'dataset: line 2: expected 5 numbers, or a class and a polygon, received "x 0.5 0.5 1 1"',
      'dataset: line 6: expected 5 numbers, or a class and a polygon, received "0 1 2 3 4 5"',
      'dataset: line 3: expected a box with width and height above 0, received "0 0.5 0.5 0 1", dropped',
      'dataset: line 4: expected the id of a class, received 7, ignored',
      'dataset: line 5: expected a box within its image, received "0 2 2 0.5 0.5", dropped',
    ]);
  });

  it('may be absent for some images, not for all', async () => {
    const set = await open({
      'data.yaml': YAML,
      'images/a.png': png,
      'images/b.png': png,
      'labels/b.txt': '0 .5 .5 1 1',
    });
    expect([...set.images.gtStart]).toEqual([0, 0, 1]);
    expect(set.images.annotationPath[0]).toBe('');
    await expect(open({ 'data.yaml': YAML, 'images/a.png': png })).rejects.toThrow(
      'labels: expected a label file for some image',
    );
  });

  it('of an image that cannot be read are dropped', async () => {
    const set = await open({
      'data.yaml': YAML,
      'images/a.png': 'no image',
      'labels/a.txt': '0 .5 .5 1 1',
      'images/b.png': png,
      'labels/b.txt': '0 .5 .5 1 1',
    });
    expect(set.images.numImages).toBe(2);
    expect(set.gts.numGts).toBe(1);
    expect(set.warnings).toEqual([
      expect.stringContaining(
        'labels: expected an image whose size can be read, received none: its labels are fractions and were dropped',
      ),
    ]);
  });
});

describe('data.yaml', () => {
  const LABELS = '0 .5 .5 1 1';

  it('takes names as a list or by id, with gaps; numbers become names', async () => {
    expect((await withLabels(LABELS, 'train: images\nnames: {5: b, 0: a, 11: 7}')).classes).toEqual(['a', 'b', '7']);
    expect([
      ...(await withLabels('11 .5 .5 1 1\n5 .5 .5 1 1', 'train: images\nnames: {5: b, 0: a, 11: c}')).gts.gtClass,
    ]).toEqual([2, 1]);
  });

  it.each<[string, string, string, string]>([
    ['a path', 'path: set\ntrain: images/train\n', 'set/images/train/a.png', 'set/labels/train/a.txt'],
    ['a path beside the file', 'path: ../SET\ntrain: images\n', 'images/a.png', 'labels/a.txt'],
    ['Roboflow’s ../', 'train: ../train/images\n', 'train/images/a.png', 'train/labels/a.txt'],
    ['a list of folders', 'train: [x/images, y/images]\n', 'x/images/a.png', 'x/labels/a.txt'],
    ['a text list', 'train: train.txt\n', 'images/a.png', 'labels/a.txt'],
    ['labels beside the images', 'train: pictures\n', 'pictures/a.png', 'pictures/a.txt'],
  ])('finds %s', async (_, yaml, image, label) => {
    const root = await makeTree({
      [image]: png,
      [label]: LABELS,
      'y/images/b.png': png,
      'train.txt': './images/a.png\n',
    });
    await addFiles(root, { 'data.yaml': `${yaml.replace('../SET', `../${path.basename(root)}`)}names: [cat]\n` });
    const set = await openDataset(root, {});
    expect(set.images.path[0]).toBe(path.join(root, image));
    expect(set.gts.numGts).toBe(1);
  });

  it('refuses list entries outside, without opening them', async () => {
    const root = await makeTree({
      'set/data.yaml': 'train: train.txt\nnames: [cat]',
      'secret/images/x.png': png,
      'secret/labels/x.txt': LABELS,
      'set/images/a.png': png,
      'set/labels/a.txt': LABELS,
      'set/train.txt': 'images/a.png\n../secret/images/x.png\nimages/readme\n',
    });
    const inside = await openDataset(path.join(root, 'set'), {});
    expect(inside.images.id).toEqual(['images/a.png']);
    expect(inside.gts.numGts).toBe(1);
    expect(inside.warnings).toEqual([
      expect.stringContaining('1 lines that are none'),
      expect.stringContaining('image: expected a file within'),
    ]);
    await addFiles(root, { 'secret/labels/x.txt': '0 .1 .1 .1 .1' });
    expect((await openDataset(path.join(root, 'set'), {})).sha256).toBe(inside.sha256);
  });

  it('reads the split that is asked for', async () => {
    const tree = {
      'data.yaml': 'train: t/images\nval: v/images\ntest:\nnames: [cat]',
      't/images/a.png': png,
      't/labels/a.txt': LABELS,
      'v/images/b.png': png,
      'v/labels/b.txt': LABELS,
    };
    expect(await open(tree)).toMatchObject({ split: 'train', images: { id: ['t/images/a.png'] } });
    expect(await open(tree, { split: 'val' })).toMatchObject({ split: 'val', images: { id: ['v/images/b.png'] } });
    await expect(open(tree, { split: 'test' })).rejects.toThrow(
      'split: expected one of train, val with a path, received "test"',
    );
  });

  it.each([
    ['train: images\nnames: [a, a\n', 'expected valid YAML'],
    ['train: images\nnames: 5\n', 'names: expected (Array | Object), received "5"'],
    ['train: images\nnames: {cat: 0}\n', 'names'],
    ['train: images\nnames: []\n', 'names: expected at least one class, received none'],
    ['train: images\nnc: 3\nnames: [a]\n', 'nc: expected 1, the number of names, received 3'],
    ['train: 5\nnames: [a]\n', 'train: expected'],
    ['train: gone\nnames: [a]\n', 'images: expected the folder or list "gone", received none at '],
    ['train: ""\nnames: [a]\nx: &a [x,x]\ny: [*a,*b]', 'expected valid YAML'],
  ])('refuses %j', async (yaml, message) => {
    await expect(withLabels(LABELS, yaml)).rejects.toThrow(message);
  });

  it('refuses aliases that multiply', async () => {
    const bomb = Array.from(
      { length: 9 },
      (_, i) => `b${i}: &b${i} [${new Array<string>(9).fill(i === 0 ? 'x' : `*b${i - 1}`).join(',')}]`,
    ).join('\n');
    await expect(withLabels(LABELS, `${YAML}${bomb}`)).rejects.toThrow('expected valid YAML');
  });
});

describe('without a data.yaml', () => {
  const LABELS = '1 .5 .5 .5 .5\n0 .25 .25 .5 .5\n';

  it.each<[string, Tree, readonly string[]]>([
    ['images beside labels', { 'images/a.png': png, 'labels/a.txt': LABELS }, []],
    ['Images beside Labels', { 'Images/a.png': png, 'Labels/a.txt': LABELS }, []],
    ['folders of sequences', { 'images/s 1 (ü)/a.png': png, 'labels/s 1 (ü)/a.txt': LABELS }, []],
    [
      'a folder a split below',
      { 'images/val/b.png': png, 'labels/val/b.txt': '', 'images/train/a.png': png, 'labels/train/a.txt': LABELS },
      ['train', 'val'],
    ],
    [
      'a folder a split around',
      {
        'valid/images/b.png': png,
        'valid/labels/b.txt': LABELS,
        'train/images/a.png': png,
        'train/labels/a.txt': LABELS,
      },
      ['train', 'valid'],
    ],
    ['labels beside their images', { 'a.png': png, 'a.txt': LABELS }, []],
  ])('reads %s', async (_, tree, splits) => {
    const root = await makeTree({ ...tree, 'classes.txt': 'cat\r\nbig dog\r\n\r\n' });
    expect(await splitsOf(root)).toEqual(splits);
    const set = await openDataset(root, {});
    expectSound(set);
    expect(set).toMatchObject({ kind: 'yolo', split: splits[0] ?? null, classes: ['cat', 'big dog'], warnings: [] });
    expect(set.images.id.map((id) => path.basename(id))).toEqual(['a.png']);
    expect(boxes(set)).toEqual([
      [10, 5, 30, 15],
      [0, 0, 20, 10],
    ]);
    expect((await findInputs([root])).datasets.map((found) => found.path)).toEqual([root]);
  });

  it('reads what darknet reads: obj.data, obj.names and lists with a folder too many', async () => {
    const root = await makeTree({
      'obj.data': 'classes = 2\ntrain = data/train.txt\nvalid = data/val.txt\nnames = data/obj.names\nbackup = b/\n',
      'obj.names': 'cat\ndog\n',
      'train.txt': 'data/obj_train_data/a.png\n',
      'val.txt': '',
      'obj_train_data/a.png': png,
      'obj_train_data/a.txt': LABELS,
    });
    expect(await splitsOf(root)).toEqual(['train', 'val']);
    expect(await openDataset(root, {})).toMatchObject({ classes: ['cat', 'dog'], gts: { numGts: 2 }, warnings: [] });
    await addFiles(root, { 'far/obj.data': 'train = train.txt\nnames = ../obj.names\n' });
    await expect(openDataset(path.join(root, 'far/obj.data'), {})).rejects.toThrow('names: expected a file within');
  });

  it('calls classes by their numbers where nothing names them', async () => {
    const set = await open({ 'images/a.png': png, 'labels/a.txt': '10 .5 .5 .5 .5\n2 .5 .5 .5 .5\n2 .5 .5 1 1\n' });
    expect(set.classes).toEqual(['2', '10']);
    expect([...set.gts.gtClass]).toEqual([1, 0, 0]);
    expect(set.notes).toEqual([expect.stringContaining('classes are called by their numbers')]);
  });

  it('is not seen in folders of other things', async () => {
    for (const tree of [
      { 'images/a.png': png, 'labels/a.txt': 'Car 0.00 0 -1.58 587.01 173.33 614.12 200.12' },
      { 'images/a.png': png, 'labels/b.txt': LABELS },
      { 'a.png': png, 'a.txt': 'a cat on a mat' },
    ])
      await expect(open(tree)).rejects.toThrow('data set: expected one of');
  });

  it('refuses a split that is not there', async () => {
    const tree = { 'images/train/a.png': png, 'labels/train/a.txt': LABELS };
    await expect(open(tree, { split: 'dev' })).rejects.toThrow('split: expected one of train, received "dev"');
  });
});

describe('outlines', () => {
  it('become the boxes around them, said once with their number', async () => {
    const set = await withLabels('0 .25 .25 .5 .25 .5 .5 .25 .5\n0 .5 .5 .5 .5\n1 0 0 1 0 .5 1\n');
    expect(set.notes).toEqual(['2 outlines (polygons, turned boxes) became the boxes around them']);
  });

  it('are not the key points of a pose', async () => {
    const yaml = `${YAML}kpt_shape: [2, 2]\n`;
    const set = await withLabels('0 .5 .5 .5 .5 0 0 1 1\n', yaml);
    expect(boxes(set)).toEqual([[10, 5, 30, 15]]);
    expect(set.notes).toEqual([]);
  });
});
