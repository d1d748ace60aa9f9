import { Option } from 'commander';
import type { Command } from 'commander';
import { resolve } from 'node:path';
import { MiningError } from '../core/mining-error.js';
import type { GainFacts, ImageGain, TrainingGains } from '../protocol/train-messages.js';
import { csvText } from '../run/query/csv-text.js';
import { gainOf, imageGains } from '../run/train/image-gains.js';
import { wholeNumber } from './flag-values.js';
import { textTable } from './print/text-table.js';

const ORDERS = ['gained', 'worse'] as const;

interface GainsFlags {
  readonly top?: number;
  readonly order: (typeof ORDERS)[number];
  readonly format: 'table' | 'json' | 'csv';
}

/** Losses: mean over an image's RoIs, nats. */
interface GainRecord {
  readonly image: string;
  /** Loss before less loss after: above 0 the loss fell. */
  readonly gain: number;
  readonly loss_before: number;
  readonly loss_after: number;
  readonly objects: number;
  readonly found_before: number;
  readonly found_after: number;
}

/** `ohem gains` */
export function addGainsCommand(program: Command): void {
  program
    .command('gains')
    .description('what a training gained on each validation image, from before its first step to its last evaluation')
    .argument('<folder>', 'folder of the training (`out` of its configuration)')
    .option('--top <n>', 'how many images (default: 20 in a table, else all)', wholeNumber)
    .addOption(
      new Option('--order <how>', 'images that gained most first, or those that got worse most')
        .choices(ORDERS)
        .default('gained'),
    )
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'))
    .action(async (folder: string, flags: GainsFlags) => {
      const gains = await imageGains(resolve(folder));
      if (gains === null)
        throw new MiningError(
          'options',
          'gains',
          'a training that was evaluated before its first step and after it',
          'none',
          {
            file: folder,
            todo: 'Give `validation` in its configuration',
          },
        );
      const ordered = flags.order === 'gained' ? gains.images : [...gains.images].reverse();
      const records = ordered.slice(0, flags.top ?? (flags.format === 'table' ? 20 : undefined)).map(recordOf);
      process.stdout.write(TEXTS[flags.format](gains, records));
    });
}

function recordOf(image: ImageGain): GainRecord {
  return {
    image: image.id,
    gain: gainOf(image),
    loss_before: image.lossBefore,
    loss_after: image.lossAfter,
    objects: image.numObjects,
    found_before: image.numFoundBefore,
    found_after: image.numFoundAfter,
  };
}

const FIELDS = [
  'image',
  'gain',
  'loss_before',
  'loss_after',
  'objects',
  'found_before',
  'found_after',
] as const satisfies readonly (keyof GainRecord)[];

type ToText = (gains: TrainingGains, records: readonly GainRecord[]) => string;
const TEXTS: Readonly<Record<GainsFlags['format'], ToText>> = {
  json: ({ step, epoch }, images) => `${JSON.stringify({ step, epoch, images })}\n`,
  csv: (_, records) => csvText(FIELDS, records),
  table: (gains, records) => `${gainsText(gains)}\n${tableOf(records)}`,
};

/** `step 84: the loss fell on 30 of 42 images and rose on 12, in the mean from .92 to .41; …`. */
export function gainsText({ step, images, facts }: Omit<TrainingGains, 'epoch'>): string {
  const { numBetter, numWorse, lossBefore, lossAfter }: GainFacts = facts;
  return (
    `step ${step}: the loss fell on ${numBetter} of ${images.length} images and rose on ${numWorse}, in the mean ` +
    `from ${lossBefore.toFixed(3)} to ${lossAfter.toFixed(3)}; of ${facts.numObjects} objects ` +
    `${facts.numFoundBefore} were found before, ${facts.numFoundAfter} are now`
  );
}

function tableOf(records: readonly GainRecord[]): string {
  const rows = records.map((record) => [
    record.image,
    `${record.gain < 0 ? '' : '+'}${record.gain.toFixed(3)}`,
    record.loss_before.toFixed(3),
    record.loss_after.toFixed(3),
    String(record.objects),
    String(record.found_before),
    String(record.found_after),
  ]);
  return textTable(['image', 'gain', 'loss before', 'after', 'objects', 'found before', 'after'], rows, 'lrrrrrr');
}
