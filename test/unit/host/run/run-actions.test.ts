import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Run } from '../../../../src/host/run/run.js';

vi.mock('vscode', () => ({}));
const { compareRun } = await import('../../../../src/host/run/run-actions.js');

describe('comparing over a run', () => {
  it('asks the engine process once, and names the images that differ most', async () => {
    const overlaps = [1, 0.5, 0, 0.5, ...Array.from({ length: 20 }, () => 0.9)];
    const images = overlaps.map((overlap, imageIndex) => ({ imageIndex, id: `${imageIndex}.jpg`, overlap, both: 0 }));
    const total = { overlap: 0.8 };
    const call = vi.fn(async () => ({ total, images }));
    const b = { ...DEFAULT_CONFIG, seed: 1 };
    const answer = await compareRun(
      { call } as unknown as EngineService,
      { path: '/run.ohem' } as Run,
      DEFAULT_CONFIG,
      b,
    );
    expect(call.mock.calls).toEqual([['compareRun', { runPath: '/run.ohem', a: DEFAULT_CONFIG, b }]]);
    expect(answer).toMatchObject({ a: DEFAULT_CONFIG, b, total, numImages: 24, error: '' });
    expect(answer.differing).toHaveLength(12);
    expect(answer.differing.slice(0, 4)).toEqual([
      { imageIndex: 2, id: '2.jpg', overlap: 0 },
      { imageIndex: 1, id: '1.jpg', overlap: 0.5 },
      { imageIndex: 3, id: '3.jpg', overlap: 0.5 },
      { imageIndex: 4, id: '4.jpg', overlap: 0.9 },
    ]);
  });
});
