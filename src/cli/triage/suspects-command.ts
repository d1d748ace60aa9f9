import { Option } from 'commander';
import type { Command } from 'commander';
import { MiningError } from '../../core/mining-error.js';
import { OBJECT_LAB } from '../../core/triage/label-quality.js';
import { SUSPICIONS } from '../../core/triage/label-suspects.js';
import { csvText } from '../../run/query/csv-text.js';
import { runSuspects, SUSPECT_FIELDS, type RunSuspects, type SuspectRecord } from '../../run/query/label-suspects.js';
import { tellShortfall } from '../check-command.js';
import { addDetectFlags, detectOptions, type DetectFlags } from './detect-flags.js';
import { share, wholeNumber } from '../flag-values.js';
import { textTable } from '../print/text-table.js';

interface SuspectsFlags extends DetectFlags {
  readonly top?: number;
  readonly by: 'label' | 'image';
  readonly low: number;
  readonly high: number;
  readonly quantiles?: boolean;
  readonly format: 'table' | 'json' | 'csv';
}

/** `ohem suspects` */
export function addSuspectsCommand(program: Command): void {
  const command = program
    .command('suspects')
    .description('labels to check: overlooked, swapped, badly located, doubled, or contradicted by a sure prediction')
    .argument('<run>', 'run file (*.ohem)')
    .option('--top <n>', 'how many (default: 20 in a table, else all)', wholeNumber)
    .addOption(
      new Option('--by <what>', 'a line a label, or an image by its label quality (detectors)')
        .choices(['label', 'image'])
        .default('label'),
    )
    .addOption(
      new Option('--low <score>', 'a prediction above it tells of the place of a label')
        .argParser(share)
        .default(OBJECT_LAB.low),
    )
    .addOption(new Option('--high <score>', 'a prediction above it is sure').argParser(share).default(OBJECT_LAB.high))
    .option('--quantiles', '--low and --high are quantiles of the scores: sigmoid heads rarely reach .95')
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'));
  addDetectFlags(command);
  command.action(async (path: string, flags: SuspectsFlags) => {
    const { low, high, quantiles: asQuantiles = false } = flags;
    const found = await runSuspects(path, detectOptions(flags), { low, high, asQuantiles });
    if (flags.by === 'image' && found.sure === null)
      throw new MiningError('options', '--by', 'label: a classifier has no label quality of images', 'image', {
        file: path,
      });
    const top = flags.top ?? (flags.format === 'table' ? 20 : undefined);
    const part = { ...found, suspects: found.suspects.slice(0, top), images: found.images.slice(0, top) };
    for (const note of found.notes) process.stderr.write(`note: ${note}\n`);
    process.stdout.write(TEXTS[flags.format](path, flags, part, found));
    tellShortfall(found.shortfall);
  });
}

/** @param all what `part` is the beginning of. */
type ToText = (run: string, flags: SuspectsFlags, part: RunSuspects, all: RunSuspects) => string;
const TEXTS: Readonly<Record<SuspectsFlags['format'], ToText>> = {
  json: (run, { by }, { suspects, images, sure, notes, extent }) => {
    const rows = by === 'label' ? { suspects } : { images };
    return `${JSON.stringify({ run, ...extent, notes, sure, kinds: SUSPICIONS, ...rows })}\n`;
  },
  csv: (_, { by }, { suspects, images }) =>
    by === 'label' ? csvText(SUSPECT_FIELDS, suspects) : csvText(['image', 'image_index', 'quality'], images),
  table: (_, { by }, part, all) => (by === 'label' ? labelTable(part, all) : imageTable(part)),
};

function labelTable({ suspects }: RunSuspects, all: RunSuspects): string {
  const counts = SUSPICIONS.map(({ id, says, formula }) => [
    id,
    String(all.suspects.filter(({ kind }) => kind === id).length),
    formula,
    says,
  ]);
  const sure =
    all.sure === null ? '' : `sure: p ≥ ${all.sure.high.toFixed(3)}, place: p > ${all.sure.low.toFixed(3)}\n`;
  const rows = suspects.map((suspect, i) => [
    String(i + 1),
    suspect.image,
    suspect.kind,
    suspect.score.toPrecision(3),
    verdict(suspect),
    suspect.predicted_score?.toFixed(3) ?? '',
    suspect.gt_index === null ? '' : String(suspect.gt_index),
    (suspect.gt_box ?? suspect.pred_box ?? []).map((side) => side.toFixed(0)).join(' '),
  ]);
  return (
    `${textTable(['kind', 'labels', 'score (low: look)', ''], counts, 'lrll')}${sure}\n` +
    textTable(['', 'image', 'kind', 'score', 'label → predicted', 'p', 'object', 'box'], rows, 'rllrlrrl')
  );
}

function verdict({ label, predicted, other_gt_index }: SuspectRecord): string {
  return `${label ?? 'none'} → ${predicted ?? `label ${other_gt_index ?? '?'}`}`;
}

function imageTable({ images }: RunSuspects): string {
  const rows = images.map(({ image, quality }, i) => [String(i + 1), image, quality.toPrecision(3)]);
  return textTable(['', 'image', 'label quality'], rows, 'rlr');
}
