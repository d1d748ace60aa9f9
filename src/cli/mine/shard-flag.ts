/** `--shard`: which part of the images a process of many mines. */
import { InvalidArgumentError } from 'commander';

/** `index` in [0, count). */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

const MAX_COUNT = 2 ** 20;

export const SHARD_HELP =
  'mine one of n parts, i from 0, by a hash of the images\' ids (join them: ohem merge); "env": what Slurm or ' +
  'Kubernetes says';

/**
 * `3/16`, or `env`: of a Slurm array SLURM_ARRAY_TASK_ID, _MIN, _STEP and _COUNT; of an Indexed Job
 * JOB_COMPLETION_INDEX, which Kubernetes sets, and JOB_COMPLETIONS, which the job's file has to.
 * @throws InvalidArgumentError
 */
export function shardFlag(text: string): Shard {
  const given = text === 'env' ? fromEnvironment(process.env) : text;
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(given) ?? []).map(Number);
  if (index !== undefined && count !== undefined && index < count && count <= MAX_COUNT) return { index, count };
  throw new InvalidArgumentError(`expected i/n with i from 0 to n - 1, such as 0/16, received ${given}.`);
}

function fromEnvironment(env: NodeJS.ProcessEnv): string {
  const { SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_COUNT, SLURM_ARRAY_TASK_MIN = '0', SLURM_ARRAY_TASK_STEP = '1' } = env;
  if (SLURM_ARRAY_TASK_ID !== undefined && SLURM_ARRAY_TASK_COUNT !== undefined) {
    const index = (Number(SLURM_ARRAY_TASK_ID) - Number(SLURM_ARRAY_TASK_MIN)) / Number(SLURM_ARRAY_TASK_STEP);
    return `${index}/${SLURM_ARRAY_TASK_COUNT}`;
  }
  const { JOB_COMPLETION_INDEX, JOB_COMPLETIONS } = env;
  if (JOB_COMPLETION_INDEX !== undefined && JOB_COMPLETIONS !== undefined)
    return `${JOB_COMPLETION_INDEX}/${JOB_COMPLETIONS}`;
  throw new InvalidArgumentError(
    'expected SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT, or JOB_COMPLETION_INDEX and JOB_COMPLETIONS, ' +
      'in the environment; received neither pair.',
  );
}
