import { Option } from 'commander';
import type { Command } from 'commander';
import { NONE } from '../core/tables.js';
import { runDynamics } from '../run/query/dynamics.js';
import type { RunDynamics } from '../run/query/dynamics.js';
import { csvText } from '../run/query/csv-text.js';
import { wholeNumber } from './flag-values.js';
import { tellShortfall } from './check-command.js';
import { textTable } from './print/text-table.js';

const ORDERS = ['aum', 'forgetting'] as const;

interface DynamicsFlags {
  readonly top?: number;
  readonly order: (typeof ORDERS)[number];
  readonly format: 'table' | 'json' | 'csv';
}

interface DynamicsExample {
  /** Id of the image. */
  readonly image: string;
  /** Which object of the image; null in classification. */
  readonly gt_index: number | null;
  readonly label: string;
  /** Area under the margin; null unknown (docs/measures.md). */
  readonly aum: number | null;
  /** Forgetting events. */
  readonly forgotten: number;
  /** Place of the run that learnt it first; null never. */
  readonly first_learned: number | null;
}

/** `ohem dynamics` */
export function addDynamicsCommand(program: Command): void {
  program
    .command('dynamics')
    .description(
      "area under the margin and forgetting events of every example, over the runs of one training's checkpoints",
    )
    .argument('<runs...>', 'run files of the same data set, in the order of training; or one that a training wrote')
    .option('--top <n>', 'how many examples (default: 20 in a table, else all)', wholeNumber)
    .addOption(
      new Option('--order <how>', 'lowest area under the margin first, or never learned and most forgotten first')
        .choices(ORDERS)
        .default('aum'),
    )
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'))
    .action(async (paths: string[], flags: DynamicsFlags) => {
      const dynamics = await runDynamics(paths);
      const order = orderOf(dynamics, flags.order).slice(0, flags.top ?? (flags.format === 'table' ? 20 : undefined));
      if (dynamics.numLeftOut > 0)
        process.stderr.write(
          `note: ${dynamics.numLeftOut} images are not in every run with the same labels and left out\n`,
        );
      process.stdout.write(TEXTS[flags.format](paths, dynamics, order));
      dynamics.shortfalls.forEach(tellShortfall);
    });
}

/** Examples, most suspicious first; what is unknown comes last, equal ones in the order of the first run. */
function orderOf({ aum, numForgotten, firstLearned }: RunDynamics, order: DynamicsFlags['order']): number[] {
  const rows = Array.from(aum, (_, example) => example);
  const margin = (example: number) => (Number.isNaN(aum[example]) ? Infinity : aum[example]);
  const forgetting = (example: number) => (firstLearned[example] === NONE ? Infinity : numForgotten[example]);
  const byMargin = (a: number, b: number) => (margin(a) === margin(b) ? 0 : margin(a) - margin(b));
  if (order === 'aum') return rows.sort(byMargin);
  return rows.sort((a, b) => (forgetting(a) === forgetting(b) ? byMargin(a, b) : forgetting(b) - forgetting(a)));
}

const FIELDS = [
  'image',
  'gt_index',
  'label',
  'aum',
  'forgotten',
  'first_learned',
] as const satisfies readonly (keyof DynamicsExample)[];

function recordOf(
  { image, gtIndex, label, classes, isDetection, aum, numForgotten, firstLearned }: RunDynamics,
  example: number,
): DynamicsExample {
  return {
    image: image[example],
    gt_index: isDetection ? gtIndex[example] : null,
    label: classes[label[example]],
    aum: Number.isFinite(aum[example]) ? aum[example] : null,
    forgotten: numForgotten[example],
    first_learned: firstLearned[example] === NONE ? null : firstLearned[example],
  };
}

type ToText = (paths: readonly string[], dynamics: RunDynamics, order: readonly number[]) => string;
const TEXTS: Readonly<Record<DynamicsFlags['format'], ToText>> = {
  json: (runs, dynamics, order) => {
    const answer = {
      runs,
      complete: dynamics.extents.every(({ complete }) => complete),
      num_images: dynamics.extents.map(({ num_images }) => num_images),
      num_in_dataset: dynamics.extents.map(({ num_in_dataset }) => num_in_dataset),
      examples: order.map((example) => recordOf(dynamics, example)),
    };
    return `${JSON.stringify(answer)}\n`;
  },
  csv: (_, dynamics, order) =>
    csvText(
      FIELDS,
      order.map((example) => recordOf(dynamics, example)),
    ),
  table: tableOf,
};

function tableOf(paths: readonly string[], dynamics: RunDynamics, order: readonly number[]): string {
  const look = paths.length === 1 ? 'pass' : 'run';
  const rows = order.map((example, i) => {
    const { image, gt_index, label, aum, forgotten, first_learned } = recordOf(dynamics, example);
    return [
      String(i + 1),
      image,
      gt_index === null ? '' : String(gt_index),
      label,
      aum?.toFixed(3) ?? '',
      String(forgotten),
      first_learned === null ? 'never' : `${look} ${first_learned + 1}`,
    ];
  });
  const learned = dynamics.firstLearned.filter((run) => run !== NONE).length;
  const forgotten = dynamics.numForgotten.filter((count) => count > 0).length;
  const noun = dynamics.isDetection ? 'objects' : 'images';
  const looks = `${dynamics.numLooks} ${look === 'pass' ? 'passes' : 'runs'}`;
  const ends = `${learned} learned at some ${look}, ${forgotten} forgotten at least once`;
  const head = `${looks} · ${dynamics.aum.length} ${noun}, ${ends}\n`;
  return (
    head +
    textTable(
      ['', 'image', dynamics.isDetection ? 'object' : '', 'label', 'AUM', 'forgotten', 'first learned'],
      rows,
      'rlrlrrl',
    )
  );
}
