import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { readOnnxMetadata } from '../../../../src/engine/onnx/onnx-metadata.js';
import { initializer, onnxModel, SMOKE_ONNX } from '../../../contract/tiny-models.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array): Promise<Record<string, string>> {
  const path = join(folder, 'm.onnx');
  await writeFile(path, bytes);
  return readOnnxMetadata(path);
}

/** A model with some weights before its metadata. */
const model = (metadata: Record<string, string>) =>
  onnxModel({
    nodes: [],
    inputs: [],
    outputs: [],
    initializers: [initializer('w', [5000], new Float32Array(5000))],
    metadata,
  });

describe('readOnnxMetadata', () => {
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
    await expect(readOnnxMetadata(folder)).rejects.toThrow('received a folder');
    await expect(readOnnxMetadata(join(folder, 'none'))).rejects.toThrow('received no such file');
  });
});
