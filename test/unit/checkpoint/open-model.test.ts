import { inWords } from '../../../src/core/said.js';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contractNames } from '../../../src/checkpoint/files/locate.js';
import type { LoadGraph } from '../../../src/checkpoint/detector.js';
import { openModel } from '../../../src/checkpoint/open-model.js';
import { FAMILIES, taskOf } from '../../../src/checkpoint/registry.js';
import { MiningError } from '../../../src/core/mining-error.js';
import { fakeGraph, tensor } from './fake-graph.js';

const DETECTORS = FAMILIES.filter((family) => taskOf(family) === 'detection')
  .map(({ id }) => id)
  .join(', ');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const TFJS = { modelTopology: { node: [] }, weightsManifest: [{ paths: ['w1.bin', 'w2.bin'], weights: [] }] };

let root = '';
let folder = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ohem-checkpoints-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder);
});

async function put(files: Record<string, string | object>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

const failure = async (name: string) =>
  openModel(join(folder, name), 'detection').then(
    () => 'nothing was thrown',
    (error: unknown) => {
      expect(error).toBeInstanceOf(MiningError);
      expect((error as MiningError).code).toBe('checkpoint');
      return (error as MiningError).message;
    },
  );

/** A YOLOX of 3 classes for 64 x 64 px. */
const yoloxGraph = (metadata: Record<string, string> = {}) =>
  fakeGraph(
    () => ({ out: tensor([1, 84, 8], () => 0.5) }),
    { name: 'x', type: 'float32', shape: [1, 3, 64, 64] },
    metadata,
  );

describe('openModel', () => {
  it('hashes an ONNX file by itself, and with its contract and external data', async () => {
    await put({ 'a.onnx': 'A', 'b.onnx': 'B', 'b.onnx.data': 'D', 'b.ohem.json': { family: 'yolox' } });
    expect(await openModel(join(folder, 'a.onnx'), 'detection')).toMatchObject({
      path: join(folder, 'a.onnx'),
      format: 'onnx',
      sha256: sha256('A'),
    });
    const lines = [
      `${sha256('B')}  b.onnx\n`,
      `${sha256('D')}  b.onnx.data\n`,
      `${sha256('{"family":"yolox"}')}  b.ohem.json\n`,
    ].sort();
    expect((await openModel(join(folder, 'b.onnx'), 'detection')).sha256).toBe(sha256(lines.join('')));
  });

  it('hashes what tells its meaning from beside it', async () => {
    const config = { model_type: 'detr', id2label: { 0: 'a' } };
    await put({ 'e.onnx': 'E', 'config.json': config, 'other.json': {} });
    const lines = [`${sha256('E')}  e.onnx\n`, `${sha256(JSON.stringify(config))}  config.json\n`].sort();
    expect((await openModel(join(folder, 'e.onnx'), 'detection')).sha256).toBe(sha256(lines.join('')));
  });

  it('hashes the files that its tensors name', async () => {
    const entry = (name: string) => `\n\x08location\x12${String.fromCharCode(name.length)}${name}`;
    const model = `graph${entry('weights.bin')}${entry('../outside.bin')}${entry('missing.bin')}`;
    await put({ 'c.onnx': model, 'weights.bin': 'W' });
    const lines = [`${sha256(model)}  c.onnx\n`, `${sha256('W')}  weights.bin\n`].sort();
    expect((await openModel(join(folder, 'c.onnx'), 'detection')).sha256).toBe(sha256(lines.join('')));
  });

  it('hashes the class names beside it where the contract gives none', async () => {
    await put({ 'a.onnx': 'A', 'classes.txt': 'bolt\n', 'b.onnx': 'B' });
    const hash = async (name: string) => (await openModel(join(folder, name), 'detection')).sha256;
    const lines = [`${sha256('A')}  a.onnx\n`, `${sha256('bolt\n')}  classes.txt\n`].sort();
    expect(await hash('a.onnx')).toBe(sha256(lines.join('')));
    const contract = { family: 'yolox', classes: ['nut'] };
    await put({ 'b.ohem.json': contract });
    const own = [`${sha256('B')}  b.onnx\n`, `${sha256(JSON.stringify(contract))}  b.ohem.json\n`].sort();
    expect(await hash('b.onnx')).toBe(sha256(own.join('')));
  });

  it('tells graph models from layers models and hashes their shards', async () => {
    const layers = { ...TFJS, modelTopology: { model_config: {} } };
    await put({
      'graph.json': TFJS,
      'layers.json': layers,
      'w1.bin': '1',
      'w2.bin': '2',
      'marked.json': { ...layers, format: 'graph-model' },
    });
    const graph = await openModel(join(folder, 'graph.json'), 'detection');
    expect(graph.format).toBe('tfjs-graph');
    const lines = [
      `${sha256(JSON.stringify(TFJS))}  graph.json\n`,
      `${sha256('1')}  w1.bin\n`,
      `${sha256('2')}  w2.bin\n`,
    ].sort();
    expect(graph.sha256).toBe(sha256(lines.join('')));
    expect((await openModel(join(folder, 'layers.json'), 'detection')).format).toBe('tfjs-layers');
    expect((await openModel(join(folder, 'marked.json'), 'detection')).format).toBe('tfjs-graph');
  });

  it('finds the one model of a folder, whatever else is there', async () => {
    await put({
      'm/model.json': TFJS,
      'm/w1.bin': '1',
      'm/w2.bin': '2',
      'm/package.json': { name: 'x' },
      'm/README.md': '',
    });
    expect((await openModel(join(folder, 'm'), 'detection')).format).toBe('tfjs-graph');
    await put({ 's/saved_model.pb': 'S', 's/variables/variables.index': 'V' });
    expect((await openModel(join(folder, 's'), 'detection')).format).toBe('saved-model');
    expect((await openModel(join(folder, 's/saved_model.pb'), 'detection')).format).toBe('saved-model');
  });

  it('opens the model of a contract: named by it, of its name, or the only one beside it', async () => {
    await put({
      'a.ohem.json': { family: 'yolox', graph: 'sub/deep.onnx' },
      'sub/deep.onnx': 'G',
      'b.ohem.json': { family: 'yolox' },
      'b.onnx': 'B',
      'c/ohem.json': { family: 'yolox' },
      'c/only.onnx': 'C',
      'd.ohem.json': { family: 'yolox' },
      'd/inside.onnx': 'D',
    });
    const opened: string[] = [];
    for (const name of ['a.ohem.json', 'b.ohem.json', 'c/ohem.json', 'c', 'c/only.onnx', 'd.ohem.json', 'd']) {
      const files = await openModel(join(folder, name), 'detection');
      const detector = await files.open(async (path) => {
        opened.push(path.slice(folder.length + 1));
        return yoloxGraph();
      });
      expect(detector.family).toBe('yolox');
    }
    expect(opened).toEqual([
      'sub/deep.onnx',
      'b.onnx',
      'c/only.onnx',
      'c/only.onnx',
      'c/only.onnx',
      'd/inside.onnx',
      'd/inside.onnx',
    ]);
  });

  it('takes class names from the contract, else from metadata, else from classes.txt', async () => {
    await put({
      'a.onnx': 'A',
      'classes.txt': '\uFEFFone\r\ntwo \r\nthree\r\n\n',
      'b.onnx': 'B',
      'b.ohem.json': { family: 'yolox', classes: ['x', 'y', 'z'] },
    });
    const names = async (name: string, metadata = {}) => {
      const detector = await (await openModel(join(folder, name), 'detection')).open(async () => yoloxGraph(metadata));
      return [detector.classes?.join(' '), inWords(detector.notes[0] ?? '')];
    };
    expect(await names('a.onnx')).toEqual(['one two three', 'classes from classes.txt']);
    expect(await names('a.onnx', { names: `{0: 'it\\'s', 1: "b", 2: 'c'}` })).toEqual([
      `it's b c`,
      'classes from metadata',
    ]);
    expect(await names('a.onnx', { names: '["p","q","r"]' })).toEqual(['p q r', 'classes from metadata']);
    expect(await names('a.onnx', { names: 'nonsense' })).toEqual(['one two three', 'classes from classes.txt']);
    expect(await names('a.onnx', { names: '{0: "a", 2: "c"}' })).toEqual(['one two three', 'classes from classes.txt']);
    expect(await names('b.onnx', { names: '["p","q","r"]' })).toEqual(['x y z', 'classes from contract']);
  });

  it('takes a contract from metadata where there is no file', async () => {
    await put({ 'a.onnx': 'A' });
    const files = await openModel(join(folder, 'a.onnx'), 'detection');
    const detector = await files.open(async () => yoloxGraph({ ohem: '{"family":"yolox","classes":["x","y","z"]}' }));
    expect(detector.classes).toEqual(['x', 'y', 'z']);
    await expect(files.open(async () => yoloxGraph({ ohem: '{"family":"nanodet"}' }))).rejects.toThrow(
      'expected nanodet',
    );
    await expect(files.open(async () => yoloxGraph({ ohem: '{' }))).rejects.toThrow('contract: expected JSON');
  });

  it('takes the inner tensors that an embedded contract names', async () => {
    await put({ 'a.onnx': 'A' });
    const files = await openModel(join(folder, 'a.onnx'), 'detection');
    const ohem = '{"family":"yolox","outputs":["/head/out"]}';
    const graphs = [yoloxGraph({ ohem }), yoloxGraph({ ohem })];
    const asked: (readonly string[])[] = [];
    const detector = await files.open(async (_path, _format, outputs = []) => {
      const graph = graphs[asked.length];
      asked.push(outputs);
      return graph ?? yoloxGraph();
    });
    expect(asked).toEqual([[], ['/head/out']]);
    expect(graphs.map((graph) => graph.isDisposed())).toEqual([true, false]);
    detector.dispose();
    expect(graphs[1]?.isDisposed()).toBe(true);
  });

  it('disposes the graph when it cannot be bound, and not before', async () => {
    await put({ 'a.onnx': 'A', 'classes.txt': 'one\n' });
    const graph = yoloxGraph();
    await expect((await openModel(join(folder, 'a.onnx'), 'detection')).open(async () => graph)).rejects.toThrow(
      'expected 3, as the outputs have it, received 1',
    );
    expect(graph.isDisposed()).toBe(true);
  });

  it('says in one line what is wrong with a path', async () => {
    await put({
      'w.pt': '',
      'x.bin': '',
      'none/readme': '',
      'two/a.onnx': 'A',
      'two/b.onnx': 'B',
      'two-c/a.ohem.json': { family: 'yolox' },
      'two-c/b.ohem.json': { family: 'yolox' },
    });
    await put({ 'broken.json': '{', 'other.json': { a: 1 }, 'null.json': 'null', 'shard.json': TFJS });
    expect(await failure('missing.onnx')).toContain('no such file');
    expect(await failure('w.pt')).toContain('received a .pt file');
    expect(await failure('w.pt')).toContain('Export it to ONNX first');
    expect(await failure('x.bin')).toContain('received a .bin file');
    expect(await failure('none')).toContain(
      'expected an .onnx or .tflite file, a TensorFlow.js model.json or a saved_model.pb inside',
    );
    expect(await failure('two')).toContain('a.onnx, b.onnx');
    expect(await failure('two-c')).toContain('expected one contract, received "a.ohem.json, b.ohem.json"');
    expect(await failure('broken.json')).toContain('JSON of a TensorFlow.js model');
    expect(await failure('other.json')).toContain('received other JSON');
    expect(await failure('null.json')).toContain('received other JSON');
    expect(await failure('shard.json')).toMatch(/no such file.*w[12]\.bin/);
  });

  it.each([
    ['{', 'contract: expected JSON'],
    ['[]', 'contract'],
    ['{}', 'contract.family: expected'],
    ['{"family":"resnet"}', `contract.family: expected one of ${DETECTORS} for detection, received "resnet"`],
    ['{"family":"classifier"}', `expected one of ${DETECTORS} for detection, received "classifier"`],
    ['{"family":"yolox","strdes":[8]}', 'contract.strdes: expected no such key'],
    ['{"family":"yolox","strides":[]}', 'contract.strides'],
    ['{"family":"yolox","input":{"width":0,"height":5}}', 'contract.input.width: expected >=1, received 0'],
    ['{"family":"yolox","preprocess":{"std":[1,0,1]}}', 'contract.preprocess.std.1: expected >0, received 0'],
    ['{"family":"yolox","classes":["a",""]}', 'contract.classes.1'],
    ['{"family":"nanodet","decoded":true}', 'contract.decoded: expected no such key'],
    ['{"family":"yolox","graph":"../up.onnx"}', 'contract.graph: expected a file in the folder of the contract'],
    ['{"family":"yolox","graph":"/etc/passwd"}', 'contract.graph: expected a file in the folder of the contract'],
    ['{"family":"__proto__"}', 'contract.family'],
  ])('refuses the contract %s', async (text, expected) => {
    await put({ 'a.ohem.json': text, 'a.onnx': 'A' });
    const message = await failure('a.ohem.json');
    expect(message).toContain(expected);
    expect(message).toContain('a.ohem.json');
  });
});

it.each([
  [['{', '  "family": "yolox",', '  "strides": [8, 16, "32"]', '}'], 3, 'contract.strides.2: expected number'],
  [['{', '  "family": "nope"', '}'], 2, `contract.family: expected one of ${DETECTORS}`],
  [['{', '  "family": "yolox",', '  "strdes": [8]', '}'], 3, 'The keys here are family, $schema, title'],
  [['{ "family": "yolox",', '  "input": {', '    "width": 640 } }'], 2, 'The keys here are width, height'],
  [
    ['{ "family": "yolox",', '  "input": {', '    "width": 640 } }'],
    2,
    'input.height: expected this key, received nothing',
  ],
  [['{', '  "family": "yolox"', '  "title": "a"', '}'], 3, 'contract: expected JSON'],
  [['{', '  "family": "yolox",', '  "graph": "../up.onnx"', '}'], 3, 'contract.graph: expected a file in the folder'],
])('names line and key of the contract %s', async (lines, line, expected) => {
  await put({ 'a.ohem.json': lines.join('\n'), 'a.onnx': 'A' });
  const message = await failure('a.ohem.json');
  expect(message).toContain(`a.ohem.json:${line})`);
  expect(message).toContain(expected);
});

it.each([
  [['  "family": "yolov8",', '  "strides": [8]'], 2, 'contract.family: expected yolov8: one [1,4+K,A]'],
  [
    ['  "family": "yolox",', '  "classes": ["a"]'],
    3,
    'contract.classes: expected 3, as the outputs have it, received 1',
  ],
  [['  "family": "yolox",', '  "input": { "width": 32, "height": 64 }'], 3, 'contract.input: expected 64 x 64'],
  [['  "family": "yolox",', '  "outputs": ["nowhere"]'], 3, 'outputs: expected names, received nowhere'],
])('names the line of the contract %s, which only the model contradicts', async (lines, line, expected) => {
  await put({ 'a.ohem.json': ['{', ...lines, '}'].join('\n'), 'a.onnx': 'A' });
  const { open } = await openModel(join(folder, 'a.onnx'), 'detection');
  const load: LoadGraph = async (_, __, outputs = []) => {
    if (outputs.length > 0) throw new MiningError('checkpoint', 'outputs', 'names', outputs.join());
    return yoloxGraph();
  };
  const message = await open(load).then(() => 'nothing was thrown', String);
  expect(message).toContain(`a.ohem.json:${line})`);
  expect(message).toContain(expected);
});

it('tells the scores of a classifier from outputs that it does not know', async () => {
  await put({ 'a.onnx': 'A' });
  const { open } = await openModel(join(folder, 'a.onnx'), 'detection');
  const scores = fakeGraph(() => ({ logits: tensor([1, 10], () => 0.5) }));
  await expect(open(async () => scores)).rejects.toThrow(
    /these are the scores of a classifier, received logits float32 \[1,10\] .*Open it with a data set of classif/,
  );
});

it('a contract that is too deep for a line still has its error', async () => {
  const deep = `{"family":"yolox","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  await put({ 'a.ohem.json': deep, 'a.onnx': 'A' });
  expect(await failure('a.ohem.json')).toContain('contract.x: expected no such key');
});

it('a classifier’s contract is none of a detector', async () => {
  await put({ 'a.ohem.json': { family: 'yolox' }, 'a.onnx': 'A' });
  await expect(openModel(join(folder, 'a.onnx'), 'classification')).rejects.toThrow(
    'contract.family: expected one of classifier for classification, received "yolox"',
  );
});

describe('contractNames', () => {
  it('gives what the contract of a file or folder says, and nothing where it says nothing', async () => {
    await put({
      'a.onnx': 'A',
      'a.ohem.json': { family: 'yolox', title: ' Parts ' },
      'b/ohem.json': { family: 'fast-rcnn', title: 7 },
      'c.onnx': 'C',
    });
    const names = (name: string) => contractNames(join(folder, name));
    expect(await names('a.onnx')).toEqual({ family: 'yolox', title: 'Parts' });
    expect(await names('a.ohem.json')).toEqual({ family: 'yolox', title: 'Parts' });
    expect(await names('b')).toEqual({ family: 'fast-rcnn', title: '' });
    for (const name of ['c.onnx', 'gone']) expect(await names(name)).toEqual({ family: '', title: '' });
  });
});
