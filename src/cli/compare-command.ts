import { Option } from 'commander';
import type { Command } from 'commander';
import type { SideFacts } from '../core/reports/compare-selections.js';
import { MiningError, show } from '../core/mining-error.js';
import { DEFAULT_CONFIG, OPTION_KEYS } from '../core/mining/mining-options.js';
import { flagOf } from '../core/option-specs.js';
import { inWords } from '../core/said.js';
import { drawNote } from '../core/mining/select.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { compareRun } from '../run/query/compare-run.js';
import type { ImageComparison, RunComparison } from '../run/query/compare-run.js';
import type { Task } from '../core/tables.js';
import { withRun } from '../run/file/read-run.js';
import { wholeNumber } from './flag-values.js';
import { tellShortfall } from './check-command.js';
import { configFromFlags } from './mining-flags.js';
import { textTable } from './print/text-table.js';

interface CompareFlags {
  readonly a?: string;
  readonly b: string;
  readonly top: number;
  readonly format: 'table' | 'json';
}

/** `ohem compare` */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('what two definitions of a hard example select differently over a run, and what either would train on')
    .argument('<run>', 'run file (*.ohem)')
    .option(
      '--a <preset>',
      "preset, with options behind a colon: mmdet:num=256,pos-fraction=0.5 (default: the run's own)",
    )
    .option('--b <preset>', 'the other one', 'random')
    .option('--top <n>', 'how many of the images that differ most', wholeNumber, 10)
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json']).default('table'))
    .action(compare);
}

async function compare(path: string, { a, b, top, format }: CompareFlags): Promise<void> {
  const manifest = await withRun(path, async (run) => run.manifest);
  const { mining, task } = manifest;
  const sides = { a: a === undefined ? mining : parseSide('a', a, task), b: parseSide('b', b, task) };
  const { extent, shortfall, ...comparison } = await compareRun(path, sides.a, sides.b);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify({ run: path, ...extent, ...sides, ...comparison })}\n`
      : comparisonText(sides, comparison, top),
  );
  const notes = [sides.a, sides.b].map((side) => inWords(drawNote(side, manifest))).filter((note) => note !== '');
  tellShortfall({ ...shortfall, lines: [...shortfall.lines, ...notes] });
}

/**
 * `mmdet:num=256,pos-fraction=0.5` as a configuration.
 * @throws MiningError 'options'
 */
function parseSide(name: string, text: string, task: Task): MiningConfig {
  const [preset = '', ...rest] = text.split(':');
  const given = rest
    .join(':')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [flag = '', value = ''] = part.split('=');
      const key = OPTION_KEYS.find((known) => flagOf(known) === flag.trim());
      if (key === undefined)
        throw new MiningError('options', name, `options of ${OPTION_KEYS.map(flagOf).join(', ')}`, show(flag));
      return [key, value.trim()] as const;
    });
  return configFromFlags({ preset, ...Object.fromEntries(given) }, DEFAULT_CONFIG, task);
}

function comparisonText(
  sides: { readonly a: MiningConfig; readonly b: MiningConfig },
  { total, images }: Pick<RunComparison, 'total' | 'images'>,
  top: number,
): string {
  const { both, onlyA, onlyB, neither, overlap, a, b } = total;
  const line = (name: string, of: (side: SideFacts) => string) => [name, of(a), of(b)];
  const rows = [
    ['preset', sides.a.preset, sides.b.preset],
    line('selected', ({ numSelected }) => String(numSelected)),
    line('foreground share', ({ foregroundShare }) => percent(foregroundShare)),
    line('mean loss', ({ meanLoss }) => meanLoss.toFixed(4)),
    line('mean class loss', ({ meanClsLoss }) => meanClsLoss.toFixed(4)),
    line('mean box loss', ({ meanLocLoss }) => meanLocLoss.toFixed(4)),
    line('loss covered', ({ lossCovered }) => percent(lossCovered)),
  ];
  const counts =
    `both ${both} · only a ${onlyA} · only b ${onlyB} · neither ${neither} · overlap (Jaccard) ` +
    `${overlap.toFixed(3)}\n`;
  return `${textTable(['', 'a', 'b'], rows, 'lrr')}${counts}${imagesText(images, top)}`;
}

/** Images with the least overlap first; equal ones by how much is selected. */
function imagesText(images: readonly ImageComparison[], top: number): string {
  const numUnion = ({ both, onlyA, onlyB }: ImageComparison) => both + onlyA + onlyB;
  const most = images
    .filter((image) => numUnion(image) > 0)
    .sort((x, y) => x.overlap - y.overlap || numUnion(y) - numUnion(x))
    .slice(0, top);
  if (most.length === 0) return '';
  const rows = most.map(({ id, both, onlyA, onlyB, overlap, a, b }) => [
    id,
    String(both),
    String(onlyA),
    String(onlyB),
    overlap.toFixed(3),
    a.meanLoss.toFixed(3),
    b.meanLoss.toFixed(3),
  ]);
  const heads = ['image', 'both', 'only a', 'only b', 'overlap', 'mean loss a', 'mean loss b'];
  return `\n${textTable(heads, rows, 'lrrrrrr')}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
