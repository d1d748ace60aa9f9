import type { Command } from 'commander';
import path from 'node:path';
import type { RunCheck } from '../core/facts/run-check.js';
import type { Shortfall } from '../run/file/read-run.js';
import { checkRun, salvageRun } from '../run/query/check-run.js';
import { printable } from './print/text-table.js';

/** `ohem check` */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('is a run file whole, and as it was written? names its damaged images; exit status 2 where it is not')
    .argument('<run>', 'run file (*.ohem)')
    .action(async (file: string) => {
      const checked = await checkRun(file);
      process.stdout.write(checkText(file, checked));
      if (!checked.complete || checked.isEndDamaged || checked.damaged.length > 0) process.exitCode = 2;
    });
}

/** `ohem salvage` */
export function addSalvageCommand(program: Command): void {
  program
    .command('salvage')
    .description('the whole images of a damaged run as a new one; the run that is read stays as it is')
    .argument('<run>', 'run file (*.ohem)')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--force', 'replace a run file that exists')
    .action(async (file: string, { out, force }: { readonly out: string; readonly force?: boolean }) => {
      const { numKept, numLost } = await salvageRun(file, { outPath: path.resolve(out), force: force === true });
      process.stdout.write(`${printable(out)}: ${numKept} images, ${numLost} left out\n`);
    });
}

/** Tells what a command's output lacks; where the run is broken, the exit status tells it too. */
export function tellShortfall({ lines, broken }: Shortfall): void {
  for (const line of lines) process.stderr.write(`${printable(line)}\n`);
  if (broken) process.exitCode = 2;
}

function checkText(file: string, checked: RunCheck): string {
  const { numImages, numInDataset, complete, isEndDamaged, sealed, damaged } = checked;
  const images = `${numImages} of ${numInDataset} images`;
  const state = complete ? '' : ', and no end: it is being written, or was killed or cut';
  const sums = sealed ? '' : ', no checksums: only the form can be checked';
  const end = isEndDamaged ? 'the index is damaged, and images are found without it' : '';
  const some = [damaged.length === 0 ? '' : `${damaged.length} damaged`, end].filter((text) => text !== '');
  const found = some.length === 0 ? 'nothing is damaged' : some.join('; ');
  const lines = damaged.map(({ imageIndex, id, reason }) => `  image ${imageIndex} ${printable(`${id}: ${reason}`)}\n`);
  return `${printable(file)}: ${images}${state}${sums}: ${found}\n${lines.join('')}`;
}
