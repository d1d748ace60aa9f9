/** A run of the sample and its shards, as the jobs of a cluster write them. */
import { cp, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';

export const SAMPLE = path.join(import.meta.dirname, '../../../../media/sample');
export const LIMIT = 9;
export const COUNT = 3;

export class ShardedRun {
  /** What each shard is in the end. */
  readonly shards: Buffer[] = [];

  private constructor(readonly home: string) {}

  /** Mines `whole.ohem` and the shards. */
  static async make(): Promise<ShardedRun> {
    const run = new ShardedRun(await mkdtemp(path.join(tmpdir(), 'ohem-follow-shards-')));
    await cp(path.join(SAMPLE, 'instances.json'), path.join(run.home, 'instances.json'));
    await run.mine('whole');
    for (let index = 0; index < COUNT; index++) {
      await run.mine('shard', { index, count: COUNT });
      run.shards.push(await readFile(run.at('shard')));
    }
    return run;
  }

  at(name: string): string {
    return path.join(this.home, `${name}.ohem`);
  }

  async mine(name: string, shard?: { index: number; count: number }, keepRate = 0.25, limit = LIMIT): Promise<void> {
    await mineRun(
      {
        checkpointPath: path.join(SAMPLE, 'checkpoint'),
        datasetPath: path.join(this.home, 'instances.json'),
        dataset: { images: SAMPLE },
        outPath: this.at(name),
        mining: resolveConfig('paper', { batchSize: 32, imagesPerBatch: 2, keepRate }),
        measure: {},
        backend: null,
        limit,
        keepRois: 60,
        resume: false,
        force: true,
        ...(shard && { shard }),
      },
      () => undefined,
    );
  }
}
