import { packColumns } from '../../../../src/arrow/mined-columns.js';
import type { MinedColumnsMessage } from '../../../../src/core/facts/image-list.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG, type MiningConfig } from '../../../../src/core/mining/mining-options.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Log } from '../../../../src/host/base/log.js';
import { MiningChanges } from '../../../../src/host/mine/mining-change.js';
import type { Run } from '../../../../src/host/run/run.js';

const config = (batchSize: number): MiningConfig => ({ ...DEFAULT_CONFIG, batchSize });

/** A run, and an engine whose answers are given by hand. */
function setUp() {
  const run = {
    path: '/r.ohem',
    running: false,
    mining: DEFAULT_CONFIG,
    manifest: { mining: DEFAULT_CONFIG },
    setDerived: vi.fn((mining: MiningConfig) => (run.mining = mining)),
  };
  const answers: ((result: MinedColumnsMessage) => void)[] = [];
  const call = vi.fn(
    (_method: string, _params: { mining: MiningConfig }) => new Promise((resolve) => answers.push(resolve)),
  );
  const showError = vi.fn();
  const changes = new MiningChanges({ call } as unknown as EngineService, { showError } as unknown as Log);
  return {
    run,
    changes,
    call,
    answers,
    showError,
    change: (mining: MiningConfig) => changes.change(run as unknown as Run, mining),
  };
}

const MINED = {
  numImages: 2,
  numbers: { lossSum: Float64Array.of(0.1, Infinity) },
  errors: new Map([[1, 'damaged']]),
};

describe('trying another configuration', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const rest = () => vi.advanceTimersByTimeAsync(1000);

  it('asks once for the last wish, after a rest', async () => {
    const { change, call, answers, run } = setUp();
    [8, 16, 32].forEach((size) => change(config(size)));
    await rest();
    expect(call.mock.calls.map(([, params]) => params.mining.batchSize)).toEqual([32]);
    answers[0](packColumns(MINED));
    await rest();
    expect(run.setDerived).toHaveBeenCalledExactlyOnceWith(config(32), MINED);
  });

  it('a wish during the work is done afterwards, never beside it', async () => {
    const { change, call, answers, run } = setUp();
    change(config(8));
    await rest();
    change(config(16));
    await rest();
    expect(call).toHaveBeenCalledTimes(1);
    answers[0](packColumns(MINED));
    await rest();
    expect(call).toHaveBeenCalledTimes(2);
    answers[1](packColumns(MINED));
    await rest();
    expect(run.mining.batchSize).toBe(16);
    await rest();
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('the run’s own configuration needs no work, and the one in use none either', async () => {
    const { change, call, run } = setUp();
    change(config(128));
    await rest();
    expect(run.setDerived).not.toHaveBeenCalled();
    run.mining = config(8);
    change(config(128));
    await rest();
    expect(run.setDerived).toHaveBeenCalledExactlyOnceWith(DEFAULT_CONFIG, null);
    expect(call).not.toHaveBeenCalled();
  });

  it('waits for a run that still grows', async () => {
    const { change, call, run } = setUp();
    run.running = true;
    change(config(8));
    await rest();
    expect(call).not.toHaveBeenCalled();
    run.running = false;
    await rest();
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('a failure is shown, and the next wish is heard', async () => {
    const { change, call, showError } = setUp();
    call.mockRejectedValueOnce(new Error('run-file: gone'));
    change(config(8));
    await rest();
    expect(showError).toHaveBeenCalledTimes(1);
    change(config(16));
    await rest();
    expect(call).toHaveBeenCalledTimes(2);
  });

  it('refuses what is no configuration', () => {
    const { change } = setUp();
    expect(() => change(config(-1))).toThrow('options: batch-size: expected an integer in [0, 1000000], received -1');
    expect(() => change({ ...config(1), preset: 'none' as never })).toThrow('options: preset');
  });

  it('forgets its wishes when it is freed', async () => {
    const { change, changes, call } = setUp();
    change(config(8));
    changes.dispose();
    await rest();
    expect(call).not.toHaveBeenCalled();
  });
});
