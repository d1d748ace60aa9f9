import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineProcess } from '../../../../src/host/engine/engine-process.js';
import { IdleProcess } from '../../../../src/host/engine/idle-process.js';

const REST_MS = 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Processes whose calls are answered by hand. */
function setUp() {
  const started: { alive: boolean; kill(): void }[] = [];
  const answers: (() => void)[] = [];
  const start = vi.fn(async () => {
    const process = {
      alive: true,
      kill: () => void (process.alive = false),
      call: () => new Promise<void>((resolve) => answers.push(resolve)),
    };
    started.push(process);
    return process as unknown as EngineProcess;
  });
  const idle = new IdleProcess(start, REST_MS);
  const call = async () => {
    const answered = idle.call('recipes', {});
    await vi.advanceTimersByTimeAsync(0);
    return { answered, answer: answers[answers.length - 1] };
  };
  const rest = () => vi.advanceTimersByTimeAsync(2 * REST_MS);
  return { idle, call, rest, start, started };
}

describe('a process that rests', () => {
  it('starts when it is called, ends after a rest, and starts again', async () => {
    const { call, rest, start, started } = setUp();
    expect(start).not.toHaveBeenCalled();
    const first = await call();
    first.answer();
    await first.answered;
    expect(started[0].alive).toBe(true);
    await rest();
    expect(started[0].alive).toBe(false);
    await call();
    expect(start).toHaveBeenCalledTimes(2);
  });

  it('lives as long as one call waits, whichever has been answered', async () => {
    const { call, rest, started } = setUp();
    const [long, short] = [await call(), await call()];
    short.answer();
    await short.answered;
    await rest();
    expect(started.map(({ alive }) => alive)).toEqual([true]);
    long.answer();
    await long.answered;
    await rest();
    expect(started[0].alive).toBe(false);
  });

  it('starts another where one has died, and ends at once when told to', async () => {
    const { idle, call, start, started } = setUp();
    await call();
    started[0].alive = false;
    await call();
    expect(start).toHaveBeenCalledTimes(2);
    idle.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(started[1].alive).toBe(false);
  });
});
