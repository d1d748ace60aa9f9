import { truncate } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { cocoFormat } from '../../../../src/dataset/coco/coco.js';
import { openDataset } from '../../../../src/dataset/registry.js';
import { MAX_LINES_PER_KIND } from '../../../../src/dataset/rows/warnings.js';
import { expectSound } from '../../../fixtures/dataset/expect-sound.js';
import { addFiles, makeTree, type Tree } from '../../../fixtures/dataset/folder-tree.js';

interface Parts {
  images?: unknown;
  annotations?: unknown;
  categories?: unknown;
}

const IMAGE = { id: 1, file_name: 'a.png', width: 100, height: 80 };
const OBJECT = { image_id: 1, category_id: 1, bbox: [1, 2, 3, 4] };
const CATEGORY = { id: 1, name: 'cat' };
const json = ({ images = [IMAGE], annotations = [OBJECT], categories = [CATEGORY] }: Parts = {}) =>
  JSON.stringify({ images, annotations, categories });

/** A JSON beside its images, which need not be images to be there. */
const open = async (content: string, extra: Tree = { 'a.png': '' }) =>
  openDataset(path.join(await makeTree({ 'set.json': content, ...extra }), 'set.json'), {});
const openParts = (parts: Parts, extra?: Tree) => open(json(parts), extra);
const boxes = ({ gts }: Awaited<ReturnType<typeof open>>) =>
  Array.from({ length: gts.numGts }, (_, i) => [gts.x1[i], gts.y1[i], gts.x2[i], gts.y2[i]]);

describe('tables', () => {
  it('orders classes by category id, whatever their gaps and order', async () => {
    const set = await openParts({
      categories: [
        { id: 90, name: 'z' },
        { id: 1, name: 'm' },
        { id: 13, name: 'a' },
      ],
      annotations: [90, 1, 13].map((category_id) => ({ ...OBJECT, category_id })),
    });
    expect(set.classes).toEqual(['m', 'a', 'z']);
    expect([...set.gts.gtClass]).toEqual([2, 0, 1]);
  });

  it('groups objects by image in file order and remembers where each stands', async () => {
    const images = [IMAGE, { ...IMAGE, id: 2, file_name: 'sub/b.png' }, { ...IMAGE, id: 3, file_name: 'none.png' }];
    const annotations = [2, 1, 2, 1].map((image_id, i) => ({
      ...OBJECT,
      image_id,
      bbox: [i, 0, 5, 5],
      iscrowd: i === 2 ? 1 : 0,
    }));
    const set = await openParts({ images, annotations }, { 'a.png': '', 'sub/b.png': '', 'none.png': '' });
    expectSound(set);
    expect(set.images.id).toEqual(['a.png', 'sub/b.png', 'none.png']);
    expect([...set.images.gtStart]).toEqual([0, 2, 4, 4]);
    expect([...set.gts.annotation]).toEqual([1, 3, 0, 2]);
    expect([...set.gts.isCrowd]).toEqual([0, 0, 0, 1]);
    expect(set.warnings).toEqual([]);
  });

  it('does not mind annotations before images, string ids, a byte order mark and pretty printing', async () => {
    const document = {
      annotations: [{ ...OBJECT, image_id: 'x' }],
      categories: [CATEGORY],
      images: [{ ...IMAGE, id: 'x' }],
    };
    const set = await open(`\uFEFF${JSON.stringify(document, null, 2)}\n`);
    expect(boxes(set)).toEqual([[1, 2, 4, 6]]);
  });

  it('merges an image that is listed twice, with a warning', async () => {
    const set = await openParts({
      images: [IMAGE, { ...IMAGE, id: 2, file_name: './a.png' }],
      annotations: [OBJECT, { ...OBJECT, image_id: 2 }],
    });
    expect(set.images.numImages).toBe(1);
    expect(set.gts.numGts).toBe(2);
    expect(set.warnings).toEqual([
      expect.stringMatching(
        /^dataset: images\[1\]\.file_name: expected an image that was not listed before, received "a\.png"/,
      ),
    ]);
  });

  it('leaves boxes alone where the size of the image is unknown', async () => {
    const set = await openParts({
      images: [{ id: 1, file_name: 'a.png' }],
      annotations: [{ ...OBJECT, bbox: [-5, -5, 5000, 10] }],
    });
    expect(boxes(set)).toEqual([[-5, -5, 4995, 5]]);
    expect([set.images.width[0], set.images.height[0]]).toEqual([0, 0]);
  });
});

describe('flaws that cost a box', () => {
  const withBox = (bbox: number[]) => openParts({ annotations: [OBJECT, { ...OBJECT, bbox }] });

  it('clips a box partly outside, silently within a pixel', async () => {
    const silent = await withBox([-1, 0, 102, 80]);
    expect(boxes(silent)[1]).toEqual([0, 0, 100, 80]);
    expect(silent.warnings).toEqual([]);
    expect((await withBox([-1.25, 0, 5, 5])).warnings).toHaveLength(1);
    const loud = await withBox([-2, 70, 50, 50]);
    expect(boxes(loud)[1]).toEqual([0, 70, 48, 80]);
    expect(loud.warnings).toEqual([
      expect.stringMatching(
        /^dataset: annotations\[1\]\.bbox: expected a box within its image, received \[-2, 70, 50, 50\], clipped /,
      ),
    ]);
  });

  it.each([
    [[100, 10, 5, 5], 'within its image'],
    [[-5, 10, 5, 5], 'within its image'],
    [[10, 10, 0, 5], 'width and height above 0'],
    [[10, 10, 5, -5], 'width and height above 0'],
  ])('drops %j', async (bbox, reason) => {
    const set = await withBox(bbox);
    expect(set.gts.numGts).toBe(1);
    expect(set.warnings).toEqual([
      expect.stringContaining(
        `annotations[1].bbox: expected a box ${reason.startsWith('within') ? reason : `with ${reason}`}, ` +
          `received [${bbox.join(', ')}], dropped`,
      ),
    ]);
  });

  it('drops a box of numbers beyond float64', async () => {
    const set = await open(json({ annotations: [OBJECT, OBJECT] }).replace('[1,2,3,4]', '[1,2,1e999,4]'));
    expect(set.gts.numGts).toBe(1);
    expect(set.warnings[0]).toContain(
      'annotations[0].bbox: expected a box with width and height above 0, received [1, 2, Infinity, 4], dropped',
    );
  });

  it('drops objects of unknown images, ignores unknown categories', async () => {
    const set = await openParts({
      annotations: [
        { ...OBJECT, image_id: 7 },
        { ...OBJECT, category_id: 7 },
      ],
    });
    expect([...set.gts.gtClass]).toEqual([IGNORE]);
    expect([...set.gts.annotation]).toEqual([1]);
    expect(set.warnings).toEqual([
      expect.stringContaining('annotations[0].image_id: expected the id of an image, received 7, dropped'),
      expect.stringContaining('annotations[1].category_id: expected the id of a category, received 7, ignored'),
    ]);
  });

  it('caps warnings kind by kind and counts the rest', async () => {
    const set = await openParts({
      annotations: [
        ...Array.from({ length: 1000 }, () => ({ ...OBJECT, bbox: [0, 0, 0, 0] })),
        { ...OBJECT, image_id: 9 },
        OBJECT,
      ],
    });
    expect(set.warnings).toHaveLength(MAX_LINES_PER_KIND + 2);
    expect(set.warnings[MAX_LINES_PER_KIND]).toBe(`dataset: ${1000 - MAX_LINES_PER_KIND} more degenerate boxes`);
    expect(set.warnings.at(-1)).toContain('annotations[1000].image_id');
  });

  it('warns of a category name that stands twice', async () => {
    const set = await openParts({ categories: [CATEGORY, { id: 2, name: 'cat' }] });
    expect(set.classes).toEqual(['cat', 'cat']);
    expect(set.warnings).toEqual([expect.stringContaining('expected names that differ, received "cat" twice')]);
  });
});

describe('names that leave the image folder', () => {
  it.each(['../secret.png', '/etc/passwd', 'a/../../b.png', '..\\b.png', 'C:\\b.png', 'nul\0.png', '', '.', 'a/'])(
    'refuses %j, dropping the image',
    async (file_name) => {
      const set = await openParts({
        images: [IMAGE, { ...IMAGE, id: 2, file_name }],
        annotations: [OBJECT, { ...OBJECT, image_id: 2 }],
      });
      expectSound(set);
      expect(set.images.id).toEqual(['a.png']);
      expect(set.gts.numGts).toBe(1);
      expect(set.warnings).toEqual([expect.stringMatching(/images\[1\]\.file_name: expected a file within /)]);
    },
  );

  it('allows .. that stays inside, backslashes, and an absolute name inside', async () => {
    const root = await makeTree({ 'a.png': '', 'sub/b.png': '', 'c.png': '' });
    const names = ['sub/../a.png', 'sub\\b.png', path.join(root, 'c.png')];
    const images = names.map((file_name, id) => ({ ...IMAGE, id, file_name }));
    await addFiles(root, { 'set.json': json({ images, annotations: [{ ...OBJECT, image_id: 0 }] }) });
    const set = await openDataset(path.join(root, 'set.json'), {});
    expect(set.images.id).toEqual(['a.png', 'sub/b.png', 'c.png']);
    expect(set.warnings).toEqual([]);
  });
});

describe('structure that costs the file', () => {
  const annotations18 = (bbox: unknown) => ({
    annotations: Array.from({ length: 18 }, (_, i) => ({ ...OBJECT, bbox: i === 17 ? bbox : [1, 2, 3, 4] })),
  });

  it.each<[string, Parts, string]>([
    ['3 numbers', annotations18([1, 2, 3]), 'annotations[17].bbox: expected 4 numbers, received 3 ('],
    [
      'a string in a box',
      annotations18([1, 2, 3, '4']),
      'annotations[17].bbox: expected 4 numbers, received [1,2,3,"4"] (',
    ],
    ['no box', annotations18(undefined), 'annotations[17].bbox: expected 4 numbers, received nothing ('],
    ['a number as annotation', { annotations: [5] }, 'annotations[0]: expected an object, received 5 ('],
    ['annotations that are no list', { annotations: { a: 1 } }, 'annotations: expected an array, received {"a":1} ('],
    [
      'an image without id',
      { images: [{ file_name: 'a.png' }] },
      'images[0].id: expected an integer, received nothing (',
    ],
    ['an image without a name', { images: [{ id: 1 }] }, 'images[0].file_name: expected a string, received nothing ('],
    [
      'a negative width',
      { images: [{ ...IMAGE, width: -1 }] },
      'images[0].width: expected a number of pixels, received -1 (',
    ],
    [
      'a category without a name',
      { categories: [{ id: 1 }] },
      'categories[0].name: expected a string, received nothing (',
    ],
    [
      'a fractional id',
      { categories: [{ id: 1.5, name: 'x' }] },
      'categories[0].id: expected an integer, received 1.5 (',
    ],
    [
      'an image id twice',
      { images: [IMAGE, { ...IMAGE, file_name: 'b.png' }] },
      'images[1].id: expected an id of its own, received 1 again (',
    ],
    [
      'a category id twice',
      { categories: [CATEGORY, CATEGORY] },
      'categories: expected ids that differ, received an id twice (',
    ],
    ['no images', { images: [] }, 'images: expected at least one image, received an empty list ('],
    ['no categories', { categories: [] }, 'categories: expected at least one category, received an empty list ('],
    [
      'iscrowd 2',
      { annotations: [{ ...OBJECT, iscrowd: 2 }] },
      'annotations[0].iscrowd: expected 0 or 1, received 2 (',
    ],
  ])('%s', async (_, parts, message) => {
    await expect(openParts(parts)).rejects.toThrow(`dataset: ${message}`);
  });

  it('names a list that is not there', async () => {
    await expect(open(JSON.stringify({ images: [IMAGE], categories: [CATEGORY] }))).rejects.toThrow(
      'dataset: annotations: expected an array, received nothing',
    );
  });

  it.each([
    [
      '{"categories": [{"id": 1, "name": "é"}], "images": [\n  {"id": 1,,}\n]}',
      'line 2 column 12: expected valid JSON, received broken JSON (PropertyNameExpected)',
    ],
    ['{"images": [1, 2', 'line 1 column 17: expected a closing bracket, received the end of the file'],
    ['{"images": [1, 2}', 'line 1 column 17: expected "]", received "}"'],
    ['{"images": [] "annotations": []}', 'line 1 column 15: expected "," or "}", received "\\"annotations'],
    ['{"images": []} x', 'line 1 column 16: expected the end of the file, received "x"'],
    [
      '{\n"images": [{"id": NaN}], "annotations": [], "categories": [{"id": 1, "name": "a"}]}',
      'line 2 column 19: expected valid JSON',
    ],
  ])('points at broken JSON: %s', async (content, message) => {
    await expect(open(content)).rejects.toThrow(message);
  });

  it('refuses a file above what can be read at once, and a folder or pipe', async () => {
    const root = await makeTree({ 'a.png': '', 'set.json': json(), 'dir.json/x': '' });
    await truncate(path.join(root, 'set.json'), 2 ** 31); // sparse: takes no space
    await expect(openDataset(path.join(root, 'set.json'), {})).rejects.toThrow(
      '2147483648 bytes, more than 2147483647',
    );
    await expect(cocoFormat.read('/dev/zero', {})).rejects.toThrow(
      'annotation file: expected a readable file, received a device (/dev/zero)',
    );
  });

  it('refuses text that is no UTF-8', async () => {
    const root = await makeTree({
      'a.png': '',
      'set.json': Buffer.from(json({ categories: [{ id: 1, name: 'caf\u00e9' }] }), 'latin1'),
    });
    await expect(openDataset(path.join(root, 'set.json'), {})).rejects.toThrow(
      'encoding: expected UTF-8 text, received bytes that are no UTF-8',
    );
  });
});

describe('where files are', () => {
  const document = json();

  it.each([
    ['set/instances.json', 'set/images/a.png', 'set'],
    ['set/annotations/instances_val2017.json', 'set/val2017/a.png', 'set'],
    ['set/annotations/instances_val2017.json', 'set/images/val2017/a.png', 'set'],
    ['set/annotations/instances_val2017.json', 'set/images/a.png', 'set/annotations'],
    ['set/train/_annotations.coco.json', 'set/train/a.png', 'set'],
    ['set/val.json', 'set/val/a.png', 'set/val.json'],
    ['set/labels.json', 'set/data/a.png', 'set'],
  ])('%s with %s', async (annotation, image, location) => {
    const root = await makeTree({ [annotation]: document, [image]: '' });
    const set = await openDataset(path.join(root, location), {});
    expect(set.images.path).toEqual([path.join(root, image)]);
  });

  it('takes the folder with most of the images, or the one that is named', async () => {
    const images = ['a.png', 'b.png'].map((file_name, i) => ({ ...IMAGE, id: i + 1, file_name }));
    const root = await makeTree({
      'set.json': json({ images }),
      'a.png': '',
      'images/a.png': '',
      'images/b.png': '',
      'other/b.png': '',
    });
    expect((await openDataset(path.join(root, 'set.json'), {})).imageRoot).toBe(path.join(root, 'images'));
    const named = await openDataset(path.join(root, 'set.json'), { images: path.join(root, 'other') });
    expect(named.imageRoot).toBe(path.join(root, 'other'));
    expect(named.warnings).toEqual([expect.stringContaining('a.png: expected an image file, received no such file')]);
  });

  it('says where it looked when no image is anywhere', async () => {
    const root = await makeTree({ 'set.json': document });
    await expect(openDataset(root, {})).rejects.toThrow(
      /^dataset: images: expected image files such as "a\.png", received none in .*\. Name the folder/,
    );
  });

  it('asks which of several files, and finds one by its split', async () => {
    const root = await makeTree({
      'annotations/instances_train2017.json': document,
      'annotations/instances_val2017.json': document,
      'annotations/captions_val2017.json': document,
      'val2017/a.png': '',
    });
    const unnamed = await makeTree({ 'first.json': document, 'second.json': document, 'a.png': '' });
    await expect(openDataset(unnamed, {})).rejects.toThrow(
      'annotation file: expected one COCO JSON, received 2: first.json, second.json',
    );
    await expect(openDataset(root, { split: 'dev' })).rejects.toThrow(
      'expected one COCO JSON for split "dev", received none of annotations/instances_train2017.json',
    );
    expect(await openDataset(root, { split: 'val' })).toMatchObject({
      split: 'val',
      imageRoot: path.join(root, 'val2017'),
    });
    expect((await openDataset(path.join(root, 'annotations/instances_val2017.json'), {})).split).toBe('val2017');
  });
});
