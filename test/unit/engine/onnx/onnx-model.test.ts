import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { readOnnxModel, type OnnxModel } from '../../../../src/engine/onnx/onnx-model.js';
import {
  field,
  initializer,
  message,
  node,
  onnxModel,
  SMOKE_ONNX,
  TINY_ONNX,
  valueInfo,
} from '../../../contract/tiny-models.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function readModel(bytes: Uint8Array): Promise<OnnxModel> {
  const path = join(folder, 'm.onnx');
  await writeFile(path, bytes);
  return readOnnxModel(path);
}
const read = async (bytes: Uint8Array) => (await readModel(bytes)).metadata;

/** A model with some weights before its metadata. */
const model = (metadata: Record<string, string>) =>
  onnxModel({
    nodes: [],
    inputs: [],
    outputs: [],
    initializers: [initializer('w', [5000], new Float32Array(5000))],
    metadata,
  });

describe('the metadata', () => {
  it('gives {} where there is none', async () => {
    expect(await read(SMOKE_ONNX)).toEqual({});
  });

  it('reads any keys and values behind any graph', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text, { maxKeys: 5, noNullPrototype: true }), async (metadata) => {
        expect(await read(model(metadata))).toEqual(metadata);
      }),
      { numRuns: 30 },
    );
  });

  it('reads a key that objects of JavaScript know, too', async () => {
    const metadata = await read(model(Object.fromEntries([['__proto__', 'a']])));
    expect(Object.entries(metadata)).toEqual([['__proto__', 'a']]);
  });

  it('lets a later entry win, as protobuf merges files that are appended', async () => {
    expect(await read(Buffer.concat([model({ a: '1', b: '2' }), model({ a: '3' })]))).toEqual({ a: '3', b: '2' });
  });

  it('refuses every truncated file with one clear line', async () => {
    const whole = model({ names: 'cat' });
    const messages = new Set<string>();
    // The first 11 bytes are whole fields or headers that happen to be one.
    for (let length = 12; length < whole.length; length += 997) {
      const error = await read(whole.subarray(0, length)).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof MiningError)) throw new Error(`length ${length}: no MiningError`);
      expect(error.code).toBe('checkpoint');
      messages.add(error.message.replace(/\d+ bytes/g, 'N bytes').replace(folder, ''));
    }
    expect([...messages]).toEqual([
      'checkpoint: file: expected at least N bytes, received N bytes (/m.onnx). The file is truncated',
    ]);
  });

  it('never hangs and throws nothing else on any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const outcome = await read(bytes).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MiningError);
      }),
    );
  });

  it('refuses an empty file, a folder, a missing file', async () => {
    await expect(read(new Uint8Array(0))).rejects.toThrow('received an empty file');
    await expect(readOnnxModel(folder)).rejects.toThrow('received a folder');
    await expect(readOnnxModel(join(folder, 'none'))).rejects.toThrow('received no such file');
  });
});

describe('the structure', () => {
  it('has every node with what it reads and makes, and the outputs', async () => {
    const { nodes, outputs } = await readModel(TINY_ONNX);
    expect(nodes.map(({ op, inputs, outputs: made }) => [op, inputs, made])).toEqual([
      ['Mul', ['x', 'scale'], ['product']],
      ['Add', ['product', 'one'], ['sum']],
      ['Relu', ['sum'], ['relu']],
    ]);
    expect(outputs.map(({ name }) => name)).toEqual(['sum', 'relu']);
  });

  it('counts what a branch reads from outside among the inputs of its node', async () => {
    const branch = message(
      field(1, node('Abs', ['outer'], ['inner'])),
      field(1, node('NonMaxSuppression', ['inner', 'scores'], ['kept'])),
    );
    const attribute = message(field(1, 'then_branch'), field(6, branch), field(20, 5));
    const model = onnxModel({ nodes: [node('If', ['cond'], ['y'], attribute)], inputs: [], outputs: [] });
    const [branching] = (await readModel(model)).nodes;
    expect(branching.inputs).toEqual(['cond', 'outer', 'scores']);
    expect(branching.inside.map(({ op }) => op)).toEqual(['Abs', 'NonMaxSuppression']);
  });

  it('names the files that weights lie in', async () => {
    const place = (key: string, value: string) => field(13, message(field(1, key), field(2, value)));
    const tensor = message(field(1, 4), field(2, 1), field(8, 'w'), place('location', 'w.bin'), place('offset', '0'));
    const model = onnxModel({ nodes: [], inputs: [], outputs: [], initializers: [tensor, tensor] });
    expect((await readModel(model)).weightFiles).toEqual(['w.bin']);
  });

  it('refuses subgraphs without end, and reads a million empty nodes', async () => {
    let graph: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 40; depth++) {
      graph = field(1, node('If', [], [], message(field(6, graph))));
    }
    await expect(readModel(field(7, graph))).rejects.toThrow('received other bytes');
    const { nodes } = await readModel(field(7, Buffer.alloc(2e6, Buffer.of(0x0a, 0))));
    expect(nodes).toHaveLength(1e6);
  });

  it('throws nothing but MiningErrors on changed bytes', async () => {
    const whole = onnxModel({
      nodes: [node('Relu', ['x'], ['y'])],
      inputs: [valueInfo('x', [2])],
      outputs: [valueInfo('y', [2])],
      initializers: [initializer('w', [2], new Float32Array(2))],
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const outcome = await readModel(whole.with(at, byte)).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MiningError);
      }),
    );
  });
});
