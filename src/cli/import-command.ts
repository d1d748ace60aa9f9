import type { Command } from 'commander';
import path from 'node:path';
import type { Task } from '../core/tables.js';
import { defaultConfig } from '../core/mining/select.js';
import type { WorkerEvent } from '../protocol/worker-messages.js';
import { importDump } from '../run/dump/import-dump.js';
import { keepRoisOption, keptRois, type KeepFlag, maxInflateOption } from './flag-values.js';
import { refuseUseless, withoutLoss } from './mine/mine-command.js';
import { addMiningFlags, configFromFlags } from './mining-flags.js';
import type { MiningFlags } from './mining-flags.js';
import { progressLine } from './print/progress-line.js';
import type { ProgressLine } from './print/progress-line.js';
import { stopOnInterrupt } from './stop-on-interrupt.js';
import { printable } from './print/text-table.js';

interface ImportFlags extends MiningFlags, KeepFlag {
  readonly out: string;
  readonly images?: string;
  readonly force?: boolean;
  readonly resume?: boolean;
  readonly follow?: boolean;
  readonly maxInflate: number;
}

/** `ohem import` */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('make a run file of a RoI dump: the losses that a training script wrote, no model')
    .argument('<dump>', 'RoI dump: JSON Lines or NPZ')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--images <folder>', "folder that image names are relative to; default: the dump's own")
    .addOption(maxInflateOption())
    .option('--follow', 'go on while a training writes the dump, until Ctrl-C')
    .addOption(keepRoisOption())
    .option('--resume', 'continue an import that was stopped or killed')
    .option('--force', 'replace a run file that exists');
  addMiningFlags(command, 'definition of a hard example (default: paper, of classification top-rate)');
  command.action(importFlags);
}

async function importFlags(dump: string, flags: ImportFlags): Promise<void> {
  const line = progressLine();
  const stop = stopOnInterrupt(line);
  try {
    const options = {
      dumpPath: path.resolve(dump),
      images: flags.images === undefined ? null : path.resolve(flags.images),
      outPath: path.resolve(flags.out),
      miningOf: (task: Task) => configFromFlags(flags, defaultConfig(task), task),
      force: flags.force === true,
      resume: flags.resume === true,
      follow: flags.follow === true,
      maxInflated: flags.maxInflate,
      ...keptRois(flags),
    };
    const result = await importDump(options, (event) => tell(line, event), stop.signal);
    line.stop();
    process.stdout.write(
      `${printable(flags.out)}: ${result.numDone} images${withoutLoss(result)}` +
        (result.state === 'stopped' ? ', stopped\n' : '\n'),
    );
    if (result.state === 'stopped') process.exitCode = 130;
    else refuseUseless(result, options.dumpPath);
  } finally {
    line.stop();
    stop.dispose();
  }
}

function tell(line: ProgressLine, event: WorkerEvent): void {
  if (event.event === 'progress' && event.progress.state !== 'failed') line.show(event.progress);
  if (event.event === 'log') line.say(printable(event.text));
  if (event.event === 'opened') for (const note of event.manifest.notes) line.say(`note: ${printable(note)}`);
}
