/** Which adapters are accepted, with a package in Dawn's place that offers what the test wants. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  describeAdapter,
  findDawn,
  isSoftware,
  requestAdapter,
  type AdapterInfo,
} from '../../../../src/engine/gpu/dawn.js';
import { tfjsEngine, importTfjs } from '../../../../src/engine/tfjs/tfjs-graph.js';
import { writeTinyGraphModel } from '../../../contract/tiny-models.js';

const H100: AdapterInfo = {
  vendor: 'nvidia',
  architecture: 'hopper',
  device: 'h100',
  description: 'NVIDIA H100 PCIe',
  isFallbackAdapter: false,
};
const SWIFTSHADER: AdapterInfo = {
  vendor: 'google',
  architecture: 'swiftshader',
  device: 'swiftshader-device',
  description: 'SwiftShader driver 5.0.0',
  isFallbackAdapter: true,
};
const LLVMPIPE: AdapterInfo = {
  vendor: 'mesa',
  architecture: '',
  device: '',
  description: 'llvmpipe (LLVM 15.0.6, 256 bits)',
};
const WARP: AdapterInfo = {
  vendor: 'microsoft',
  architecture: 'warp',
  device: 'Microsoft Basic Render Driver',
  description: '',
};

let data = '';
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'ohem-dawn-'));
});
afterAll(() => rm(data, { recursive: true, force: true }));

/** A data folder in which the package `webgpu` was set up; its one adapter is as `info` says. */
async function fakeDawn(name: string, info: AdapterInfo | null) {
  const folder = join(data, name, 'webgpu/node_modules/webgpu');
  const platform = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
  await mkdir(join(folder, 'dist', platform), { recursive: true });
  await writeFile(join(folder, 'dist', platform, 'dawn.node'), '');
  await writeFile(join(folder, 'package.json'), '{"type": "module", "version": "9.9.9"}');
  await writeFile(
    join(folder, 'index.js'),
    'export const globals = {}; export const create = () => ({ requestAdapter: async () => ' +
      `(${info === null ? 'null' : JSON.stringify({ info })}) });`,
  );
  return findDawn({ OHEM_DATA: join(data, name) });
}

describe('isSoftware', () => {
  it('goes by the adapter’s own word and by known names', () => {
    expect([H100, SWIFTSHADER, LLVMPIPE, WARP].map(isSoftware)).toEqual([false, true, true, true]);
    expect(isSoftware({ ...H100, isFallbackAdapter: true })).toBe(true);
    expect(isSoftware({ vendor: '', architecture: '', device: '', description: '' })).toBe(false);
  });
});

describe('describeAdapter', () => {
  it('names what the adapter tells of itself', () => {
    expect(describeAdapter(H100)).toBe('NVIDIA H100 PCIe (nvidia hopper)');
    expect(describeAdapter(SWIFTSHADER)).toBe('SwiftShader driver 5.0.0 (google swiftshader), software');
    expect(describeAdapter({ vendor: '', architecture: '', device: '', description: '' })).toBe('GPU');
  });
});

describe('requestAdapter', () => {
  it('takes a GPU, from the set-up before the installed package', async () => {
    const dawn = await fakeDawn('gpu', H100);
    expect(dawn.folder).toBe(join(data, 'gpu/webgpu/node_modules/webgpu'));
    expect((await requestAdapter(dawn, {})).info).toEqual(H100);
  });

  it('refuses a software adapter unless it is asked for', async () => {
    const dawn = await fakeDawn('software', SWIFTSHADER);
    await expect(requestAdapter(dawn, {})).rejects.toThrow('only a software adapter: SwiftShader driver 5.0.0');
    expect((await requestAdapter(dawn, { OHEM_SOFTWARE_GPU: '1' })).info).toEqual(SWIFTSHADER);
  });

  it('says that there is no adapter', async () => {
    await expect(requestAdapter(await fakeDawn('none', null), {})).rejects.toThrow('WebGPU found no adapter');
  });
});

describe('a device that reports errors beside its results', () => {
  it('has forwards refused during which it did, and all once it is lost', async () => {
    const tfjs = await importTfjs();
    await import('@tensorflow/tfjs-backend-cpu');
    const faults = { count: 0, last: '', lost: false };
    const engine = await tfjsEngine(tfjs, 'cpu', 'faulty', 'GPU', faults);
    const graph = await engine.loadGraph(await writeTinyGraphModel(join(data, 'graph')), 'tfjs-graph');
    const run = () => graph.run({ x: { shape: [1, 3], data: Float32Array.of(1, 2, 3) } });
    expect((await run())['sum'].data).toEqual(Float32Array.of(2, 21, 301));
    const during = run();
    Object.assign(faults, { count: 1, last: 'the buffer is too large' });
    await expect(during).rejects.toThrow('expected a forward pass, received the buffer is too large');
    expect((await run())['sum'].data).toEqual(Float32Array.of(2, 21, 301));
    Object.assign(faults, { lost: true, last: 'the GPU was lost: removed' });
    await expect(run()).rejects.toThrow('the GPU was lost: removed');
    graph.dispose();
  });
});
