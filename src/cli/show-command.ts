import { Option } from 'commander';
import type { Command } from 'commander';
import { inWords } from '../core/said.js';
import { drawNote } from '../core/mining/select.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { IMAGE_ORDER_IDS, type ImageOrder } from '../core/facts/image-orders.js';
import { backgroundBelowOf } from '../core/predictions.js';
import { LOSS_SOURCES, roiBoxOf } from '../core/facts/run-manifest.js';
import { recipeText } from '../core/measure/recipe.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { extentOf, shortfallOf, withRun } from '../run/file/read-run.js';
import type { RunReader } from '../run/file/run-store.js';
import { csvText } from '../run/query/csv-text.js';
import { hardestImages, hardestRois } from '../run/query/hardest.js';
import { ROI_RECORD_FIELDS } from '../run/query/selected-rois.js';
import type { RoiRecord } from '../run/query/selected-rois.js';
import { wholeNumber } from './flag-values.js';
import { tellShortfall } from './check-command.js';
import { addMiningFlags, backgroundBelowOption, configFromFlags } from './mining-flags.js';
import type { MiningFlags } from './mining-flags.js';
import { textTable } from './print/text-table.js';

/** The word of 0.1.0 for `maximum`. */
const OLD_MAXIMUM = 'max';

interface ShowFlags extends MiningFlags {
  readonly top: number;
  readonly by: 'roi' | 'image';
  readonly order: ImageOrder | typeof OLD_MAXIMUM;
  readonly format: 'table' | 'json' | 'csv';
  readonly backgroundBelow: number;
}

/** `ohem show` */
export function addShowCommand(program: Command): void {
  const command = program
    .command('show')
    .description('the hardest RoIs or images of a run; mining flags decide again, without the model')
    .argument('<run>', 'run file (*.ohem)')
    .option('--top <n>', 'how many', wholeNumber, 20)
    .addOption(
      new Option('--by <what>', 'rank RoIs, or images by the losses selected in them')
        .choices(['roi', 'image'])
        .default('roi'),
    )
    .addOption(
      new Option(
        '--order <how>',
        'of images: by sum, mean or maximum of the selected losses (a sum favours crowded images), entropy ' +
          'or mistakenness',
      )
        .choices([...IMAGE_ORDER_IDS, OLD_MAXIMUM])
        .default('sum'),
    )
    .addOption(backgroundBelowOption())
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'));
  addMiningFlags(command, "definition of a hard example (default: the run's own)");
  command.action((path: string, flags: ShowFlags) => withRun(path, (run) => showRun(run, flags)));
}

async function showRun(run: RunReader, flags: ShowFlags): Promise<void> {
  const mining = configFromFlags(flags, run.manifest.mining, run.manifest.task);
  const text = await (flags.by === 'roi' ? roiText : imageText)(run, mining, flags);
  process.stdout.write(text);
  const { lines, broken } = shortfallOf(run);
  const note = inWords(drawNote(mining, run.manifest));
  tellShortfall({ lines: note === '' ? lines : [...lines, note], broken });
}

async function roiText(run: RunReader, mining: MiningConfig, flags: ShowFlags): Promise<string> {
  const { format, top } = flags;
  const { task, classes } = run.manifest;
  const backgroundBelow = backgroundBelowOf(task, flags.backgroundBelow);
  const rois = await hardestRois(run, { mining, top, classes, backgroundBelow });
  if (format === 'json') return jsonText(run, mining, { rois });
  if (format === 'csv') return csvText(ROI_RECORD_FIELDS, rois);
  if (run.manifest.task === 'classification') return headLine(run, mining) + exampleTable(rois);
  const box = roiBoxOf(run.manifest) === 'regressed' ? 'pred_box' : 'region';
  const rows = rois.map((roi, i) => [
    String(i + 1),
    roi.image,
    String(roi.row),
    String(roi.rank),
    verdict(roi),
    fixed(roi.score, 3),
    fixed(roi.loss, 3),
    fixed(roi.loss_cls, 3),
    fixed(roi.loss_loc, 3),
    fixed(roi.iou, 2),
    roi.status,
    roi[box].map((side) => fixed(side, 0)).join(' '),
  ]);
  return (
    headLine(run, mining) +
    textTable(
      ['', 'image', 'row', 'rank', 'label → predicted', 'score', 'loss', 'cls', 'loc', 'IoU', 'status', 'box'],
      rows,
      'rlrrlrrrrrll',
    )
  );
}

/** "car → bus", or "car → background (bus)" where a foreground class came nearest: the score is that one's. */
function verdict({ label, predicted, top_class }: RoiRecord): string {
  const nearest = top_class !== null && predicted !== top_class ? ` (${top_class})` : '';
  return `${label} → ${predicted ?? '?'}${nearest}`;
}

/** One row an image. */
function exampleTable(rois: readonly RoiRecord[]): string {
  const rows = rois.map((roi, i) => [
    String(i + 1),
    roi.image,
    verdict(roi),
    fixed(roi.score, 2),
    fixed(roi.loss, 3),
    fixed(roi.entropy, 3),
    fixed(roi.margin, 3),
    fixed(roi.el2n, 3),
    roi.status,
  ]);
  return textTable(
    ['', 'image', 'label → predicted', 'score', 'loss', 'entropy', 'margin', 'EL2N', 'status'],
    rows,
    'rllrrrrrl',
  );
}

const IMAGE_FIELDS = [
  'id',
  'numRois',
  'numGts',
  'numForeground',
  'numSelected',
  'numIgnored',
  'numInvalid',
  'lossSum',
  'lossMean',
  'lossMax',
  'entropy',
  'mistakenness',
  'error',
] as const satisfies readonly (keyof ImageSummary)[];

async function imageText(run: RunReader, mining: MiningConfig, { format, order, top }: ShowFlags): Promise<string> {
  const images = await hardestImages(run, mining, order === OLD_MAXIMUM ? 'maximum' : order, top);
  if (format === 'json') return jsonText(run, mining, { images });
  if (format === 'csv') return csvText(IMAGE_FIELDS, images);
  const rows = images.map((image, i) => [
    String(i + 1),
    image.id,
    fixed(image.lossSum, 3),
    fixed(image.lossMean, 3),
    fixed(image.lossMax, 3),
    measureText(image.entropy),
    measureText(image.mistakenness),
    `${image.numSelected}/${image.numRois}`,
    String(image.numForeground),
    String(image.numGts),
    image.error,
  ]);
  return (
    headLine(run, mining) +
    textTable(
      ['', 'image', 'loss sum', 'mean', 'max', 'entropy', 'mistakenness', 'selected', 'foreground', 'objects', 'error'],
      rows,
      'rlrrrrrrrrl',
    )
  );
}

function jsonText(run: RunReader, config: MiningConfig, rows: object): string {
  const { path, manifest } = run;
  return `${JSON.stringify({ run: path, ...extentOf(run), loss_source: manifest.lossSource, config, ...rows })}\n`;
}

/** What the numbers are. */
function headLine(run: RunReader, mining: MiningConfig): string {
  const { manifest, images } = run;
  const { complete, num_images, num_in_dataset } = extentOf(run);
  const { checkpoint, backend, lossSource } = manifest;
  const engine = backend === null ? '' : ` on ${backend.id} (${backend.device})`;
  const model = checkpoint === null ? '' : `${checkpoint.family}${engine}`;
  const failed = images.filter(({ error }) => error !== '').length;
  const held = complete ? String(num_images) : `${num_images} of ${num_in_dataset}`;
  const count = `${held} images${failed === 0 ? '' : `, ${failed} failed`}${run.complete ? '' : ', not finished'}`;
  const parts = [count, `preset ${mining.preset}`, model, measureWords(manifest), LOSS_SOURCES[lossSource]];
  return `${parts.filter((part) => part !== '').join(' · ')}\n`;
}

function measureWords(manifest: RunManifest): string {
  if (manifest.measure === null) return '';
  if (manifest.task === 'classification') return manifest.measure.clsLoss;
  return recipeText(manifest.measure);
}

/** -1 is unknown. */
function measureText(value: number): string {
  return value < 0 ? '' : value.toFixed(3);
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits);
}
