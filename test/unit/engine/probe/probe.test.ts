import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../src/core/graph.js';
import { inWords } from '../../../../src/core/said.js';
import type { Backend } from '../../../../src/engine/engine.js';
import { keepSinglePrecision } from '../../../../src/engine/gpu/nvidia.js';
import { onnxruntimeWeb } from '../../../../src/engine/onnx/onnxruntime-web.js';
import { probeBackend } from '../../../../src/engine/probe/probe.js';
import { litertWasm } from '../../../../src/engine/tflite/litert-wasm.js';
import { tfjsWasm } from '../../../../src/engine/tfjs/tfjs-wasm.js';

/** The real backend, its answers changed. */
const bent = (backend: Backend, change: (value: number) => number): Backend => ({
  ...backend,
  async start() {
    const engine = await backend.start();
    return {
      ...engine,
      async loadGraph(path, format) {
        const graph = await engine.loadGraph(path, format);
        const bend = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.map(change) });
        return {
          ...graph,
          run: async (feeds) =>
            Object.fromEntries(Object.entries(await graph.run(feeds)).map(([name, value]) => [name, bend(value)])),
        };
      },
    };
  },
});

describe.each([onnxruntimeWeb, tfjsWasm, litertWasm])('probeBackend of $id', (backend) => {
  it('measures what computes', async () => {
    expect(await probeBackend(backend)).toMatchObject({
      id: backend.id,
      runs: true,
      reason: '',
      speed: expect.any(Number) as number,
    });
  });

  it.each([
    ['zeros', () => 0],
    ['NaN', () => NaN],
    ['a fiftieth more', (value: number) => value * 1.02],
  ])('refuses what gives %s', async (_, change) => {
    const { runs, reason } = await probeBackend(bent(backend, change));
    expect([runs, inWords(reason)]).toEqual([
      false,
      expect.stringMatching(/^a network of known answer gave \S+, not 74\.30$/),
    ]);
  });
});

describe('keepSinglePrecision', () => {
  it('leaves the person’s own word', () => {
    const [unset, own] = [{}, { NVIDIA_TF32_OVERRIDE: '1' }];
    [unset, own].forEach((env) => keepSinglePrecision(env));
    expect([unset, own]).toEqual([{ NVIDIA_TF32_OVERRIDE: '0' }, { NVIDIA_TF32_OVERRIDE: '1' }]);
  });
});
