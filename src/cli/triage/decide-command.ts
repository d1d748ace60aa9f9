import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { MiningError } from '../../core/mining-error.js';
import { NONE } from '../../core/tables.js';
import { VERDICT_IDS, VERDICTS, type Decision, type Verdict } from '../../core/triage/decisions.js';
import { authorOf } from '../../run/decisions/author.js';
import { decide, readDecisions } from '../../run/decisions/decisions.js';
import { findTarget, type FoundTarget } from '../../run/decisions/find-target.js';
import { withRun } from '../../run/file/read-run.js';
import { csvText } from '../../run/query/csv-text.js';
import { wholeNumber } from '../flag-values.js';
import { printable, textTable } from '../print/text-table.js';

interface DecideFlags {
  readonly image: string;
  readonly object?: number;
  readonly roi?: number;
  readonly verdict?: Verdict;
  readonly note: string;
  readonly clear?: boolean;
  readonly author?: string;
}

/** `ohem decide` */
export function addDecideCommand(program: Command): void {
  program
    .command('decide')
    .description('notes a verdict on an image, an object or a RoI beside the run, in NAME.decisions/AUTHOR.jsonl')
    .argument('<run>', 'run file (*.ohem)')
    .requiredOption('--image <id>', 'as `show` names it')
    .addOption(new Option('--object <n>', 'row of its ground truth (gt_index)').argParser(wholeNumber).conflicts('roi'))
    .addOption(new Option('--roi <n>', 'row of its RoIs').argParser(wholeNumber))
    .addOption(
      new Option('--verdict <word>', VERDICTS.map(({ id, says }) => `${id}: ${says}`).join('; ')).choices(VERDICT_IDS),
    )
    .option('--note <text>', 'in words', '')
    .addOption(new Option('--clear', "take the author's own decision back").conflicts('verdict'))
    .option('--author <name>', "who decides (default: git's user.name, else the account)")
    .action(async (runPath: string, { verdict, note, clear = false, ...flags }: DecideFlags) => {
      if (verdict === undefined && !clear)
        throw new MiningError('options', 'verdict', `one of ${VERDICT_IDS.join(', ')}, or --clear`, 'none');
      const run = path.resolve(runPath);
      const { target, earlier } = await findPlace(run, flags);
      const author = flags.author ?? (await authorOf(run));
      const decision = verdict === undefined ? null : { verdict, note };
      const gone = earlier.map((each) => ({ target: each, decision: null }));
      await decide(run, author, [...gone, { target, decision }]);
      process.stdout.write(`${printable(`${flags.image}: ${verdict ?? 'cleared'} (${author})`)}\n`);
    });
}

function findPlace(runPath: string, { image: id, object, roi }: Omit<DecideFlags, 'note'>): Promise<FoundTarget> {
  return withRun(runPath, async (run) => {
    const imageIndex = run.images.indexOf('id', id);
    if (imageIndex < 0) throw new MiningError('options', 'image', 'one of the run', id, { file: runPath });
    const what = object !== undefined ? 'object' : roi !== undefined ? 'roi' : 'image';
    const { decisions } = await readDecisions(runPath);
    return findTarget(run, { imageIndex, what, row: object ?? roi ?? NONE }, decisions);
  });
}

interface DecisionsFlags {
  readonly verdict?: readonly Verdict[];
  readonly format: 'table' | 'json' | 'csv';
}

/** `ohem decisions` */
export function addDecisionsCommand(program: Command): void {
  program
    .command('decisions')
    .description('what everybody decided on a run: the latest of each image, object and RoI')
    .argument('<run>', 'run file (*.ohem); it need not exist any more')
    .addOption(verdictOption())
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'))
    .action(async (runPath: string, { verdict, format }: DecisionsFlags) => {
      const { decisions, faults } = await readDecisions(path.resolve(runPath));
      const shown = decisions.filter((each) => verdict === undefined || verdict.includes(each.verdict));
      process.stdout.write(TEXTS[format](shown));
      for (const fault of faults) process.stderr.write(`${printable(fault)}\n`);
      if (faults.length > 0) process.exitCode = 2;
    });
}

/** `--verdict hard,label-class` */
export function verdictOption(): Option {
  const parse = (text: string) => {
    const words = text.split(',');
    const wrong = words.find((word) => !VERDICT_IDS.some((id) => id === word));
    if (wrong !== undefined) throw new InvalidArgumentError(`expected some of ${VERDICT_IDS.join(', ')}.`);
    return VERDICT_IDS.filter((id) => words.includes(id));
  };
  return new Option('--verdict <words>', `only what was decided so: some of ${VERDICT_IDS.join(', ')}`).argParser(
    parse,
  );
}

const FIELDS = ['image', 'what', 'label', 'box', 'verdict', 'note', 'by', 'at'] as const;

function lineOf({ image, object, roi, verdict, note, by, at }: Decision) {
  const { label, box } = object ?? roi ?? { label: '', box: null };
  return { image, what: object ? 'object' : roi ? 'RoI' : 'image', label, box, verdict, note, by, at };
}

const TEXTS: Readonly<Record<DecisionsFlags['format'], (decisions: readonly Decision[]) => string>> = {
  json: (decisions) => `${JSON.stringify({ decisions })}\n`,
  csv: (decisions) => csvText(FIELDS, decisions.map(lineOf)),
  table: (decisions) =>
    textTable(
      FIELDS,
      decisions.map(lineOf).map(({ box, ...line }) => {
        const corners = box?.map((side) => side.toFixed(0)).join(' ') ?? '';
        return [line.image, line.what, line.label, corners, line.verdict, line.note, line.by, line.at];
      }),
      'llllllll',
    ),
};
