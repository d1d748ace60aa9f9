import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import cudaLock from '../../../../src/engine/onnx/cuda-lock.json';

it('fetches ONNX Runtime’s libraries for CUDA of the version that is installed here', async () => {
  const lock = JSON.parse(await readFile(join(import.meta.dirname, '../../../../package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const { version, integrity } = lock.packages['node_modules/onnxruntime-node'];
  expect(cudaLock.packages['node_modules/onnxruntime-node']).toMatchObject({ version, integrity });
});
