import type { Command } from 'commander';
import path from 'node:path';
import { mergeShards } from '../../run/mine/merge-shards.js';
import { duration, progressLine } from '../print/progress-line.js';
import { printable } from '../print/text-table.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';

interface MergeFlags {
  readonly out: string;
  readonly data?: string;
  readonly partial?: boolean;
  readonly force?: boolean;
}

/** `ohem merge` */
export function addMergeCommand(program: Command): void {
  program
    .command('merge')
    .description('the shards of a run as the run that one process would have written')
    .argument('<shard...>', 'run files of "ohem mine --shard" (*.ohem)')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--data <path>', 'the data set, where it is not where the shards found it')
    .option('--partial', 'images may be missing: "ohem mine --resume" measures them')
    .option('--force', 'replace a run file that exists')
    .action(async (shards: readonly string[], flags: MergeFlags) => merge(shards, flags));
}

async function merge(shards: readonly string[], { out, data, partial, force }: MergeFlags): Promise<void> {
  const line = progressLine();
  const stop = stopOnInterrupt(line);
  const startedAt = performance.now();
  try {
    const merged = await mergeShards(
      {
        shards: shards.map((shard) => path.resolve(shard)),
        outPath: path.resolve(out),
        ...(data !== undefined && { datasetPath: path.resolve(data) }),
        partial: partial === true,
        force: force === true,
      },
      (event) => {
        if (event.event === 'progress') line.show(event.progress);
        if (event.event === 'log') line.say(printable(event.text));
      },
      stop.signal,
    );
    line.stop();
    const missing = merged.numMissing === 0 ? '' : `, ${merged.numMissing} missing: measure them with --resume`;
    const stopped = merged.state === 'stopped' ? ', stopped before the end' : '';
    const seconds = duration((performance.now() - startedAt) / 1000);
    process.stdout.write(`${printable(out)}: ${merged.numDone} images${missing}${stopped}, ${seconds}\n`);
    if (merged.state === 'stopped') process.exitCode = 130;
  } finally {
    line.stop();
    stop.dispose();
  }
}
