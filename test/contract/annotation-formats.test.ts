/** One suite for every annotation format: what the rest of the house may rely on. */
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MiningError } from '../../src/core/mining-error.js';
import { NONE } from '../../src/core/tables.js';
import type { Dataset } from '../../src/dataset/dataset.js';
import { FORMATS, annotationPlace, openDataset, splitsOf } from '../../src/dataset/registry.js';
import { FIND_LIMITS, findInputs } from '../../src/run/find/find-inputs.js';
import { addFiles, makeTree, type Tree } from '../fixtures/dataset/folder-tree.js';
import { expectSound } from '../fixtures/dataset/expect-sound.js';
import { SAMPLE_SETS, cocoDocument } from '../fixtures/dataset/sample-sets.js';

const NAMES = ['a.png', 'b.png', 'c.png'];

it('every format has a sample set', () => {
  expect(FORMATS.map((format) => format.id).sort()).toEqual(SAMPLE_SETS.map((sample) => sample.kind).sort());
});

describe.each(SAMPLE_SETS)('$kind', (sample) => {
  const { kind, open, annotation } = sample;
  const isDetection = kind !== 'csv' && kind !== 'folders';
  const make = async (names: readonly string[] = NAMES) => path.join(await makeTree(await sample.tree(names)), open);
  const rootOf = (location: string) => (open === '.' ? location : path.dirname(location));

  it('gives sound tables', async () => {
    const location = await make();
    const set = await openDataset(location, {});
    expectSound(set);
    expect(set).toMatchObject({
      kind,
      task: isDetection ? 'detection' : 'classification',
      path: location,
      classes: ['cat', 'dog'],
      warnings: [],
    });
    expect(set.images.numImages).toBe(3);
    expect(set.images.id.map((id) => path.basename(id)).sort()).toEqual(NAMES);
    const labelOf = (name: string) =>
      set.gts.gtClass[set.images.gtStart[set.images.id.findIndex((id) => id.endsWith(name))]];
    expect(NAMES.map(labelOf)).toEqual([0, 1, 0]);
  });

  it('gives boxes in continuous pixels', async () => {
    const { gts } = await openDataset(await make(), {});
    const box = isDetection ? [5, 5, 15, 25.5] : [0, 0, 0, 0];
    for (let row = 0; row < 3; row++)
      [gts.x1, gts.y1, gts.x2, gts.y2].forEach((column, c) => expect(column[row]).toBeCloseTo(box[c], 9));
  });

  it('is recognised by its own format only', async () => {
    const location = await make();
    for (const format of FORMATS)
      expect([format.id, await format.recognise(location)]).toEqual([format.id, format.id === kind]);
  });

  it('is found from above, as a path that opens as this format', async () => {
    const location = await make();
    const { datasets } = await findInputs([rootOf(location)]);
    const format = FORMATS.find(({ id }) => id === kind);
    expect(datasets.map(({ what, task }) => [what, task])).toEqual([[format?.title, format?.task]]);
    expect((await openDataset(datasets[0].path, {})).kind).toBe(kind);
  });

  it('finds its objects where they stand in the file', async () => {
    const { images, gts } = await openDataset(await make(), {});
    for (let row = 0; row < 3; row++) {
      const file = images.annotationPath[row];
      const index = gts.annotation[images.gtStart[row]];
      const place = file === '' ? null : await annotationPlace(kind, file, index);
      if (kind === 'folders') {
        expect([file, index, place]).toEqual(['', NONE, null]);
        continue;
      }
      const text = (await readFile(file, 'utf8')).slice(place?.start, place?.end);
      expect(text).toMatch(
        kind === 'coco' ? /^\{.*"bbox".*\}$/s : kind === 'voc' ? /^<object>.*<\/object>$/ : /^[^\n]+$/,
      );
      expect(await annotationPlace(kind, file, 99)).toBeNull();
      expect(await annotationPlace(kind, file, NONE)).toBeNull();
    }
    expect(await annotationPlace('dump', 'any', 0)).toBeNull();
  });

  it('gives the same tables and hash again, another hash after a change', async () => {
    const location = await make();
    const [a, b] = [await openDataset(location, {}), await openDataset(location, {})];
    expect(a).toEqual(b);
    expect(a.sha256).toMatch(/^[0-9a-f]{64}$/);
    await rm(path.join(rootOf(location), annotation));
    await addFiles(rootOf(location), await sample.tree(['b.png', 'a.png']));
    const changed = await openDataset(location, {}).then(
      (set: Dataset) => set.sha256,
      () => 'gone',
    );
    expect(changed).not.toBe(a.sha256);
  });

  it('reads names with spaces, quotes, markup, emoji and percent signs', async () => {
    const names = [
      'a b.png',
      '"q\'.png',
      '<b>&amp;.png',
      '🐈 ünï.png',
      '100%25.png',
      '-rf.png',
      '__proto__.png',
      '[1].png',
    ];
    const set = await openDataset(await make(names), {});
    expectSound(set);
    expect(set.images.id.map((id) => path.basename(id)).sort()).toEqual([...names].sort());
    expect(set.warnings).toEqual([]);
  });

  it('keeps an image whose file is missing, and warns', async () => {
    const location = await make();
    const { images } = await openDataset(location, {});
    const gone = images.id.findIndex((id) => id.endsWith('b.png'));
    await rm(images.path[gone]);
    const set = await openDataset(location, {}).catch((error: unknown) => error);
    // The files are the list: one class is left.
    if (kind === 'folders') return expect(set).toMatchObject({ code: 'dataset' });
    if (kind === 'yolo') return expect(set).toMatchObject({ images: { numImages: 2 } }); // as above
    expect(set).toMatchObject({
      images: { numImages: 3 },
    });
    // Fractions of an image that is gone are no boxes: another warning.
    expect((set as Dataset).warnings).toContainEqual(
      expect.stringMatching(/b\.png: expected an image file, received no such file/),
    );
  });

  it('ends on a loop of links', async () => {
    const location = await make();
    await addFiles(rootOf(location), {
      'loop/back': { link: '..' },
      'images/loop': { link: '..' },
      'train/cat2/again': { link: '../..' },
    });
    await findInputs([rootOf(location)], { ...FIND_LIMITS, maxDepth: 50 });
    expectSound(await openDataset(location, {}));
  });

  it('refuses a broken annotation file in one line', async () => {
    if (kind === 'folders') return;
    const location = await make(['a.png']);
    for (const broken of [
      '',
      '\0\0\0',
      '{"images": [',
      '<annotation',
      '"unclosed',
      Uint8Array.of(0xff, 0xfe, 0x41, 0x00),
    ]) {
      await rm(path.join(rootOf(location), annotation));
      await addFiles(rootOf(location), { [annotation]: broken });
      for (const format of FORMATS.filter((format) => format.id === kind)) {
        const result = await format.read(location, {}).catch((error: unknown) => error);
        if (result instanceof MiningError)
          expect(result.message).toMatch(/^dataset: [^\n]+: expected [^\n]+, received [^\n]+$/);
        else expectSound(result as Dataset);
      }
    }
  });
});

describe('openDataset', () => {
  it('lists what was tried where nothing fits', async () => {
    const utf16 = Buffer.from('\ufeff{"images": []}', 'utf16le');
    const root = await makeTree({ 'readme.md': 'hello', 'notes.txt': '', 'a.json': utf16 });
    await expect(openDataset(root, {})).rejects.toThrow(
      /^dataset: data set: .*: COCO .*; Pascal VOC .*; YOLO .*; CSV .*; class folders .*, received .*notes/,
    );
    await expect(openDataset(path.join(root, 'readme.md'), {})).rejects.toThrow(
      /received a file that begins like none of them/,
    );
    await expect(openDataset(path.join(root, 'a.json'), {})).rejects.toThrow('received a file that is no UTF-8 text');
    await expect(openDataset(path.join(root, 'gone'), {})).rejects.toThrow(
      'dataset: data set: expected a file or folder, received no such file or folder',
    );
  });

  it('recognises nothing in what is not there, and never throws', async () => {
    const root = await makeTree({ 'x.json': '[', 'y.csv': '', 'z.yaml': '\0' });
    for (const format of FORMATS) {
      for (const name of ['', 'gone', 'x.json', 'y.csv', 'z.yaml', 'null\0byte', 'x.json/below'])
        expect(await format.recognise(path.join(root, name))).toBe(false);
    }
  });
});

describe('splitsOf', () => {
  it('lists those of a VOC folder, the default first, without lists of one class', async () => {
    const voc = await SAMPLE_SETS[1].tree(['a.png']);
    const lists = { 'ImageSets/Main/val.txt': '', 'ImageSets/Main/own.txt': '', 'ImageSets/Main/cat_train.txt': '' };
    expect(await splitsOf(await makeTree({ ...voc, ...lists }))).toEqual(['train', 'val', 'own']);
    const others = await makeTree({ ...voc, ...lists });
    await rm(path.join(others, 'ImageSets/Main/train.txt'));
    expect(await splitsOf(others)).toEqual(['all', 'val', 'own']);
    expect(await splitsOf('/gone')).toEqual([]);
  });

  const png = 'x';
  const coco = JSON.stringify(cocoDocument(['a.png']));
  const yolo = (yaml: string): Tree => ({
    'data.yaml': `${yaml}names: [cat, dog]\n`,
    'images/train/a.png': png,
    'images/val/a.png': png,
    'labels/train/a.txt': '0 .5 .5 1 1',
    'labels/val/a.txt': '0 .5 .5 1 1',
  });
  const folders = (...splits: readonly string[]): Tree =>
    Object.fromEntries(splits.flatMap((split) => ['cat', 'dog'].map((label) => [`${split}/${label}/a.png`, png])));

  it.each<[string, Tree, string[], string | null]>([
    ['one JSON', { 'set.json': coco, 'a.png': png }, ['set'], 'set'],
    [
      'JSON files named by their splits',
      { 'annotations/instances_val2017.json': coco, 'annotations/instances_train2017.json': coco, 'images/a.png': png },
      ['train2017', 'val2017'],
      'train2017',
    ],
    ['a data.yaml', yolo('val: images/val\ntrain: images/train\n'), ['train', 'val'], 'train'],
    ['a data.yaml of one', yolo('val: images/val\n'), ['val'], 'val'],
    ['class folders', folders('val', 'train', 'test'), ['train', 'val', 'test'], 'train'],
    ['class folders without any', { 'cat/a.png': png, 'dog/a.png': png }, [], null],
  ])('of %s: the first is taken, and said where there are others', async (_, tree, splits, taken) => {
    const root = await makeTree(tree);
    expect(await splitsOf(root)).toEqual(splits);
    const said = `split "${taken}" was taken, of ${splits.map((split) => `"${split}"`).join(', ')}`;
    expect(await openDataset(root, {})).toMatchObject({ split: taken, notes: splits.length > 1 ? [said] : [] });
    for (const split of splits) expect(await openDataset(root, { split })).toMatchObject({ split, notes: [] });
  });
});
