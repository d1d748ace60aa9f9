/** What is no regular file is refused at once, wherever it is named. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClassNames } from '../../../src/checkpoint/sidecars/class-names.js';
import { readContractFile } from '../../../src/checkpoint/files/contract.js';
import { hashFiles } from '../../../src/checkpoint/files/locate.js';
import { openDump } from '../../../src/dataset/dump/open-dump.js';
import { decodeImage, imageSize } from '../../../src/dataset/pixels/decode-image.js';
import { readBytes } from '../../../src/dataset/rows/text-files.js';
import { readOnnxModel } from '../../../src/engine/onnx/onnx-model.js';
import { readTfjsModel } from '../../../src/engine/tfjs/tfjs-files.js';
import { litertWasm } from '../../../src/engine/tflite/litert-wasm.js';
import { chunksOf, growingChunksOf, readRegular } from '../../../src/files/reading.js';
import { openRun } from '../../../src/run/file/run-store.js';
import { readTrainConfig } from '../../../src/run/train/train-config.js';

const folder = mkdtempSync(join(tmpdir(), 'ohem-reading-'));
const pipe = join(folder, 'pipe');
const socket = join(folder, 'socket');
const server = createServer();
beforeAll(async () => {
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [pipe]);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const READERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  dump: openDump,
  run: openRun,
  contract: readContractFile,
  annotations: (path) => readBytes(path),
  image: decodeImage,
  'size of an image': imageSize,
  'files of a checkpoint': (path) => hashFiles([path]),
  'ONNX model': readOnnxModel,
  'tfjs model': readTfjsModel,
  'TensorFlow Lite model': async (path) => (await litertWasm.start()).loadGraph(path, 'tflite'),
  'training configuration': readTrainConfig,
};

describe.skipIf(process.platform === 'win32')('what is no regular file', () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`${name}: a pipe, a device, a socket and a folder are one line at once`, { timeout: 5000 }, async () => {
      mkdirSync(join(folder, 'folder'), { recursive: true });
      for (const path of [pipe, '/dev/zero', socket, join(folder, 'folder')])
        await expect(read(path), path).rejects.toThrow(/^[a-z-]+: .*(a pipe|a device|a socket|a folder)/);
    });
  }

  it('a pipe beside a model is no class list, and one among its shards no shard', { timeout: 5000 }, async () => {
    execFileSync('mkfifo', [join(folder, 'classes.txt'), join(folder, 'shard.bin')]);
    expect(await findClassNames(undefined, null, {}, join(folder, 'model.onnx'))).toBeNull();
    const model = join(folder, 'model.json');
    writeFileSync(model, '{"modelTopology":{},"weightsManifest":[{"paths":["shard.bin"],"weights":[]}]}');
    await expect(readTfjsModel(model)).rejects.toThrow(/a pipe/);
  });
});

describe('a regular file', () => {
  it('is read whole, in parts, or not at all above the bound', async () => {
    const path = join(folder, 'ten.txt');
    writeFileSync(path, '0123456789');
    expect(String(await readRegular(path))).toBe('0123456789');
    await expect(readRegular(path, 9)).rejects.toThrow('10 bytes, more than 9');
    const parts: Buffer[] = [];
    for await (const chunk of chunksOf(path, 4)) parts.push(chunk);
    expect(String(Buffer.concat(parts))).toBe('0123');
    await expect(readRegular(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('that grows is read to where it was when it was stopped, however fast it grows', async () => {
    const path = join(folder, 'growing.txt');
    writeFileSync(path, 'a');
    const stop = new AbortController();
    let numRead = 0;
    for await (const chunk of growingChunksOf(path, stop.signal)) {
      numRead += chunk.length;
      // There is always more, up to a bound that this test would then fail by.
      if (numRead < 50) appendFileSync(path, 'b');
      if (numRead === 3) stop.abort();
    }
    expect(numRead).toBe(4);
  });
});
