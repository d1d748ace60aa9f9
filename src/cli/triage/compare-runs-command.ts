import { Option } from 'commander';
import type { Command } from 'commander';
import { CHANGES, compareRuns, type RunsCompared } from '../../run/query/compare-runs.js';
import { tellShortfall } from '../check-command.js';
import { wholeNumber } from '../flag-values.js';
import { textTable } from '../print/text-table.js';

interface CompareRunsFlags {
  readonly top: number;
  readonly format: 'table' | 'json';
}

/** `ohem compare-runs` */
export function addCompareRunsCommand(program: Command): void {
  program
    .command('compare-runs')
    .description('what the last of several checkpoints knows that the first did not: fixed, broken, still hard')
    .argument('<runs...>', 'run files of the same data set')
    .option('--top <n>', 'examples that changed, in a table', wholeNumber, 20)
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'))
    .action(async (runs: string[], { top, format }: CompareRunsFlags) => {
      const { extents, shortfalls, numLeftOut, ...compared } = await compareRuns(runs);
      if (numLeftOut > 0)
        process.stderr.write(`note: ${numLeftOut} images are not in every run with the same labels and left out\n`);
      const complete = extents.every((extent) => extent.complete);
      const json = () => `${JSON.stringify({ runs, complete, ...compared })}\n`;
      process.stdout.write(format === 'json' ? json() : tableOf(compared, top));
      shortfalls.forEach(tellShortfall);
    });
}

function tableOf({ total, classes, examples }: Pick<RunsCompared, 'total' | 'classes' | 'examples'>, top: number) {
  const counts = [...classes, { label: 'all', ...total }].map((line) => [
    line.label,
    ...CHANGES.map((change) => String(line[change])),
  ]);
  const order = CHANGES.flatMap((change) => examples.filter((each) => each.change === change));
  const rows = order
    .filter(({ change }) => change === 'broken' || change === 'fixed')
    .slice(0, top)
    .map(({ image, gt_index, label, change, margins }) => [
      image,
      gt_index === null ? '' : String(gt_index),
      label,
      change,
      margins.map((margin) => margin?.toFixed(2) ?? '–').join(' → '),
    ]);
  const changed = rows.length === 0 ? '' : `\n${textTable(['image', 'object', 'label', '', 'margin'], rows, 'lrlll')}`;
  return textTable(['class', ...CHANGES], counts, 'lrrrr') + changed;
}
