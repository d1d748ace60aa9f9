import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import path from 'node:path';
import { MEASURE_KEYS, MEASURE_OPTIONS } from '../../core/measure/measure-config.js';
import type { MeasureConfig } from '../../core/measure/measure-config.js';
import { MiningError, show } from '../../core/mining-error.js';
import { inWords } from '../../core/said.js';
import { defaultConfig, remainderNote } from '../../core/mining/select.js';
import { BOX_COLUMNS } from '../../dataset/rows/box-columns.js';
import { PREDICTION_FORMATS } from '../../dataset/predictions/registry.js';
import type { OptionSpecs } from '../../core/option-specs.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { mineRun } from '../../run/mine/mine-run.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import type { MineResult } from '../../run/mine/mine-run.js';
import { TIME_LIMIT_S } from '../../run/mine/watchdog.js';
import { isBegun } from '../../run/file/run-output.js';
import { keepRoisOption, keptRois, type KeepFlag, positiveNumber, wholeNumber } from '../flag-values.js';
import { readClassMap } from '../class-map.js';
import { addMiningFlags, configFromFlags } from '../mining-flags.js';
import { SHARD_HELP, shardFlag } from './shard-flag.js';
import type { Shard } from './shard-flag.js';
import type { MiningFlags } from '../mining-flags.js';
import { duration, progressLine } from '../print/progress-line.js';
import type { ProgressLine } from '../print/progress-line.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';
import { printable } from '../print/text-table.js';

interface MineFlags extends MiningFlags, KeepFlag {
  readonly checkpoint?: string;
  readonly predictions?: string;
  readonly data: string;
  readonly out: string;
  readonly images?: string;
  readonly split?: string;
  readonly boxOrigin?: '0' | '1';
  readonly columns?: Readonly<Record<string, string>>;
  readonly backend?: string;
  readonly limit?: number;
  readonly shard?: Shard;
  readonly timeLimit: number;
  readonly resume?: boolean;
  readonly classes?: string;
  readonly force?: boolean;
  readonly measure: Partial<MeasureConfig>;
}

/** @throws MiningError where a finished run has no image with a loss. */
export function refuseUseless({ numDone, numFailed, numWithoutLoss }: MineResult, file: string): void {
  if (numFailed + numWithoutLoss < numDone) return;
  if (numWithoutLoss === 0)
    throw new MiningError('image', 'images', 'at least one that can be measured', `${numFailed} that cannot`, { file });
  const todo = 'The checkpoint, or the backend that ran it, gives no numbers: try another of the two';
  const received = `${numWithoutLoss} without one`;
  throw new MiningError('mining', 'images', 'at least one with a finite loss', received, { file, todo });
}

/** `ohem mine` */
export function addMineCommand(program: Command): void {
  const command = program
    .command('mine')
    .description('run a checkpoint over an annotated image set and write every RoI with its loss')
    .option('--checkpoint <path>', 'model file or folder')
    .option(
      '--predictions <path>',
      `in its place detections that it gave: ${PREDICTION_FORMATS.map(({ title }) => title).join('; ')}`,
    )
    .requiredOption('--data <path>', 'annotation file or data set folder')
    .requiredOption('--out <file>', 'run file to write (*.ohem)')
    .option('--images <folder>', 'where the images are, if the annotations do not tell')
    .option('--split <name>', 'part of the data set, such as train or val; default: the first, and a note says which')
    .addOption(
      new Option('--box-origin <n>', 'VOC, CSV: what corners count from; 0: continuous px, 1: as in the VOC devkit')
        .choices(['0', '1'])
        .default(undefined, '0 where a corner is at 0, else the format’s own'),
    )
    .option(
      '--columns <what=header,...>',
      `CSV of boxes: headers that are called otherwise, of ${BOX_COLUMNS.join(', ')}`,
      columnNames,
    )
    .option('--backend <id>', 'pin a backend (see ohem engines); default: the best that runs here')
    .option(
      '--time-limit <seconds>',
      'end where a backend gives no image for so long; 0: never',
      wholeNumber,
      TIME_LIMIT_S,
    )
    .option('--limit <n>', 'mine the first n images only', positiveNumber)
    .option('--shard <i/n>', SHARD_HELP, shardFlag)
    .addOption(keepRoisOption())
    .option('--resume', 'continue a run that was stopped or killed; of a shard, start it where there is none')
    .option('--classes <file>', 'JSON: for class names of the data set those of the checkpoint, null for none')
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
  const note = inWords(remainderNote(mining));
  const line = progressLine();
  if (note !== '') line.say(note);
  const stop = stopOnInterrupt(line);
  const startedAt = performance.now();
  try {
    const options = {
      ...modelOf(flags),
      datasetPath: path.resolve(flags.data),
      dataset: {
        ...(flags.images === undefined ? {} : { images: path.resolve(flags.images) }),
        ...(flags.split === undefined ? {} : { split: flags.split }),
        ...(flags.columns === undefined ? {} : { columns: flags.columns }),
        ...(flags.boxOrigin === undefined ? {} : { boxOrigin: flags.boxOrigin === '0' ? (0 as const) : (1 as const) }),
      },
      outPath: path.resolve(flags.out),
      mining,
      ...(flags.preset === undefined
        ? { classificationMining: configFromFlags(flags, defaultConfig('classification'), 'classification') }
        : {}),
      ...(flags.classes === undefined ? {} : { classMap: await readClassMap(flags.classes) }),
      measure: flags.measure,
      backend: flags.backend ?? null,
      limit: flags.limit ?? null,
      shard: flags.shard ?? null,
      ...keptRois(flags),
      timeLimitS: flags.timeLimit,
      resume: flags.resume === true && (flags.shard === undefined || (await isBegun(path.resolve(flags.out)))),
      force: flags.force === true,
    };
    const result = await mineRun(options, (event) => tellEvent(line, event), stop.signal, new URL(import.meta.url));
    line.stop();
    process.stdout.write(
      `${printable(flags.out)}: ${outcome(result)}, ${duration((performance.now() - startedAt) / 1000)}\n`,
    );
    if (result.state === 'stopped') process.exitCode = 130;
    else if (flags.shard === undefined || result.numDone > 0) refuseUseless(result, options.datasetPath);
  } finally {
    line.stop();
    stop.dispose();
  }
}

/** @throws MiningError 'options' where there is neither a checkpoint nor predictions, or both. */
function modelOf({ checkpoint, predictions }: MineFlags): Pick<MineOptions, 'checkpointPath' | 'predictions'> {
  if (checkpoint !== undefined && predictions === undefined) return { checkpointPath: path.resolve(checkpoint) };
  if (predictions !== undefined && checkpoint === undefined)
    return { checkpointPath: path.resolve(predictions), predictions: true };
  const received = checkpoint === undefined ? 'neither' : 'both';
  throw new MiningError('options', '--checkpoint', 'one of --checkpoint and --predictions', received);
}

function outcome(result: MineResult): string {
  const { state, numDone, numFailed } = result;
  if (numDone === 0)
    return state === 'done' ? 'no image is of this shard' : 'nothing written, stopped before the first image';
  const failed = numFailed === 0 ? '' : `, ${numFailed} failed`;
  const stopped = state === 'stopped' ? ', stopped: go on with --resume' : '';
  return `${numDone} images${failed}${withoutLoss(result)}${stopped}`;
}

/** `, 3 without a finite loss`; '' where every image has one. */
export function withoutLoss({ numWithoutLoss }: MineResult): string {
  return numWithoutLoss === 0 ? '' : `, ${numWithoutLoss} without a finite loss`;
}

/** Tells a person at a terminal what happens. */
export function tellEvent(line: ProgressLine, event: WorkerEvent): void {
  if (event.event === 'progress' && event.progress.state !== 'failed') line.show(event.progress);
  if (event.event === 'log') line.say(printable(event.text));
  if (event.event !== 'opened') return;
  const { checkpoint, backend, notes } = event.manifest;
  const engine = backend === null ? ', no model' : ` on ${backend.id} ${backend.version} · ${backend.device}`;
  line.say(`${checkpoint?.family ?? ''}${engine}`);
  for (const reason of backend?.refused ?? []) line.say(`refused ${printable(reason)}`);
  for (const note of notes) line.say(`note: ${printable(note)}`);
}

/** `image=file,label=kind` */
function columnNames(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('=', 2).map((part) => part.trim()));
  const isWhole = pairs.every(
    ([what = '', header = '']) => BOX_COLUMNS.some((known) => known === what) && header !== '',
  );
  if (!isWhole) throw new InvalidArgumentError(`expected WHAT=HEADER,… with WHAT of ${BOX_COLUMNS.join(', ')}.`);
  return Object.fromEntries(pairs as [string, string][]);
}

function measureOption(): Option {
  const keys = MEASURE_KEYS.map((key) => `${key}=${wordsOf(MEASURE_OPTIONS[key])?.join('|') ?? 'n'}`);
  return new Option(
    '--measure <key=value>',
    `change how losses are measured, again for each key; the family's own by default: ` + keys.join(', '),
  )
    .default({}, 'none')
    .argParser((text, before) => ({ ...(before as Partial<MeasureConfig>), ...measureChange(text) }));
}

/** The words that an option takes; undefined: a number. */
function wordsOf(spec: OptionSpecs[string]): readonly string[] | undefined {
  if (spec.kind === 'switch') return ['true', 'false'];
  return spec.kind === 'choice' ? spec.choices : undefined;
}

function measureChange(text: string): Partial<MeasureConfig> {
  const [name = '', value = ''] = text.split('=', 2);
  const key = MEASURE_KEYS.find((known) => known === name);
  if (key === undefined) throw badMeasure(name, `one of ${MEASURE_KEYS.join(', ')}`, value);
  const spec = MEASURE_OPTIONS[key];
  const words = wordsOf(spec);
  if (words?.includes(value) === true) return { [key]: spec.kind === 'switch' ? value === 'true' : value };
  if (words === undefined && value.trim() !== '' && Number.isFinite(Number(value))) return { [key]: Number(value) };
  throw badMeasure(name, words?.join(', ') ?? 'a number', value);
}

function badMeasure(key: string, expected: string, value: string): MiningError {
  return new MiningError('options', `measure ${show(key)}`, expected, show(value));
}
