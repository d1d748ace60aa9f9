import { Option, type Command } from 'commander';
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { followShards } from '../../run/mine/follow-shards.js';
import { mergeShards, type Merged } from '../../run/mine/merge-shards.js';
import { duration, progressLine } from '../print/progress-line.js';
import { printable } from '../print/text-table.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';

interface MergeFlags {
  readonly out: string;
  readonly data?: string;
  readonly partial?: boolean;
  readonly force?: boolean;
  readonly follow?: boolean;
}

/** `ohem merge` */
export function addMergeCommand(program: Command): void {
  program
    .command('merge')
    .description('the shards of a run as the run that one process would have written')
    .argument('<shard...>', 'run files of "ohem mine --shard" (*.ohem); with --follow their folder')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--data <path>', 'the data set, where it is not where the shards found it')
    .option('--partial', 'images may be missing: "ohem mine --resume" measures them')
    .option('--force', 'replace a run file that exists')
    .addOption(
      new Option('--follow', 'take images while the shards are written; merge when all are whole').conflicts('partial'),
    )
    .action(async (shards: readonly string[], flags: MergeFlags) => merge(shards, flags));
}

async function merge(shards: readonly string[], flags: MergeFlags): Promise<void> {
  const line = progressLine();
  const stop = stopOnInterrupt(line);
  const startedAt = performance.now();
  const emit = (event: WorkerEvent) => {
    if (event.event === 'progress') line.show(event.progress);
    if (event.event === 'log') line.say(printable(event.text));
  };
  try {
    const merged = await (flags.follow === true ? follow : mergeAll)(shards, flags, emit, stop.signal);
    line.stop();
    const { numMissing = 0 } = merged;
    const missing = numMissing === 0 ? '' : `, ${numMissing} missing: measure them with --resume`;
    const stopped = merged.state === 'stopped' ? ', stopped before the end' : '';
    const seconds = duration((performance.now() - startedAt) / 1000);
    process.stdout.write(`${printable(flags.out)}: ${merged.numDone} images${missing}${stopped}, ${seconds}\n`);
    if (merged.state === 'stopped') process.exitCode = 130;
  } finally {
    line.stop();
    stop.dispose();
  }
}

type Answer = Pick<Merged, 'state' | 'numDone'> & Partial<Merged>;
type Emit = (event: WorkerEvent) => void;

function mergeAll(shards: readonly string[], flags: MergeFlags, emit: Emit, signal: AbortSignal): Promise<Answer> {
  const { partial = false, force = false } = flags;
  const options = { shards: shards.map((shard) => path.resolve(shard)), ...placeOf(flags), partial, force };
  return mergeShards(options, emit, signal);
}

async function follow(given: readonly string[], flags: MergeFlags, emit: Emit, signal: AbortSignal): Promise<Answer> {
  const [folder] = given;
  if (folder === undefined || given.length > 1)
    throw new MiningError('options', 'merge --follow', 'one folder of shards', `${given.length} paths`);
  return followShards({ folder, ...placeOf(flags), force: flags.force === true }, emit, signal);
}

function placeOf({ out, data }: MergeFlags) {
  return { outPath: path.resolve(out), ...(data !== undefined && { datasetPath: path.resolve(data) }) };
}
