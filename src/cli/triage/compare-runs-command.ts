import { Option } from 'commander';
import type { Command } from 'commander';
import { CHANGES, LOW_SHARE } from '../../core/reports/checkpoint-changes.js';
import { compareRuns, furthestFirst, type ComparedExample, type RunsCompared } from '../../run/query/compare-runs.js';
import { tellShortfall } from '../check-command.js';
import { amount, positiveNumber, wholeNumber } from '../flag-values.js';
import { textTable } from '../print/text-table.js';

interface CompareRunsFlags {
  readonly a?: number;
  readonly b?: number;
  readonly highLoss?: number;
  readonly top: number;
  readonly format: 'table' | 'json';
}

/** `ohem compare-runs` */
export function addCompareRunsCommand(program: Command): void {
  program
    .command('compare-runs')
    .description('what one of several checkpoints knows that another does not: fixed, broken, still hard, newly hard')
    .argument('<runs...>', 'run files of the same data set, in the order of training; or one that a training wrote')
    .option('--a <n>', 'run to compare, from 1 (default: the first)', positiveNumber)
    .option('--b <n>', 'with which (default: the last)', positiveNumber)
    .option(
      '--high-loss <nats>',
      `a loss above is high (default: what ${LOW_SHARE} of what A knows do not exceed)`,
      amount,
    )
    .option('--top <n>', 'examples that changed, in a table', wholeNumber, 20)
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'))
    .action(async (runs: string[], { a, b, highLoss, top, format }: CompareRunsFlags) => {
      const compared = await compareRuns(runs, { a: placeOf(a), b: placeOf(b), highLoss: highLoss ?? null });
      for (const note of compared.notes) process.stderr.write(`note: ${note}\n`);
      process.stdout.write(format === 'json' ? jsonOf(runs, compared) : tableOf(compared, top));
      compared.shortfalls.forEach(tellShortfall);
    });
}

function placeOf(number: number | undefined): number | null {
  return number === undefined ? null : number - 1;
}

function jsonOf(runs: readonly string[], { a, b, highLoss, total, classes, examples, ...rest }: RunsCompared): string {
  const complete = rest.extents.every((extent) => extent.complete);
  const facts = { runs, complete, notes: rest.notes, a: a + 1, b: b + 1, high_loss: highLoss };
  return `${JSON.stringify({ ...facts, total, classes, examples })}\n`;
}

function tableOf(compared: RunsCompared, top: number): string {
  const { a, b, highLoss, total, classes } = compared;
  const counts = [...classes, { label: 'all', ...total }].map((line) => [
    line.label,
    ...CHANGES.map(({ id }) => String(line[id])),
  ]);
  const says = CHANGES.map(({ id, says }) => `${id}: ${says}`).join('\n');
  return (
    `A: run ${a + 1}, B: run ${b + 1}; a loss above ${highLoss.toFixed(3)} is high\n${says}\n\n` +
    textTable(['class', ...CHANGES.map(({ id }) => id)], counts, 'lrrrrr') +
    changedTable(furthestFirst(compared), top)
  );
}

function changedTable(examples: readonly ComparedExample[], top: number): string {
  const isChanged = ({ change }: ComparedExample) => !change.startsWith('still');
  const rows = CHANGES.flatMap(({ id }) => examples.filter((each) => isChanged(each) && each.change === id))
    .slice(0, top)
    .map(({ image, gt_index, label, change, losses, margins }) => [
      image,
      gt_index === null ? '' : String(gt_index),
      label,
      change,
      overRuns(losses),
      overRuns(margins),
    ]);
  if (rows.length === 0) return '';
  return `\n${textTable(['image', 'object', 'label', '', 'loss at each run', 'margin'], rows, 'lrllll')}`;
}

function overRuns(values: readonly (number | null)[]): string {
  return values.map((value) => value?.toFixed(2) ?? '–').join(' → ');
}
