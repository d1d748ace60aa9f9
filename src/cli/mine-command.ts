import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import path from 'node:path';
import { ASSIGNER_IDS, CLS_LOSS_IDS, LOC_LOSS_IDS } from '../core/losses/detector-output.js';
import type { MeasureConfig } from '../core/losses/detector-output.js';
import { MiningError, show } from '../core/mining-error.js';
import { defaultConfig, remainderNote } from '../core/mining/select.js';
import { ROI_BOX_IDS } from '../core/tables.js';
import type { WorkerEvent } from '../protocol/worker-messages.js';
import { mineRun } from '../run/mine/mine-run.js';
import type { MineResult } from '../run/mine/mine-run.js';
import { TIME_LIMIT_S } from '../run/mine/watchdog.js';
import { addMiningFlags, configFromFlags } from './mining-flags.js';
import type { MiningFlags } from './mining-flags.js';
import { duration, progressLine } from './progress-line.js';
import type { ProgressLine } from './progress-line.js';
import { stopOnInterrupt } from './stop-on-interrupt.js';
import { printable } from './text-table.js';

interface MineFlags extends MiningFlags {
  readonly checkpoint: string;
  readonly data: string;
  readonly out: string;
  readonly images?: string;
  readonly split?: string;
  readonly backend?: string;
  readonly limit?: number;
  readonly timeLimit: number;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly measure: Partial<MeasureConfig>;
}

/** `ohem mine` */
export function addMineCommand(program: Command): void {
  const command = program
    .command('mine')
    .description('run a checkpoint over an annotated image set and write every RoI with its loss')
    .requiredOption('--checkpoint <path>', 'model file or folder')
    .requiredOption('--data <path>', 'annotation file or data set folder')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--images <folder>', 'where the images are, if the annotations do not tell')
    .option('--split <name>', 'VOC: a list of ImageSets/Main')
    .option('--backend <id>', 'pin a backend (see ohem engines); default: the best that runs here')
    .option(
      '--time-limit <seconds>',
      'end where a backend gives no image for so long; 0: never',
      wholeNumber,
      TIME_LIMIT_S,
    )
    .option('--limit <n>', 'mine the first n images only', positiveInteger)
    .option('--resume', 'continue a run that was stopped or killed')
    .option('--force', 'replace a run file that exists')
    .addOption(measureOption());
  addMiningFlags(command, 'definition of a hard example (default: paper, of classification top-rate)');
  command.action(async (flags: MineFlags) => mine(flags));
}

async function mine(flags: MineFlags): Promise<void> {
  if (flags.resume === true && flags.force === true) {
    throw new MiningError('options', '--resume', 'one of --resume and --force', 'both');
  }
  const mining = configFromFlags(flags);
  const note = remainderNote(mining);
  const line = progressLine();
  if (note !== '') line.say(note);
  const stop = stopOnInterrupt(line);
  const startedAt = performance.now();
  try {
    const options = {
      checkpointPath: path.resolve(flags.checkpoint),
      datasetPath: path.resolve(flags.data),
      dataset: {
        ...(flags.images === undefined ? {} : { images: path.resolve(flags.images) }),
        ...(flags.split === undefined ? {} : { split: flags.split }),
      },
      outPath: path.resolve(flags.out),
      mining,
      ...(flags.preset === undefined
        ? { classificationMining: configFromFlags(flags, defaultConfig('classification')) }
        : {}),
      measure: flags.measure,
      backend: flags.backend ?? null,
      limit: flags.limit ?? null,
      timeLimitS: flags.timeLimit,
      resume: flags.resume === true,
      force: flags.force === true,
    };
    const result = await mineRun(options, (event) => tell(line, event), stop.signal, new URL(import.meta.url));
    line.stop();
    process.stdout.write(
      `${printable(flags.out)}: ${outcome(result)}, ${duration((performance.now() - startedAt) / 1000)}\n`,
    );
    if (result.state === 'stopped') process.exitCode = 130;
    else if (result.numFailed === result.numDone)
      throw new MiningError('image', 'images', 'at least one that can be measured', `${result.numFailed} that cannot`, {
        file: options.datasetPath,
      });
  } finally {
    line.stop();
    stop.dispose();
  }
}

function outcome({ state, numDone, numFailed }: MineResult): string {
  if (numDone === 0) return 'nothing written, stopped before the first image';
  const failed = numFailed === 0 ? '' : `, ${numFailed} failed`;
  return `${numDone} images${failed}${state === 'stopped' ? ', stopped: go on with --resume' : ''}`;
}

function tell(line: ProgressLine, event: WorkerEvent): void {
  if (event.event === 'progress' && event.progress.state !== 'failed') line.show(event.progress);
  if (event.event === 'log') line.say(printable(event.text));
  if (event.event !== 'opened') return;
  const { checkpoint, backend, notes } = event.manifest;
  line.say(`${checkpoint?.family ?? ''} on ${backend?.id ?? ''} ${backend?.version ?? ''} · ${backend?.device ?? ''}`);
  for (const reason of backend?.refused ?? []) line.say(`refused ${printable(reason)}`);
  for (const note of notes) line.say(`note: ${printable(note)}`);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected an integer of at least 0.');
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected an integer of at least 1.');
  return value;
}

const MEASURE_WORDS: Readonly<Partial<Record<keyof MeasureConfig, readonly string[]>>> = {
  assigner: ASSIGNER_IDS,
  clsLoss: CLS_LOSS_IDS,
  locLoss: LOC_LOSS_IDS,
  roiBox: ROI_BOX_IDS,
  lowQualityMatches: ['true', 'false'],
};
const MEASURE_NUMBERS = [
  'fgThreshold',
  'bgThreshold',
  'ignoreThreshold',
  'sigma',
] as const satisfies readonly (keyof MeasureConfig)[];

function measureOption(): Option {
  const words = Object.entries(MEASURE_WORDS).map(([key, choices]) => `${key}=${choices.join('|')}`);
  const numbers = MEASURE_NUMBERS.map((key) => `${key}=n`);
  return new Option(
    '--measure <key=value>',
    `change how losses are measured, again for each key; the family's own by default: ` +
      `${[...words, ...numbers].join(', ')}`,
  )
    .default({}, 'none')
    .argParser((text, before) => ({ ...(before as Partial<MeasureConfig>), ...measureChange(text) }));
}

function measureChange(text: string): Partial<MeasureConfig> {
  const [key = '', value = ''] = text.split('=', 2);
  const words = MEASURE_WORDS[key as keyof MeasureConfig];
  if (words?.includes(value) === true) return { [key]: key === 'lowQualityMatches' ? value === 'true' : value };
  const known = MEASURE_NUMBERS.find((name) => name === key);
  if (known !== undefined && value.trim() !== '' && Number.isFinite(Number(value))) return { [known]: Number(value) };
  const expected =
    words?.join(', ') ??
    (known === undefined ? `one of ${[...Object.keys(MEASURE_WORDS), ...MEASURE_NUMBERS].join(', ')}` : 'a number');
  throw new MiningError('options', `measure ${show(key)}`, expected, show(value));
}
