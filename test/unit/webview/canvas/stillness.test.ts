import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { followStillness, SETTLE_MS } from '../../../../webview/canvas/stillness.js';
import { createModel } from '../../../../webview/state/create-model.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('followStillness', () => {
  const moves = (model: ReturnType<typeof createModel>, x: number) => (model.zoomed.value = { scale: 1, x, y: 0 });

  it('says so from each move on, until nothing has moved for a moment', () => {
    const model = createModel({ drawAll: true });
    const stop = followStillness(model);
    vi.advanceTimersByTime(SETTLE_MS);
    expect(model.still.value).toBe(true);
    for (let x = 1; x < 5; x++) {
      moves(model, x);
      vi.advanceTimersByTime(SETTLE_MS - 1);
      expect(model.still.value).toBe(false);
    }
    vi.advanceTimersByTime(1);
    expect(model.still.value).toBe(true);
    stop();
    moves(model, 9);
    expect(model.still.value).toBe(true);
  });

  it('is of no concern where not all boxes are lines', () => {
    const model = createModel();
    const stop = followStillness(model);
    moves(model, 1);
    expect(model.still.value).toBe(true);
    stop();
  });
});
