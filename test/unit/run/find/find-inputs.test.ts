import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inWords } from '../../../../src/core/said.js';
import { FORMATS } from '../../../../src/dataset/registry.js';
import { FIND_LIMITS, dumpAt, findInputs } from '../../../../src/run/find/find-inputs.js';

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
  const { checkpoints, datasets, dumps, runs, truncated } = await findInputs([root], limits);
  const names = (inputs: typeof checkpoints) =>
    inputs.map(({ path, what }) => `${KINDS[inWords(what)] ?? inWords(what)} ${relative(root, path)}`).sort();
  const tasks = Object.fromEntries(
    [...checkpoints, ...datasets, ...dumps].map(({ path, task }) => [relative(root, path), task]),
  );
  return {
    checkpoints: names(checkpoints),
    datasets: names(datasets),
    dumps: names(dumps),
    tasks,
    runs: runs.map((path) => relative(root, path)).sort(),
    truncated,
  };
}

/** Short words for what the lists say. */
const KINDS: Record<string, string> = {
  ...Object.fromEntries(FORMATS.map(({ id, title }) => [title, id])),
  'checkpoint with a contract': 'contract',
  ONNX: 'onnx',
  'TensorFlow Lite': 'tflite',
  'TensorFlow.js': 'tfjs',
  SavedModel: 'saved-model',
  'RoI dump, JSON Lines': 'jsonl',
  'RoI dump, NPZ': 'npz',
};
const COCO = '{"images": [{"id": 1}], "annotations": [], "categories": []}';
const TFJS = '{"format": "graph-model", "modelTopology": {}, "weightsManifest": []}';

describe('finding what can be mined', () => {
  it('checkpoints: ONNX, TensorFlow.js by what is inside, folders with a contract once', async () => {
    put({
      'a/net.onnx': '',
      'a/best_int8.tflite': '',
      'b/model.json': TFJS,
      'b/w.bin': '',
      'c/ohem.json': '{}',
      'c/rpn.json': TFJS,
      'c/head/model.json': TFJS,
      'c/data/labels.json': COCO,
      'd/config.json': '{"a": 1}',
      'e/x.ohem.json': '{"images": []}',
    });
    expect((await find()).checkpoints).toEqual([
      'contract c',
      'onnx a/net.onnx',
      'tfjs b/model.json',
      'tflite a/best_int8.tflite',
    ]);
  });

  it('a contract beside its graphs is one checkpoint with them, by its title', async () => {
    put({
      'a/parts.ohem.json':
        '{"family": "fast-rcnn", "title": "Parts", "body": {"file": "body/model.json"}, "head": {"file": "h.onnx"}}',
      'a/body/model.json': TFJS,
      'a/h.onnx': '',
      'a/other.onnx': '',
      'b/net.ohem.json': '{"family": "classifier", "graph": "weights/net.onnx"}',
      'b/weights/net.onnx': '',
      'c/digits.ohem.json': '{"family": "classifier"}',
      'c/digits/model.json': TFJS,
      'd/broken.ohem.json': '{"family": ',
      'd/broken.onnx': '',
    });
    const { checkpoints, tasks } = await find();
    expect(checkpoints).toEqual([
      'contract a/parts.ohem.json',
      'contract b/net.ohem.json',
      'contract c/digits.ohem.json',
      'onnx a/other.onnx',
      'onnx d/broken.onnx',
    ]);
    expect(tasks).toMatchObject({
      'a/parts.ohem.json': 'detection',
      'b/net.ohem.json': 'classification',
      'a/other.onnx': null,
    });
    expect((await findInputs([root])).checkpoints[0].title).toBe('Parts');
  });

  it('the parts of a contract folder stay parts when they are far below, and in another workspace', async () => {
    put({
      'm/checkpoint/ohem.json': '{"family": "fast-rcnn"}',
      'm/checkpoint/body/model.json': TFJS,
      'm/checkpoint/a/b/head/model.json': TFJS,
      'm/checkpoint/old.onnx': '',
    });
    expect((await find()).checkpoints).toEqual(['contract m/checkpoint']);
    const nested = await findInputs([join(root, 'm/checkpoint/body'), root]);
    expect(nested.checkpoints.map(({ path }) => relative(root, path))).toEqual(['m/checkpoint']);
  });

  it('names each so that it is told from others: by its author, by its file, by the folder above', async () => {
    put({
      'a/ohem.json': '{"family": "fast-rcnn", "title": " Parts "}',
      'b/ohem.json': '{"family": "yolox"}',
      'c/net.onnx': '',
      'd/model.json': TFJS,
      'e/instances.json': COCO,
      'f/set/Annotations/1.xml': '',
      'f/set/ImageSets/Main/train.txt': '',
    });
    const { checkpoints, datasets } = await findInputs([root]);
    const rootName = basename(root);
    expect(checkpoints.map(({ title }) => title)).toEqual(['Parts', `${rootName}/b`, 'net.onnx', 'd/model.json']);
    expect(datasets.map(({ title }) => title)).toEqual(['e/instances.json', 'set']);
  });

  it('a contract of any length, and of a family that is not known', async () => {
    const classes = Array.from({ length: 21_000 }, (_, i) => `class ${i}`);
    put({
      'a/ohem.json': JSON.stringify({ classes, family: 'classifier', title: 'Many' }),
      'b/ohem.json': '{"family": "__proto__", "title": 7}',
      'c/ohem.json': '[]',
    });
    const { checkpoints } = await findInputs([root]);
    expect(checkpoints.map(({ title, task }) => [title, task])).toEqual([
      ['Many', 'classification'],
      [`${basename(root)}/b`, null],
      [`${basename(root)}/c`, null],
    ]);
  });

  it('the dump at one path', async () => {
    put({ 'a.jsonl': '{"ohem_dump": 1}', 'b.jsonl': '{}' });
    expect(await dumpAt(join(root, 'a.jsonl'))).toMatchObject({ task: 'detection' });
    expect(await dumpAt(join(root, 'b.jsonl'))).toBeNull();
    expect(await dumpAt(join(root, 'gone.npz'))).toBeNull();
  });

  it('classifiers: a Keras Sequential, and labels as a table', async () => {
    const sequential = '{"modelTopology": {"model_config": {"class_name": "Sequential"}}, "weightsManifest": []}';
    put({
      'net/model.json': sequential,
      'saved/saved_model.pb': '',
      'a/labels.csv': 'path,label\n1.png,three\n',
      'b/plain.tsv': '1.png\t3\n2.png\t8\n',
      'c/credits.csv': 'file,licence\n1.jpg,MIT\n',
      'd/numbers.csv': 'x,y\n1,2\n',
    });
    const { checkpoints, datasets, tasks } = await find();
    expect(checkpoints).toEqual(['saved-model saved', 'tfjs net/model.json']);
    expect(datasets).toEqual(['csv a/labels.csv', 'csv b/plain.tsv']);
    expect(tasks).toMatchObject({ 'net/model.json': 'classification', saved: null, 'a/labels.csv': 'classification' });
  });

  it('RoI dumps: JSON Lines by their header, NPZ by the names in the archive', async () => {
    put({
      'dumps/a.jsonl': '\ufeff{"classes": ["cat"], "ohem_dump": 1, "task": "detection"}\n{}\n',
      'dumps/b.jsonl': '{"task": "classification", "ohem_dump": 1}\n',
      'dumps/log.jsonl': '{"loss": 1}\n{"ohem_dump": 1}\n',
      'dumps/c.npz': `PK${'x'.repeat(70_000)}image.npy label.npy loss_cls.npy classes.npy rois.npy`,
      'dumps/d.npz': 'PK image.npy label.npy logits.npy classes.npy',
      'dumps/mnist.npz': 'PK x_train.npy y_train.npy',
      'dumps/empty.npz': '',
    });
    const { dumps, tasks } = await find();
    expect(dumps).toEqual(['jsonl dumps/a.jsonl', 'jsonl dumps/b.jsonl', 'npz dumps/c.npz', 'npz dumps/d.npz']);
    expect(tasks).toMatchObject({
      'dumps/a.jsonl': 'detection',
      'dumps/b.jsonl': 'classification',
      'dumps/c.npz': 'detection',
      'dumps/d.npz': 'classification',
    });
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
    expect((await find()).datasets).toEqual([
      'coco coco/annotations/instances_val.json',
      'coco own/labels.json',
      'folders digits',
      'voc voc',
      'yolo yolo/data.yaml',
    ]);
  });

  it('runs', async () => {
    put({ 'ohem-runs/a.ohem': '', 'ohem-runs/b.OHEM': '' });
    expect((await find()).runs).toEqual(['ohem-runs/a.ohem', 'ohem-runs/b.OHEM']);
  });

  it('passes over hidden folders, packages, links, unreadable JSON and what is not there', async () => {
    put({
      '.git/a.onnx': '',
      'node_modules/p/a.onnx': '',
      'package.json': COCO,
      'bad.json': '{"images": [',
      'real/a.onnx': '',
    });
    symlinkSync(root, join(root, 'loop'));
    expect(await find()).toMatchObject({ checkpoints: ['onnx real/a.onnx'], truncated: false });
    const nothing = { checkpoints: [], predictions: [], datasets: [], dumps: [], runs: [], truncated: false };
    expect(await findInputs([join(root, 'none')])).toEqual(nothing);
    expect(await findInputs([])).toEqual(nothing);
  });

  it('stops at its bounds and says so', async () => {
    put({ 'a/b/c/d.onnx': '', 'x.json': COCO, 'y.json': COCO });
    expect(await find({ ...FIND_LIMITS, maxDepth: 1 })).toMatchObject({ checkpoints: [], truncated: true });
    expect((await find({ ...FIND_LIMITS, maxOpened: 1 })).datasets).toHaveLength(1);
    expect(await find({ ...FIND_LIMITS, maxOpened: 1 })).toMatchObject({ truncated: true });
    expect(await find({ ...FIND_LIMITS, maxEntries: 1 })).toMatchObject({ truncated: true });
    expect(await find({ ...FIND_LIMITS, maxMs: -1 })).toMatchObject({ datasets: [], truncated: true });
  });
});
