import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { NONE } from '../../core/tables.js';
import {
  FIRST_LOOK,
  STORED_KINDS,
  type GalleryItem,
  type GalleryQuery,
  type SimilarFacts,
  type SimilarTo,
  type StoredKind,
} from '../../protocol/gallery-messages.js';
import { withRun } from '../../run/file/read-run.js';
import type { RunReader } from '../../run/file/run-store.js';
import { GalleryShelf } from '../../run/gallery/open-gallery.js';
import { csvText } from '../../run/query/csv-text.js';
import { filterOption, whereOf, type FacetFilter } from '../facet-filter.js';
import { positiveNumber, wholeNumber } from '../flag-values.js';
import { backgroundBelowOption } from '../mining-flags.js';
import { progressLine, type ProgressLine } from '../print/progress-line.js';
import { printable, textTable } from '../print/text-table.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';

interface SimilarFlags {
  readonly image: string;
  readonly object?: number;
  readonly roi?: number;
  readonly of: StoredKind;
  readonly filter: readonly FacetFilter[];
  readonly look: number;
  readonly top: number;
  readonly backgroundBelow: number;
  readonly format: 'table' | 'json' | 'csv';
}

/** `ohem similar` */
export function addSimilarCommand(program: Command): void {
  program
    .command('similar')
    .description("what looks most like an object, a RoI or an image to the run's checkpoint, by its own features")
    .argument('<run>', 'run file (*.ohem)')
    .requiredOption('--image <id>', 'as `show` names it')
    .addOption(new Option('--object <n>', 'row of its ground truth (gt_index)').argParser(wholeNumber).conflicts('roi'))
    .addOption(new Option('--roi <n>', 'row of its RoIs').argParser(wholeNumber))
    .addOption(new Option('--of <items>', 'what is compared with it').choices(STORED_KINDS).default('objects'))
    .addOption(filterOption())
    .addOption(
      new Option('--look <n>', 'images that the checkpoint looks at, at most, the hardest first; what it saw is kept')
        .argParser(wholeNumber)
        .default(FIRST_LOOK),
    )
    .addOption(new Option('--top <n>', 'how many').argParser(positiveNumber).default(20))
    .addOption(backgroundBelowOption())
    .addOption(new Option('--format <format>', 'output').choices(['table', 'json', 'csv']).default('table'))
    .action(async (given: string, flags: SimilarFlags) => {
      const runPath = path.resolve(given);
      const { rows, facts } = await withRun(runPath, async (run) => {
        const line = progressLine();
        const { items, facts } = await search(runPath, run, flags, line).finally(() => line.stop());
        return { facts, rows: items.map((item, i) => rowOf(item, i + 1, run)) };
      });
      process.stdout.write(TEXTS[flags.format](runPath, rows, facts));
      for (const note of notesOf(facts)) process.stderr.write(`note: ${note}\n`);
    });
}

interface Found {
  readonly items: readonly GalleryItem[];
  readonly facts: SimilarFacts;
}

/** Stopped, it tells what has been found so far; the exit status is that of an interrupt. */
async function search(runPath: string, run: RunReader, flags: SimilarFlags, line: ProgressLine): Promise<Found> {
  const { manifest } = run;
  const shelf = new GalleryShelf();
  const query: GalleryQuery = {
    kind: flags.of,
    where: whereOf(flags.filter, manifest),
    sort: 'loss',
    group: null,
    similarTo: { ...placeOf(runPath, run, flags), most: flags.look },
  };
  const stopping = stopOnInterrupt(line);
  try {
    return await ask(shelf, runPath, manifest, query, flags, line, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    process.exitCode = 130;
    const known = { ...query, similarTo: { ...placeOf(runPath, run, flags), most: 0 } };
    return await ask(shelf, runPath, manifest, known, flags, line, new AbortController().signal);
  } finally {
    stopping.dispose();
  }
}

async function ask(
  shelf: GalleryShelf,
  runPath: string,
  { mining }: RunManifest,
  query: GalleryQuery,
  { backgroundBelow, top }: SimilarFlags,
  line: ProgressLine,
  signal: AbortSignal,
): Promise<Found> {
  const started = performance.now();
  const tell = ({ numDone, numTotal }: { readonly numDone: number; readonly numTotal: number }) => {
    const imagesPerSecond = numDone / ((performance.now() - started) / 1000);
    const etaSeconds = numDone === 0 ? null : (numTotal - numDone) / imagesPerSecond;
    const still = { state: 'running', numFailed: 0, backend: '', message: '' } as const;
    line.show({ ...still, numDone, numTotal, imagesPerSecond, etaSeconds });
  };
  const watch = { tell, warn: (text: string) => line.say(text) };
  const gallery = await shelf.open(
    { runPath, mining, backgroundBelow },
    { ...query, besideOf: runPath },
    watch,
    signal,
  );
  const { similar } = gallery.query(query);
  if (similar === null) throw new TypeError('it was asked what is similar');
  const items = gallery.page({ query, first: 0, most: top });
  return { items: items.filter(({ similarity }) => similarity !== null), facts: similar };
}

function placeOf(
  runPath: string,
  { images }: RunReader,
  { image, object, roi }: SimilarFlags,
): Omit<SimilarTo, 'most'> {
  const imageIndex = images.indexOf('id', image);
  if (imageIndex < 0) throw new MiningError('options', 'image', 'one of the run', image, { file: runPath });
  const what = object !== undefined ? 'object' : roi !== undefined ? 'roi' : 'image';
  return { imageIndex, what, row: object ?? roi ?? NONE };
}

const FIELDS = ['rank', 'image', 'similarity', 'label', 'predicted', 'score', 'loss', 'object', 'roi', 'box'] as const;
type Row = Readonly<Record<(typeof FIELDS)[number], string | number | readonly number[] | null>>;

function rowOf(item: GalleryItem, rank: number, { images, manifest: { classes } }: RunReader): Row {
  const nameOf = (code: number) => (code === NONE ? null : (classes[code] ?? 'background'));
  const rowOrNull = (row: number) => (row === NONE ? null : row);
  const { imageIndex, similarity, label, prediction, score, loss, gt, row, box } = item;
  const names = { label: nameOf(label), predicted: nameOf(prediction) };
  const rows = { object: rowOrNull(gt), roi: rowOrNull(row) };
  return { rank, image: images.at(imageIndex)?.id ?? '', similarity, ...names, score, loss, ...rows, box };
}

const TEXTS: Readonly<
  Record<SimilarFlags['format'], (run: string, rows: readonly Row[], facts: SimilarFacts) => string>
> = {
  json: (run, rows, { numLooked, numImages, numFailed, features, isOther }) => {
    const looked = { num_looked: numLooked, num_images: numImages, num_failed: numFailed };
    return `${JSON.stringify({ run, ...looked, features, other_checkpoint: isOther, items: rows })}\n`;
  },
  csv: (_, rows) => csvText(FIELDS, rows),
  table: (_, rows, { features, numLooked, numImages }) => {
    const head = printable(`cosine of ${features} · ${numLooked} of ${numImages} images looked at`);
    const text = (value: Row[keyof Row]) =>
      typeof value === 'number' ? value.toPrecision(3) : Array.isArray(value) ? value.map(Math.round).join(' ') : value;
    const lines = rows.map((row) => [
      String(row.rank),
      ...[row.image, row.similarity, `${row.label} → ${row.predicted}`, row.score, row.loss].map(
        (each) => `${text(each) ?? ''}`,
      ),
      ...[row.object, row.roi].map((each) => `${each ?? ''}`),
      `${text(row.box)}`,
    ]);
    const titles = ['', 'image', 'similarity', 'label → predicted', 'score', 'loss', 'object', 'RoI', 'box'];
    return `${head}\n${textTable(titles, lines, 'rlrlrrrrl')}`;
  },
};

function notesOf({ numFailed, isOther }: SimilarFacts): string[] {
  return [
    ...(numFailed > 0 ? [`${numFailed} images could not be read`] : []),
    ...(isOther ? ["the checkpoint's files, its contract among them, are others than when the run was mined"] : []),
  ];
}
