import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FIND_LIMITS, findInputs } from '../../../src/host/find-inputs.js';

let root = '';
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ohem-find-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
async function find(limits = FIND_LIMITS) {
  const { checkpoints, datasets, runs, truncated } = await findInputs([root], limits);
  const names = (inputs: typeof checkpoints) => inputs.map(({ path, kind }) => `${kind} ${relative(root, path)}`).sort();
  return { checkpoints: names(checkpoints), datasets: names(datasets), runs: runs.map((path) => relative(root, path)).sort(), truncated };
}

const COCO = '{"images": [{"id": 1}], "annotations": [], "categories": []}';
const TFJS = '{"format": "graph-model", "modelTopology": {}, "weightsManifest": []}';

describe('finding what can be mined', () => {
  it('checkpoints: ONNX, TensorFlow.js by what is inside, folders with a contract once', async () => {
    put({ 'a/net.onnx': '', 'b/model.json': TFJS, 'b/w.bin': '', 'c/ohem.json': '{}', 'c/rpn.json': TFJS, 'c/head/model.json': TFJS, 'c/data/labels.json': COCO, 'd/config.json': '{"a": 1}', 'e/x.ohem.json': '{"images": []}' });
    expect((await find()).checkpoints).toEqual(['contract c', 'onnx a/net.onnx', 'tfjs b/model.json']);
  });

  it('image sets: COCO by what is inside, VOC, YOLO and class folders by their layout', async () => {
    put({
      'coco/annotations/instances_val.json': COCO,
      'coco/annotations/captions_val.json': COCO,
      'own/labels.json': COCO,
      'voc/Annotations/1.xml': '',
      'voc/JPEGImages/1.jpg': '',
      'yolo/data.yaml': 'train: images/train\nnames:\n  - cat\n',
      'digits/3/1.png': '',
      'digits/8/1.png': '',
      'split/train/1.png': '',
      'split/val/1.png': '',
    });
    expect((await find()).datasets).toEqual(['coco coco/annotations/instances_val.json', 'coco own/labels.json', 'folders digits', 'voc voc', 'yolo yolo/data.yaml']);
  });

  it('runs', async () => {
    put({ 'ohem-runs/a.ohem': '', 'ohem-runs/b.OHEM': '' });
    expect((await find()).runs).toEqual(['ohem-runs/a.ohem', 'ohem-runs/b.OHEM']);
  });

  it('passes over hidden folders, packages, links, unreadable JSON and what is not there', async () => {
    put({ '.git/a.onnx': '', 'node_modules/p/a.onnx': '', 'package.json': COCO, 'bad.json': '{"images": [', 'real/a.onnx': '' });
    symlinkSync(root, join(root, 'loop'));
    expect(await find()).toMatchObject({ checkpoints: ['onnx real/a.onnx'], truncated: false });
    expect(await findInputs([join(root, 'none')])).toEqual({ checkpoints: [], datasets: [], runs: [], truncated: false });
    expect(await findInputs([])).toEqual({ checkpoints: [], datasets: [], runs: [], truncated: false });
  });

  it('stops at its bounds and says so', async () => {
    put({ 'a/b/c/d.onnx': '', 'x.json': COCO, 'y.json': COCO });
    expect(await find({ ...FIND_LIMITS, maxDepth: 1 })).toMatchObject({ checkpoints: [], truncated: true });
    expect((await find({ ...FIND_LIMITS, maxSniffed: 1 })).datasets).toHaveLength(1);
    expect(await find({ ...FIND_LIMITS, maxSniffed: 1 })).toMatchObject({ truncated: true });
    expect(await find({ ...FIND_LIMITS, maxEntries: 1 })).toMatchObject({ truncated: true });
    expect(await find({ ...FIND_LIMITS, maxMs: -1 })).toMatchObject({ datasets: [], truncated: true });
  });
});
