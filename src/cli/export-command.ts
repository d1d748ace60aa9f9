import { Option } from 'commander';
import type { Command } from 'commander';
import { IMAGE_ORDER_IDS, type ImageOrder } from '../core/facts/image-orders.js';
import type { Verdict } from '../core/triage/decisions.js';
import { exportSelection, writeSelection } from '../run/export/export-selection.js';
import { EXPORT_FORMATS } from '../run/export/registry.js';
import { withRun } from '../run/file/read-run.js';
import { ITEM_KINDS, type ItemKind } from '../protocol/gallery-messages.js';
import { filterOption, scopeOf, type FacetFilter } from './facet-filter.js';
import { positiveNumber } from './flag-values.js';
import { addMiningFlags, backgroundBelowOption, configFromFlags } from './mining-flags.js';
import type { MiningFlags } from './mining-flags.js';
import { tellShortfall } from './check-command.js';
import { verdictOption } from './triage/decide-command.js';

interface ExportFlags extends MiningFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly link?: boolean;
  readonly format: string;
  readonly backgroundBelow: number;
  readonly top?: number;
  readonly order: ImageOrder;
  readonly verdict?: readonly Verdict[];
  readonly filter: readonly FacetFilter[];
  readonly of: ItemKind;
}

/** `ohem export` */
export function addExportCommand(program: Command): void {
  const formats = EXPORT_FORMATS.map(({ id }) => id);
  const titles = EXPORT_FORMATS.map(({ id, title }) => `${id}: ${title}`).join('; ');
  const command = program
    .command('export')
    .description('every selected RoI of a run, for training scripts and notebooks')
    .argument('<run>', 'run file (*.ohem)')
    .option('--out <path>', 'file, or folder of a format that is one (default: standard output)')
    .option('--force', 'replace a file that exists, or a folder that an export has made')
    .option('--link', 'in a folder, link to the images in place of copying them')
    .option('--top <n>', 'the n hardest images only (default: all)', positiveNumber)
    .addOption(
      new Option('--order <how>', 'what makes an image hard, for --top and lists of images')
        .choices(IMAGE_ORDER_IDS)
        .default('sum'),
    )
    .addOption(verdictOption())
    .addOption(filterOption())
    .addOption(new Option('--of <items>', 'what --filter is about').choices(ITEM_KINDS).default('rois'))
    .addOption(backgroundBelowOption())
    .addOption(new Option('--format <format>', titles).choices(formats).default(formats[0]));
  addMiningFlags(command, "definition of a hard example (default: the run's own)");
  command.action(async (path: string, flags: ExportFlags) => {
    const { manifest } = await withRun(path, async (run) => run);
    const mining = configFromFlags(flags, manifest.mining, manifest.task);
    const { backgroundBelow, order, top: most = null, verdict } = flags;
    const chosen = verdict === undefined ? {} : { verdicts: verdict };
    const choice = { mining, backgroundBelow, order, most, ...chosen, ...scopeOf(flags.filter, flags.of, manifest) };
    const exported =
      flags.out === undefined
        ? await writeSelection(path, choice, process.stdout, flags.format)
        : await exportSelection(
            path,
            choice,
            { path: flags.out, force: flags.force === true, link: flags.link === true },
            flags.format,
          );
    if (flags.out !== undefined) process.stderr.write(`${exported.numRows} rows\n`);
    tellShortfall(exported.shortfall);
  });
}
