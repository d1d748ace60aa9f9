import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSidecar } from '../../../../src/checkpoint/sidecars/index.js';
import { neighboursOf, type Sidecar } from '../../../../src/checkpoint/sidecars/sidecar.js';

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ohem-sidecars-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function read(
  files: Record<string, string | object>,
  metadata: Record<string, string> = {},
  below = '',
): Promise<Sidecar | null> {
  const folder = join(root, String(count++));
  await mkdir(join(folder, below), { recursive: true });
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return readSidecar(neighboursOf(join(folder, below, 'model.onnx'), false, metadata));
}

describe('Ultralytics', () => {
  const metadata = {
    author: 'Ultralytics',
    task: 'detect',
    imgsz: '[480, 640]',
    names: "{0: 'person', 1: \"driver's seat\"}",
    args: "{'nms': None, 'batch': 1}",
    end2end: 'False',
  };

  it('says classes, size and task in Python’s words', async () => {
    expect(await read({}, metadata)).toEqual({
      from: 'Ultralytics’ metadata',
      family: 'yolov8',
      classes: ['person', "driver's seat"],
      input: { width: 640, height: 480 },
      task: 'detect',
    });
  });

  it('says what is inside', async () => {
    expect((await read({}, { ...metadata, end2end: 'True' }))?.detectionsOnly?.todo).toMatch('end2end=False');
    expect((await read({}, { ...metadata, args: "{'nms': True}" }))?.detectionsOnly?.todo).toMatch('nms=False');
    expect((await read({}, { ...metadata, head: 'RTDETRDecoder' }))?.family).toBe('ultralytics-rtdetr');
  });

  it('lies beside other formats as YAML', async () => {
    const yaml = 'task: segment\nimgsz:\n- 320\n- 320\nnames:\n  0: cat\n  1: dog\nend2end: false\n';
    expect(await read({ 'metadata.yaml': yaml })).toMatchObject({
      classes: ['cat', 'dog'],
      task: 'segment',
      input: { width: 320, height: 320 },
    });
  });

  it.each(['', '{', "{0: 'a", '[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]', "{0: 'a', 2: 'c'}", '5'])(
    'has no classes where names are %s',
    async (names) => {
      expect((await read({}, { ...metadata, names }))?.classes).toBeUndefined();
    },
  );

  it('is packed into a .tflite, as JSON or a literal of Python, which comes before what lies beside', async () => {
    const json = { task: 'detect', end2end: false, imgsz: [320, 640], names: { 0: 'cat', 1: 'dog' } };
    const beside = { 'metadata.json': { task: 'detect', names: { 0: 'other' } } };
    const packed = { 'metadata.json': JSON.stringify(json) };
    expect(await read(beside, packed)).toMatchObject({
      classes: ['cat', 'dog'],
      task: 'detect',
      input: { width: 640, height: 320 },
    });
    const literal = "{'stride': 32, 'task': 'detect', 'names': {0: 'cat', 1: \"driver's seat\"}, 'nms': None}";
    expect((await read({}, { 'temp_meta.txt': literal }))?.classes).toEqual(['cat', "driver's seat"]);
    expect(
      (await read({}, { 'metadata.json': JSON.stringify({ ...json, end2end: true }) }))?.detectionsOnly,
    ).toBeDefined();
  });

  it('takes time in proportion to hostile names', async () => {
    const start = performance.now();
    await read({}, { ...metadata, names: `{${"1: '".repeat(500_000)}` });
    await read({}, { ...metadata, names: '['.repeat(2_000_000) });
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('labels that TensorFlow Lite’s metadata packs', () => {
  it('are classes, without the place of the background', async () => {
    expect(await read({}, { 'labelmap.txt': '???\r\ncat\r\ndog\r\n', 'vocab.txt': 'a' })).toEqual({
      from: 'labelmap.txt in the file',
      classes: ['cat', 'dog'],
    });
  });

  it.each([{}, { 'a.txt': 'x', 'b.txt': 'y' }, { 'labels.txt': 'a\n\nb' }, { 'labels.txt': '' }])(
    'are none in %j',
    async (packed) => {
      expect(await read({}, packed)).toBeNull();
    },
  );
});

describe('Hugging Face', () => {
  const config = { model_type: 'rt_detr_v2', id2label: { 1: 'b', 0: 'a' } };

  it('says family, classes and scale; graphs may lie in onnx/ below', async () => {
    const processor = { size: { height: 640, width: 512 }, do_normalize: false, rescale_factor: 1 / 255 };
    const found = await read({ 'config.json': config, 'preprocessor_config.json': processor }, {}, 'onnx');
    expect(found).toMatchObject({
      family: 'rt-detr',
      classes: ['a', 'b'],
      input: { width: 512, height: 640 },
      preprocess: { channels: 'rgb', resize: 'stretch', mean: [0, 0, 0], std: [255, 255, 255] },
    });
  });

  it('says the shorter side, and mean and std in pixels', async () => {
    const processor = {
      size: { shortest_edge: 512, longest_edge: 1333 },
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.25, 0.25, 0.25],
    };
    const found = await read({ 'config.json': { model_type: 'yolos' }, 'preprocessor_config.json': processor });
    expect(found?.preprocess).toMatchObject({ resize: 'shorter-side', shorterSide: 512, longerSide: 1333 });
    expect(found?.preprocess?.mean?.[0]).toBeCloseTo(127.5);
    expect(found?.preprocess?.std?.[0]).toBeCloseTo(63.75);
    expect(found?.family).toBe('detr');
  });

  it('is not taken from a config.json of another kind, nor from a broken one', async () => {
    expect(await read({ 'config.json': { model: 'x' } })).toBeNull();
    expect(await read({ 'config.json': '{' })).toBeNull();
    expect((await read({ 'config.json': { model_type: '__proto__' } }))?.family).toBeUndefined();
  });
});

describe('Roboflow', () => {
  it('names classes, without the place of the background', async () => {
    const found = await read({ 'class_names.txt': 'background_class83422\nbolt\nnut\n' });
    expect(found).toEqual({ from: 'class_names.txt', classes: ['bolt', 'nut'] });
    expect((await read({ 'environment.json': { CLASS_LIST: ['a'] } }))?.classes).toEqual(['a']);
  });

  it('says how images are fed', async () => {
    const found = await read({
      'inference_config.json': {
        network_input: {
          training_input_size: { height: 560, width: 560 },
          color_mode: 'rgb',
          resize_mode: 'letterbox',
          padding_value: 114,
          scaling_factor: 255,
          normalization: [
            [0.5, 0.5, 0.5],
            [0.5, 0.5, 0.5],
          ],
        },
      },
    });
    expect(found).toMatchObject({
      input: { width: 560, height: 560 },
      preprocess: { resize: 'letterbox-centre', pad: 114, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
    });
  });
});

describe('PaddleDetection', () => {
  it('says architecture, classes and preprocessing', async () => {
    const yaml =
      'arch: YOLO\nlabel_list:\n- person\nPreprocess:\n' +
      '- type: Resize\n  keep_ratio: false\n  target_size: [640, 512]\n' +
      '- type: NormalizeImage\n  is_scale: true\n  norm_type: none\n- type: Permute\n';
    expect(await read({ 'infer_cfg.yml': yaml })).toMatchObject({
      family: 'pp-yoloe',
      classes: ['person'],
      input: { width: 512, height: 640 },
      preprocess: { resize: 'stretch', mean: [0, 0, 0], std: [255, 255, 255] },
    });
  });
});
