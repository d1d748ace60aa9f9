import { describe, expect, it, vi } from 'vitest';
import type { Run } from '../../../../src/host/run/run.js';

vi.mock('vscode', () => ({ EventEmitter: class {} }));
const { inTrainingOrder } = await import('../../../../src/host/checkpoints/compare-command.js');

const run = (checkpoint: string | null, createdAt: string, dataset = '') =>
  ({
    manifest: { checkpoint: checkpoint === null ? null : { path: checkpoint }, createdAt, dataset: { path: dataset } },
  }) as unknown as Run;
const names = (runs: Run[]) =>
  inTrainingOrder(runs).map(
    ({ manifest }) => `${manifest.checkpoint?.path ?? manifest.dataset.path} ${manifest.createdAt}`,
  );

describe('the order of training', () => {
  it('is that of the checkpoints’ names, numbers by value, then of time', () => {
    const runs = [run('/m/epoch-10.onnx', '1'), run('/m/epoch-2.onnx', '3'), run('/m/epoch-2.onnx', '2')];
    expect(names(runs)).toEqual(['/m/epoch-2.onnx 2', '/m/epoch-2.onnx 3', '/m/epoch-10.onnx 1']);
    expect(inTrainingOrder([])).toEqual([]);
  });

  it('of imported losses: that of the dumps’ names', () => {
    expect(names([run(null, '1', '/d/e3.jsonl'), run(null, '2', '/d/e1.jsonl')])).toEqual([
      '/d/e1.jsonl 2',
      '/d/e3.jsonl 1',
    ]);
  });
});
