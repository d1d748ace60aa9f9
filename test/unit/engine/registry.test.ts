import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../src/core/mining-error.js';
import type { Backend } from '../../../src/engine/engine.js';
import { NoDevice } from '../../../src/engine/failure.js';
import { BACKENDS, probeBackends, startEngine } from '../../../src/engine/registry.js';

/** A backend that starts, or fails with `reason`. `log` gathers what happened. */
function backend(id: string, formats: string[], log: string[], reason = ''): Backend {
  return {
    id,
    title: `Title of ${id}`,
    summary: '',
    needs: '',
    formats,
    async start() {
      log.push(`start ${id}`);
      if (reason !== '') throw new Error(reason);
      return {
        facts: { id, version: '1.2.3', device: 'CPU' },
        loadGraph: () => Promise.reject(new Error('not here')),
        dispose: async () => void log.push(`dispose ${id}`),
      };
    },
  };
}

const failure = async (promise: Promise<unknown>): Promise<MiningError> => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MiningError) return error;
  throw new Error(`expected a MiningError, received ${String(error)}`);
};

describe('startEngine', () => {
  it('starts the first that opens the format, and no other', async () => {
    const log: string[] = [];
    const backends = [backend('other', ['x'], log), backend('first', ['onnx'], log), backend('second', ['onnx'], log)];
    const { engine, refused } = await startEngine('onnx', null, backends);
    expect([engine.facts.id, refused, log]).toEqual(['first', [], ['start first']]);
  });

  it('goes on to the next and keeps why the better ones were refused, on one line each', async () => {
    const backends = [
      backend('a', ['onnx'], [], 'no\n  driver'),
      backend('b', ['onnx'], [], 'x'.repeat(1000)),
      backend('c', ['onnx'], []),
    ];
    const { engine, refused } = await startEngine('onnx', null, backends);
    expect(engine.facts.id).toBe('c');
    expect(refused[0]).toBe('a: no driver');
    expect(refused[1]).toHaveLength(303);
  });

  it('does not mention backends for devices that are not there, unless nothing else runs', async () => {
    const gpu: Backend = {
      ...backend('gpu', ['onnx'], []),
      stamp: () => Promise.reject(new NoDevice('no driver')),
    };
    expect((await startEngine('onnx', null, [gpu, backend('b', ['onnx'], [])])).refused).toEqual([]);
    expect((await failure(startEngine('onnx', null, [gpu]))).message).toContain('received gpu: no driver');
    expect((await failure(startEngine('onnx', 'gpu', [gpu]))).message).toContain('received no driver');
  });

  it('passes over what is for other platforms, unless it is pinned', async () => {
    const elsewhere = { ...backend('elsewhere', ['onnx'], [], 'not built for this platform'), platforms: /^plan9-/ };
    const here = { ...backend('here', ['onnx'], []), platforms: new RegExp(`^${process.platform}-`) };
    expect(await startEngine('onnx', null, [elsewhere, here])).toMatchObject({
      engine: { facts: { id: 'here' } },
      refused: [],
    });
    expect((await failure(startEngine('onnx', 'elsewhere', [elsewhere, here]))).message).toContain(
      'received not built for this platform',
    );
    expect(await probeBackends({}, [elsewhere])).toEqual([]);
  });

  it('never falls back from a pinned backend', async () => {
    const log: string[] = [];
    const backends = [backend('a', ['onnx'], log), backend('b', ['onnx'], log, 'no driver')];
    expect((await startEngine('onnx', 'a', backends)).refused).toEqual([]);
    const error = await failure(startEngine('onnx', 'b', backends));
    expect([error.code, error.message]).toEqual([
      'engine',
      'engine: b: expected the pinned backend to run here, received no driver',
    ]);
    expect(log).toEqual(['start a', 'start b']);
  });

  it('refuses unknown backends, and pinned ones for another format, without starting any', async () => {
    const log: string[] = [];
    const backends = [backend('a', ['onnx'], log), backend('b', ['tfjs-graph', 'tfjs-layers'], log)];
    expect((await failure(startEngine('onnx', 'c', backends))).message).toBe(
      'options: backend: expected one of a, b, received c',
    );
    expect((await failure(startEngine('onnx', 'b', backends))).message).toBe(
      'engine: b: expected tfjs-graph or tfjs-layers, received onnx. onnx is opened by a',
    );
    expect((await failure(startEngine('saved-model', 'b', backends))).message).toContain('opened by no backend yet');
    expect(log).toEqual([]);
  });

  it('says that none runs, with every reason, or that none opens the format and what to do', async () => {
    const backends = [backend('a', ['onnx'], [], 'no driver'), backend('b', ['onnx'], [], 'no memory')];
    expect((await failure(startEngine('onnx', null, backends))).message).toBe(
      'engine: onnx: expected a backend that runs here, received a: no driver; b: no memory',
    );
    expect((await failure(startEngine('saved-model', null, backends))).message).toContain('tensorflowjs_converter');
    expect((await failure(startEngine('toast', null, backends))).message).toBe(
      'engine: format: expected onnx, received toast. Convert the checkpoint to ONNX',
    );
  });
});

describe('BACKENDS', () => {
  it('are unique, and native comes before WASM before JavaScript', () => {
    const ids = BACKENDS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const opens = (format: string) => BACKENDS.filter(({ formats }) => formats.includes(format)).map(({ id }) => id);
    const providers = ['onnxruntime-cuda', 'onnxruntime-directml', 'onnxruntime-coreml', 'onnxruntime-webgpu'];
    expect(opens('onnx')).toEqual([...providers, 'onnxruntime-node', 'onnxruntime-web']);
    expect(opens('saved-model')).toEqual(['tfjs-node-gpu', 'tfjs-node']);
    for (const format of ['tfjs-graph', 'tfjs-layers'])
      expect(opens(format)).toEqual(['tfjs-node-gpu', 'tfjs-webgpu', 'tfjs-node', 'tfjs-wasm', 'tfjs-cpu']);
  });
});
