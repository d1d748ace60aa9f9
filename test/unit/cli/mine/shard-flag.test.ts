import { afterEach, describe, expect, it, vi } from 'vitest';
import { shardFlag } from '../../../../src/cli/mine/shard-flag.js';

afterEach(() => vi.unstubAllEnvs());

const NOBODY = {
  SLURM_ARRAY_TASK_ID: undefined,
  SLURM_ARRAY_TASK_COUNT: undefined,
  SLURM_ARRAY_TASK_MIN: undefined,
  SLURM_ARRAY_TASK_STEP: undefined,
  JOB_COMPLETION_INDEX: undefined,
  JOB_COMPLETIONS: undefined,
};
function within(env: Partial<Record<keyof typeof NOBODY, string>>) {
  for (const [name, value] of Object.entries({ ...NOBODY, ...env })) vi.stubEnv(name, value);
  return shardFlag('env');
}

describe('--shard', () => {
  it('takes i/n', () => {
    expect(shardFlag('0/16')).toEqual({ index: 0, count: 16 });
    expect(shardFlag('15/16')).toEqual({ index: 15, count: 16 });
  });

  it.each(['16/16', '-1/4', '1', '1/', '/4', '0/0', '1/2/3x', '1.5/4', 'a/b', ' 1/4', '0/9999999'])(
    'refuses %s',
    (text) => expect(() => shardFlag(text)).toThrow(/expected i\/n with i from 0 to n - 1/),
  );

  it('takes what Slurm says of an array, wherever it begins and however it steps', () => {
    expect(within({ SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '8' })).toEqual({ index: 3, count: 8 });
    const from10by5 = { SLURM_ARRAY_TASK_MIN: '10', SLURM_ARRAY_TASK_STEP: '5', SLURM_ARRAY_TASK_COUNT: '4' };
    expect(within({ ...from10by5, SLURM_ARRAY_TASK_ID: '25' })).toEqual({ index: 3, count: 4 });
    expect(() => within({ ...from10by5, SLURM_ARRAY_TASK_ID: '26' })).toThrow(/received 3\.2\/4/);
  });

  it('takes what Kubernetes says of an Indexed Job', () => {
    expect(within({ JOB_COMPLETION_INDEX: '0', JOB_COMPLETIONS: '2' })).toEqual({ index: 0, count: 2 });
    expect(() => within({ JOB_COMPLETION_INDEX: '0' })).toThrow(
      /JOB_COMPLETIONS, in the environment; received neither/,
    );
  });
});
