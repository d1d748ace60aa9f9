/** Folders as people have them, found from the top without a word of help, and read as the one table. */
import path from 'node:path';
import { expect, it } from 'vitest';
import { openDataset } from '../../src/dataset/registry.js';
import { findInputs } from '../../src/run/find/find-inputs.js';
import { makeTree, type Tree } from '../fixtures/dataset/folder-tree.js';
import { LAYOUTS, type Picture } from '../fixtures/dataset/layouts.js';
import { plainPng } from '../fixtures/dataset/plain-png.js';

const PICTURES: readonly Picture[] = [
  { name: 'a (1).png', width: 64, height: 32, objects: [{ label: 'dog', box: [0, 0, 16, 8] }] },
  { name: 'ü 猫.png', width: 32, height: 32, objects: [{ label: 'cat', box: [8.5, 4.25, 32, 32] }] },
];

/** The files of a layout, by the first that fits, with other names for its folders. */
function filesOf(kind: string, title: RegExp, images: string, rename: (file: string) => string): [string, Tree] {
  const layout = LAYOUTS.find((each) => each.kind === kind && title.test(each.title));
  if (layout === undefined) throw new Error(`no layout ${kind}`);
  const files = Object.entries(layout.write(PICTURES)).map(([file, text]) => [rename(file), text] as const);
  return [images, Object.fromEntries(files)];
}
const coco = (images: string, json: string) => filesOf('coco', /annotations/, images, () => json);

it.each<[string, [string, Tree]]>([
  ['val/ with annotations/ beside images/', coco('val/images/', 'val/annotations/instances_val.json')],
  ['any case', coco('Data/VAL/Images/', 'Data/VAL/ANNOTATIONS/Labels.JSON')],
  ['nested', filesOf('yolo', /classes/, 'work/2026/run 7/set/Images/', (file) => `work/2026/run 7/set/${file}`)],
  [
    'spaces and parentheses',
    filesOf('voc', /from 1/, 'new set (final)/JPEGImages/', (file) => `new set (final)/${file}`),
  ],
  ['Unicode', coco('данные 猫/часть é/', 'данные 猫/часть é/_annotations.coco.json')],
])('%s', async (_, [images, annotations]) => {
  const pixels = await Promise.all(
    PICTURES.map(async ({ name, width, height }) => [images + name, await plainPng(width, height)] as const),
  );
  const others = { 'notes.txt': 'hello', 'package.json': '{"images": []}', 'other/readme.md': '#' };
  const root = await makeTree({ ...others, ...Object.fromEntries(pixels), ...annotations });
  const { datasets, predictions } = await findInputs([root]);
  expect([datasets.length, predictions]).toEqual([1, []]);
  const set = await openDataset(datasets[0].path, {});
  expect([set.classes, set.warnings]).toEqual([['cat', 'dog'], []]);
  const found = set.images.id.map((id, i) => {
    const row = set.images.gtStart[i];
    const box = [set.gts.x1[row], set.gts.y1[row], set.gts.x2[row], set.gts.y2[row]];
    return { name: path.basename(id), objects: [{ label: set.classes[set.gts.gtClass[row]], box }] };
  });
  expect(found).toEqual(PICTURES.map(({ name, objects }) => ({ name, objects })));
});

it('a data.yaml with a folder a split is one data set, and what lies beside is found', async () => {
  const png = await plainPng(32, 32);
  const split = (name: string) => ({ [`${name}/images/a.png`]: png, [`${name}/labels/a.txt`]: '0 0.5 0.5 0.1 0.1\n' });
  const yaml = 'train: ../train/images\nval: ../valid/images\nnames: [cat]\n';
  const own = { ...split('set/old'), 'set/old/classes.txt': 'cat' };
  const root = await makeTree({ 'set/data.yaml': yaml, ...split('set/train'), ...split('set/valid'), ...own });
  const { datasets } = await findInputs([root]);
  expect(datasets.map((found) => path.relative(root, found.path).replaceAll(path.sep, '/')).sort()).toEqual([
    'set/data.yaml',
    'set/old',
  ]);
});
