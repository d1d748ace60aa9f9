import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BoxOrigin } from '../../../../src/dataset/dataset.js';
import { untoldOrigin, openDataset } from '../../../../src/dataset/registry.js';
import { expectSound } from '../../../fixtures/dataset/expect-sound.js';
import { makeTree, type Tree } from '../../../fixtures/dataset/folder-tree.js';

const box = (xmin: unknown, ymin: unknown, xmax: unknown, ymax: unknown) =>
  `<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox>`;
const object = (name: string, bndbox: string, more = '') => `<object><name>${name}</name>${more}${bndbox}</object>`;
const xml = (objects: string, filename = 'a.jpg', size = '<size><width>100</width><height>80</height></size>') =>
  `<?xml version="1.0"?>\n<annotation><filename>${filename}</filename>${size}${objects}</annotation>`;
const CAT = object('cat', box(1, 1, 10, 10));
const open = async (tree: Tree, split?: string) =>
  openDataset(await makeTree(tree), split === undefined ? {} : { split });
const one = (objects: string) => open({ 'Annotations/a.xml': xml(objects), 'JPEGImages/a.jpg': '' });
const row = ({ gts }: Awaited<ReturnType<typeof open>>, i: number) => [gts.x1[i], gts.y1[i], gts.x2[i], gts.y2[i]];

describe('objects', () => {
  it('makes 1-based inclusive corners continuous boxes', async () => {
    const set = await one(
      object('cat', box(1, 1, 100, 80)) +
        object('cat', box(3, 4, 5, 6)) +
        object('cat', box('10.5', '11.25', '20.75', '30')),
    );
    expect(set.warnings).toEqual([]);
    expect([row(set, 0), row(set, 1), row(set, 2)]).toEqual([
      [0, 0, 100, 80],
      [2, 3, 5, 6],
      [9.5, 10.25, 20.75, 30],
    ]);
  });

  it.each<[string, string, BoxOrigin | undefined, BoxOrigin, number[], string]>([
    ['a corner at 0', object('cat', box(0, 5, 10, 10)), undefined, 0, [3, 4, 5, 6], 'a corner of "a" is at 0'],
    ['no corner at 0', object('cat', box(1, 5, 10, 10)), undefined, 1, [2, 3, 5, 6], 'as in the VOC devkit, no corner'],
    ['the person says 0', object('cat', box(1, 5, 10, 10)), 0, 0, [3, 4, 5, 6], 'as told'],
    ['the person says 1', object('cat', box(0, 5, 10, 10)), 1, 1, [2, 3, 5, 6], 'as told'],
  ])('count from what is told: %s', async (_, other, named, boxOrigin, expected, because) => {
    const root = await makeTree({
      'Annotations/a.xml': xml(other + object('cat', box(3, 4, 5, 6))),
      'JPEGImages/a.jpg': '',
    });
    const set = await openDataset(root, named === undefined ? {} : { boxOrigin: named });
    expect(row(set, 1)).toEqual(expected);
    expect(set).toMatchObject({ boxOrigin, warnings: [] });
    expect(set.notes[0]).toContain(`corners count from ${boxOrigin}: ${because}`);
    // A person is asked where no corner tells.
    expect(await untoldOrigin(root)).toBe(other.includes('min>0<') ? null : 1);
  });

  it('knows difficult objects, and which object of the file each is', async () => {
    const set = await one(
      object('cat', box(5, 5, 5, 9)) +
        object('dog', box(1, 1, 5, 5), '<difficult>1</difficult>') +
        object('cat', box(1, 1, 5, 5), '<difficult>0</difficult><part><name>head</name><bndbox/></part>'),
    );
    expect([...set.gts.isDifficult]).toEqual([1, 0]);
    expect([...set.gts.annotation]).toEqual([1, 2]);
    expect(set.classes).toEqual(['cat', 'dog']);
    expect(set.warnings).toEqual([
      expect.stringMatching(
        /^dataset: object\[0\]: expected a box with width and height above 0, received \[5, 5, 5, 9\]/,
      ),
    ]);
  });

  it('drops an object without a usable box or name', async () => {
    const set = await one(
      `${CAT}<object><name>cat</name></object><object>${box(1, 1, 5, 5)}</object>` +
        `${object('cat', box('x', 1, 5, 5))}${object('cat', box(200, 1, 250, 5))}`,
    );
    expect(set.gts.numGts).toBe(1);
    expect(set.warnings.map((line) => /object\[\d\]: expected \S+ \S+/.exec(line)?.[0])).toEqual([
      'object[1]: expected a box',
      'object[3]: expected a box',
      'object[2]: expected a class',
      'object[4]: expected a box',
    ]);
  });

  it('orders classes by code units, in no locale', async () => {
    expect(
      (await one(['b', 'a', 'Z', 'ä', 'a10', 'a9'].map((name) => object(name, box(1, 1, 5, 5))).join(''))).classes,
    ).toEqual(['Z', 'a', 'a10', 'a9', 'b', 'ä']);
  });

  it('decodes references of XML itself and CDATA, leaves others alone', async () => {
    const names = ['R&amp;D', '&lt;b&gt;', '&#233;&#xe9;', '<![CDATA[x<y]]>', '&nbsp;', '&amp;lt;', '&#0;&#x110000;'];
    expect((await one(names.map((name) => object(name, box(1, 1, 5, 5))).join(''))).classes).toEqual(
      ['R&D', '<b>', 'éé', 'x<y', '&nbsp;', '&lt;', '&#0;&#x110000;'].sort(),
    );
  });
});

describe('files', () => {
  const tree: Tree = Object.fromEntries(
    ['a', 'b', 'c', 'd'].flatMap((stem) => [
      [`Annotations/${stem}.xml`, xml(CAT, `${stem}.jpg`)],
      [`JPEGImages/${stem}.jpg`, ''],
    ]),
  );
  const ids = async (more: Tree, split?: string) => (await open({ ...tree, ...more }, split)).images.id;

  it('reads trainval, else train, else everything; a named list; `all`', async () => {
    const lists = {
      'ImageSets/Main/trainval.txt': 'a\nb\n',
      'ImageSets/Main/train.txt': 'a',
      'ImageSets/Main/test.txt': 'd\r\n c \r\n\r\nd',
    };
    expect(await ids(lists)).toEqual(['a.jpg', 'b.jpg']);
    expect(await ids({ 'ImageSets/Main/train.txt': 'c' })).toEqual(['c.jpg']);
    expect(await ids({})).toHaveLength(4);
    expect(await ids(lists, 'test')).toEqual(['d.jpg', 'c.jpg']);
    expect(await ids(lists, 'all')).toHaveLength(4);
    await expect(ids(lists, '../../secret')).rejects.toThrow(
      'split: expected one of test, train, trainval, all, received "../../secret"',
    );
    await expect(ids({ 'ImageSets/Main/train.txt': '\n' })).rejects.toThrow(
      'split "train": expected at least one image, received an empty list',
    );
  });

  it('leaves out images that a class list marks -1', async () => {
    expect(await ids({ 'ImageSets/Main/cat_val.txt': 'a -1\nb  1\nc  0\nd -1' }, 'cat_val')).toEqual([
      'b.jpg',
      'c.jpg',
    ]);
  });

  it('drops what a list names and the folder lacks, and names outside', async () => {
    const set = await open({ ...tree, 'ImageSets/Main/train.txt': 'a\ngone\n../JPEGImages/x' });
    expect(set.images.id).toEqual(['a.jpg']);
    expect(set.warnings).toEqual([
      expect.stringContaining('line 3: expected a name within the annotations folder'),
      expect.stringMatching(
        /annotation file: expected a readable file, received no such file or folder \(.*gone\.xml\)/,
      ),
    ]);
  });

  it('pairs by stem, whatever the extension and <filename>', async () => {
    const set = await open({
      'Annotations/a.xml': xml(CAT, 'IMG_0001.JPG'),
      'JPEGImages/a.png': '',
      'Annotations/b.xml': xml(CAT, 'other.bmp'),
      'JPEGImages/other.bmp': '',
    });
    expect(set.images.id).toEqual(['a.png', 'other.bmp']);
    expect(set.warnings).toEqual([]);
  });

  it.each([
    ['beside', '', ''],
    ['in images', '', 'images/'],
    ['in a sibling', 'labels/', 'images/'],
    ['of an Annotations folder', 'Annotations/', 'JPEGImages/'],
  ])('reads a flat folder of XML with images %s', async (_, xmlFolder, imageFolder) => {
    const root = await makeTree({ [`${xmlFolder}a.xml`]: xml(CAT), [`${imageFolder}a.jpg`]: '' });
    const set = await openDataset(path.join(root, xmlFolder), {});
    expect(set.images.path).toEqual([path.join(root, imageFolder, 'a.jpg')]);
  });

  it('drops a broken file with its line, keeps the others', async () => {
    const set = await open({
      ...tree,
      'Annotations/b.xml': '<annotation>\n<filename>b.jpg</file></annotation>',
      'Annotations/c.xml': '',
    });
    expectSound(set);
    expect(set.images.id).toEqual(['a.jpg', 'd.jpg']);
    expect(set.warnings).toEqual([
      expect.stringMatching(/^dataset: line 2 column \d+: expected valid XML, received .*b\.xml\)$/),
      expect.stringMatching(/c\.xml\)$/),
    ]);
  });

  it('refuses a DOCTYPE: no entity is ever expanded', async () => {
    const bomb =
      `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}"><!ENTITY c ` +
      `"${'&b;'.repeat(1000)}">]>${xml(CAT.replace('cat', '&c;'))}`;
    await expect(
      open({ 'Annotations/a.xml': bomb.replace('<?xml version="1.0"?>\n', ''), 'JPEGImages/a.jpg': '' }),
    ).rejects.toThrow('XML: expected no DOCTYPE');
  });

  it('says what is missing', async () => {
    await expect(open({ 'Annotations/a.xml': xml(''), 'JPEGImages/a.jpg': '' })).rejects.toThrow(
      'objects: expected at least one object with a class name, received none',
    );
    await expect(open({ 'Annotations/a.xml': xml(CAT) })).rejects.toThrow(
      /images: expected image files beside the annotations, received none in .*JPEGImages/,
    );
    const root = await makeTree({ 'Annotations/a.xml': xml(CAT), 'JPEGImages/a.jpg': '' });
    await expect(openDataset(root, { images: path.join(root, 'nowhere') })).rejects.toThrow(
      'images: expected a folder, received none',
    );
  });
});
