/** What is exported, read back by those that it is for. */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/dataset/registry.js';
import { decide } from '../../src/run/decisions/decisions.js';
import { exportSelection } from '../../src/run/export/export-selection.js';
import type { ExportChoice } from '../../src/run/export/export-format.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { EXPORT_CLASSES, makeExportRun } from '../export-run.js';
import { pythonLacks, runPython } from '../python.js';

let folder: string;
let run: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ohem-exports-')));
  run = await makeExportRun(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const ALL: ExportChoice = { mining: resolveConfig('paper'), backgroundBelow: 0.05, order: 'sum', most: null };
async function exported(format: string, name = 'out', choice = ALL, link = false): Promise<string> {
  const out = path.join(folder, name);
  await exportSelection(run, choice, { path: out, force: false, link }, format);
  return out;
}
const read = (...parts: readonly string[]) => readFile(path.join(...parts), 'utf8');
/** What a program's last line says: libraries print lines of their own. */
const python = (program: string, ...args: readonly string[]): unknown =>
  JSON.parse(runPython(program, args).trimEnd().split('\n').at(-1) ?? '');

/** A test by other people's code; its name says what is missing. */
function itWith(modules: readonly string[], name: string, test: () => Promise<void>): void {
  const lack = pythonLacks(...modules);
  it.skipIf(lack !== false)(lack === false ? name : `${name} (skipped: ${lack})`, test);
}

describe('YOLO', () => {
  it('has names of its own for images of several folders, the hardest first, no crowd', async () => {
    const out = await exported('yolo');
    expect((await readdir(path.join(out, 'images'))).sort()).toEqual(['x_a.jpg', 'y_a.jpg', 'z.png']);
    expect(await read(out, 'images.txt')).toBe('./images/y_a.jpg\n./images/x_a.jpg\n./images/z.png\n');
    expect(await read(out, 'labels/x_a.txt')).toBe('0 0.312500 0.416667 0.312500 0.416667\n');
    expect(await read(out, 'labels/z.txt')).toBe('');
    expect((await openDataset(out, {})).classes).toEqual(EXPORT_CLASSES);
  });

  it('links to the images where it is told to', async () => {
    const out = await exported('yolo', 'out', ALL, true);
    expect(await realpath(path.join(out, 'images/y_a.jpg'))).toBe(path.join(folder, 'pixels/y/a.jpg'));
  });

  const PROGRAM = `
import json, sys
from ultralytics.data import YOLODataset
from ultralytics.data.utils import check_det_dataset
data = check_det_dataset(sys.argv[1] + "/data.yaml", autodownload=False)
found = YOLODataset(img_path=data["train"], data=data, imgsz=64, augment=False, task="detect")
labels = [[l["im_file"].rsplit("/", 1)[1], l["cls"].ravel().tolist(), l["bboxes"].tolist()] for l in found.labels]
print(json.dumps([data["names"], labels]))
`;
  itWith(['ultralytics'], "opens in Ultralytics' loader, copied and linked", async () => {
    for (const link of [false, true]) {
      const out = await exported('yolo', `yolo-${link}`, ALL, link);
      const [names, labels] = python(PROGRAM, out) as [object, [string, number[], number[][]][]];
      expect(names).toEqual({ 0: 'cat', 1: 'a "big" dog' });
      expect(new Map(labels.map(([file, classes]) => [file, classes]))).toEqual(
        new Map([
          ['x_a.jpg', [0]],
          ['y_a.jpg', [1]],
          ['z.png', []],
        ]),
      );
      const [box] = labels.find(([file]) => file === 'x_a.jpg')?.[2] ?? [];
      expect(box?.map((side) => Math.round(side * 1e4) / 1e4)).toEqual([0.3125, 0.4167, 0.3125, 0.4167]);
    }
  });
});

describe('Pascal VOC', () => {
  it('is read back as it was, crowds as difficult', async () => {
    const out = await exported('voc');
    const { images, gts } = await openDataset(out, {});
    expect(images.numImages).toBe(3);
    expect([...gts.isDifficult]).toEqual([0, 1, 0]);
    expect([...gts.x1, ...gts.y1, ...gts.x2, ...gts.y2]).toEqual([10, 30, 0, 10, 5, 0, 30, 64, 10, 30, 40, 12]);
  });

  const PROGRAM = `
import json, sys
from torchvision.datasets import VOCDetection
found = VOCDetection(sys.argv[1], year="2012", image_set="train")
image, target = found[0]
print(json.dumps([len(found), image.size, target["annotation"]["object"]]))
`;
  itWith(['torchvision'], "opens in torchvision's VOCDetection", async () => {
    const out = await exported('voc');
    await mkdir(path.join(folder, 'root/VOCdevkit'), { recursive: true });
    await symlink(out, path.join(folder, 'root/VOCdevkit/VOC2012'));
    expect(python(PROGRAM, path.join(folder, 'root'))).toEqual([
      3,
      [64, 48],
      [
        expect.objectContaining({ name: 'cat', bndbox: { xmin: '11', ymin: '11', xmax: '30', ymax: '30' } }),
        expect.objectContaining({ name: 'a "big" dog', difficult: '1' }),
      ],
    ]);
  });
});

describe('COCO', () => {
  const ignore = { verdict: 'ignore', note: '' } as const;
  const object = { annotation: 0, label: 'cat', box: [10, 10, 30, 30] } as const;

  it('has what was decided to be ignored as iscrowd, and no image that was', async () => {
    await decide(run, 'Ada', [
      { target: { image: 'x/a.jpg', object }, decision: ignore },
      { target: { image: 'z.png' }, decision: ignore },
    ]);
    const { images, annotations } = JSON.parse(await read(await exported('coco', 'coco.json')));
    expect(images.map(({ file_name }: { file_name: string }) => file_name)).toEqual(['x/a.jpg', 'y/a.jpg']);
    expect(annotations.map(({ iscrowd }: { iscrowd: number }) => iscrowd)).toEqual([1, 1, 0]);
    expect(await read(await exported('yolo'), 'labels/x_a.txt')).toBe('');
  });

  const PROGRAM = `
import contextlib, io, json, sys
from pycocotools.coco import COCO
with contextlib.redirect_stdout(io.StringIO()):
    found = COCO(sys.argv[1])
cats = found.getAnnIds(catIds=[1], iscrowd=False)
print(json.dumps([len(found.getImgIds()), len(found.getAnnIds(iscrowd=True)), len(cats)]))
`;
  itWith(['pycocotools'], 'opens in pycocotools', async () => {
    expect(python(PROGRAM, await exported('coco', 'coco.json'))).toEqual([3, 1, 1]);
  });
});
