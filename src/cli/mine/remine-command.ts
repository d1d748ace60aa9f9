import type { Command } from 'commander';
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { minedFrom } from '../../protocol/mining-requests.js';
import { withRun } from '../../run/file/read-run.js';
import { mineRun } from '../../run/mine/mine-run.js';
import type { MineResult } from '../../run/mine/mine-run.js';
import { TIME_LIMIT_S } from '../../run/mine/watchdog.js';
import { changedOnDisk } from '../../run/query/changed-since.js';
import { wholeNumber } from '../flag-values.js';
import { tellEvent } from './mine-command.js';
import { progressLine } from '../print/progress-line.js';
import { printable } from '../print/text-table.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';

interface RemineFlags {
  readonly image: readonly string[];
  readonly list?: boolean;
  readonly timeLimit: number;
}

/** `ohem remine` */
export function addRemineCommand(program: Command): void {
  program
    .command('remine')
    .description(
      'mine those images of a run anew whose annotations or pixels have changed since, in its place; keep the rest',
    )
    .argument('<run>', 'run file (*.ohem)')
    .option('--image <id>', 'this image, changed or not; again for each', (id, before: string[]) => [...before, id], [])
    .option('--list', 'only name what has changed; exit status 1 where something has')
    .option('--time-limit <seconds>', 'as of mine', wholeNumber, TIME_LIMIT_S)
    .action((file: string, flags: RemineFlags) => (flags.list === true ? list(file, flags) : remine(file, flags)));
}

async function list(file: string, { image }: RemineFlags): Promise<void> {
  if (image.length > 0) throw new MiningError('options', '--list', 'one of --list and --image', 'both');
  const { changed, gone } = await changedOnDisk(file);
  const ids = await withRun(file, ({ images }) => Promise.resolve(images.map(({ id }) => id)));
  const lines = (what: string, places: readonly number[]) =>
    places.map((place) => `${what} image ${place} ${printable(ids[place] ?? '')}\n`).join('');
  process.stdout.write(lines('changed', changed) + lines('gone', gone));
  process.stderr.write(`${changed.length} of ${ids.length} images have changed, ${gone.length} are gone\n`);
  if (changed.length + gone.length > 0) process.exitCode = 1;
}

async function remine(file: string, { image, timeLimit }: RemineFlags): Promise<void> {
  const manifest = await withRun(file, (run) => Promise.resolve(run.manifest));
  const line = progressLine();
  const stop = stopOnInterrupt(line);
  try {
    const remined = image.length === 0 ? ('changed' as const) : [...image];
    const options = {
      ...minedFrom({ path: path.resolve(file), manifest }),
      timeLimitS: timeLimit,
      resume: false,
      remine: remined,
    };
    const result = await mineRun(options, (event) => tellEvent(line, event), stop.signal, new URL(import.meta.url));
    line.stop();
    process.stdout.write(`${printable(file)}: ${outcome(result)}\n`);
    if (result.state === 'stopped') process.exitCode = 130;
  } finally {
    line.stop();
    stop.dispose();
  }
}

function outcome({ state, numDone, numFailed, remined }: MineResult): string {
  if (state === 'stopped') return 'stopped, it is as it was';
  const { numAnew, numGone } = remined ?? { numAnew: 0, numGone: 0 };
  if (numAnew + numGone === 0) return `nothing has changed, all ${numDone} images are kept`;
  const failed = numFailed === 0 ? '' : `, ${numFailed} of them failed`;
  const left = numGone === 0 ? '' : `, ${numGone} left out: the data set has them no more`;
  return `${numAnew} images mined anew${failed}, ${numDone - numAnew} kept${left}`;
}
