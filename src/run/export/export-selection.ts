import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { orderValue } from '../../core/facts/image-orders.js';
import { drawNote, keepsHardest } from '../../core/mining/select.js';
import { MiningError } from '../../core/mining-error.js';
import { inWords, said } from '../../core/said.js';
import { backgroundBelowOf } from '../../core/predictions.js';
import { NONE } from '../../core/tables.js';
import { replaceFile } from '../../files/replacing.js';
import { replaceFolder } from '../../files/replace-folder.js';
import { summariseBatch } from '../file/minibatch.js';
import { decideRun, extentOf, shortfallOf, withRun } from '../file/read-run.js';
import type { RunBatch, Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { rowRecord, type Wording } from '../query/selected-rois.js';
import { summarise } from '../query/summarise-run.js';
import { rowChoice, type ChosenRows } from './chosen-rows.js';
import { DecidedImages } from './decided-images.js';
import type { ExportBatch, ExportChoice, ExportSource, TextFormat } from './export-format.js';
import { exportFormat } from './registry.js';

export interface Exported {
  readonly numRows: number;
  readonly shortfall: Shortfall;
}

/** Where an export goes. */
export interface ExportTarget {
  readonly path: string;
  /** Replace a file that exists, or a folder that an export has made. */
  readonly force: boolean;
  /** In a folder, link to the images in place of copying them. */
  readonly link: boolean;
}

/**
 * Writes the RoIs that are selected in a run, or what `choice.scope` takes, image by image, hardest first within a
 * minibatch.
 * The file or folder appears when it is whole.
 * @param choice which rows, and how they are told.
 * @param format an id of `EXPORT_FORMATS`.
 * @returns number of rows, and what the run lacks.
 * @throws MiningError 'options' for a format that is none, and as `replaceFile` and `replaceFolder`; 'run-file'
 */
export async function exportSelection(
  runPath: string,
  choice: ExportChoice,
  out: ExportTarget,
  format: string,
): Promise<Exported> {
  const chosen = exportFormat(format);
  return readSelection(runPath, choice, (source, batches) => {
    const target = { ...out, inputs: [runPath, ...inputsOf(source)] };
    return chosen.extension === null
      ? replaceFolder(target, chosen.files(source, batches))
      : replaceFile(target, async (handle) => {
          for await (const text of chosen.text(source, batches)) await handle.appendFile(text);
        });
  });
}

/** What the run was made from: its data set may be an export of before. '' is unknown. */
function inputsOf({ manifest: { checkpoint, dataset } }: ExportSource): string[] {
  return [dataset.path, dataset.imageRoot, checkpoint?.path ?? ''].filter((path) => path !== '');
}

/** As `exportSelection`, into a stream that the caller owns. @throws MiningError 'options' for a format of folders. */
export async function writeSelection(
  runPath: string,
  choice: ExportChoice,
  out: Writable,
  format: string,
): Promise<Exported> {
  const chosen = textFormat(format);
  return readSelection(runPath, choice, async (source, batches) => {
    for await (const text of chosen.text(source, batches)) if (!out.write(text)) await once(out, 'drain');
  });
}

/** Longest text that goes by way of the clipboard, characters. */
const MAX_TEXT = 1 << 20;

/** As `exportSelection`, as one text. @throws MiningError 'options' for a format of folders, or a text too long. */
export async function selectionText(
  runPath: string,
  choice: ExportChoice,
  format: string,
): Promise<Exported & { readonly text: string }> {
  const chosen = textFormat(format);
  let all = '';
  const exported = await readSelection(runPath, choice, async (source, batches) => {
    for await (const text of chosen.text(source, batches)) {
      all += text;
      if (all.length > MAX_TEXT)
        throw new MiningError('options', 'text', said`at most ${MAX_TEXT} characters to copy`, 'more', {
          todo: 'Narrow the filters, or export it as a file',
        });
    }
  });
  return { ...exported, text: all };
}

function textFormat(id: string): TextFormat {
  const chosen = exportFormat(id);
  if (chosen.extension !== null) return chosen;
  throw new MiningError('options', 'output', 'a folder to write', 'none', { todo: 'Name one' });
}

async function readSelection(
  runPath: string,
  choice: ExportChoice,
  write: (source: ExportSource, batches: AsyncIterable<ExportBatch>) => Promise<void>,
): Promise<Exported> {
  return withRun(runPath, async (run) => {
    const backgroundBelow = backgroundBelowOf(run.manifest.task, choice.backgroundBelow);
    const source = { ...choice, backgroundBelow, path: run.path, manifest: run.manifest, extent: extentOf(run) };
    const decided = await DecidedImages.of(run);
    const wanted = await chosenImages(run, choice, decided);
    const wording = { classes: run.manifest.classes, backgroundBelow };
    const gallery = { runPath: run.path, mining: choice.mining, backgroundBelow: choice.backgroundBelow };
    const chosen = await rowChoice(choice.scope, gallery, wording, decided);
    let numRows = 0;
    async function* batches(): AsyncGenerator<ExportBatch> {
      for await (const batch of decideRun(run, choice.mining, { select: chosen.select })) {
        const part = partOf(batch, chosen.of(batch), wording, wanted, decided);
        numRows += part.rows.length;
        yield part;
      }
    }
    await write(source, batches());
    const { lines, broken } = shortfallOf(run);
    return { numRows, shortfall: { lines: [...lines, ...decided.faults, ...keptNotes(run, choice)], broken } };
  });
}

/** Where a run that keeps the hardest RoIs of an image gives other rows than one that keeps all. */
function keptNotes({ manifest }: RunReader, { mining, scope }: ExportChoice): string[] {
  const notes = [inWords(drawNote(mining, manifest))];
  const isSelected = scope?.of !== 'rows' || scope.statuses.every((name) => name === 'selected');
  if (keepsHardest(manifest) && !isSelected)
    notes.push(
      'of RoIs that are not selected there are those that the run keeps, the hardest and a sample: their ranks count ' +
        'these, and one below the budget may be suppressed by another that is not kept',
    );
  return notes.filter((note) => note !== '');
}

/** Indices of the images that were chosen, the hardest of them; null for all. Ties: earlier in the file first. */
async function chosenImages(
  run: RunReader,
  { mining, order, most, verdicts }: ExportChoice,
  decided: DecidedImages,
): Promise<ReadonlySet<number> | null> {
  if (most === null && verdicts === undefined) return null;
  const isDecided = (id: string) => verdicts === undefined || decided.has(id, verdicts);
  const indices = Array.from(run.images.texts('id'), (id, index) => (isDecided(id) ? index : NONE)).filter(
    (index) => index !== NONE,
  );
  if (most === null) return new Set(indices);
  const values = (await summarise(run, mining)).map((image) => orderValue(image, order));
  const value = (index: number) => values[index] ?? 0;
  return new Set(indices.sort((a, b) => value(b) - value(a) || a - b).slice(0, most));
}

/** @param wanted indices of images; null all. */
function partOf(
  batch: RunBatch,
  chosen: ChosenRows,
  wording: Wording,
  wanted: ReadonlySet<number> | null,
  decided: DecidedImages,
): ExportBatch {
  const { rois, firstImage, selection } = batch;
  const isWanted = (place: number) => wanted?.has(firstImage + place) ?? true;
  const rankOf = new Map(Array.from(selection.order, (row, rank) => [row, rank]));
  const placeOf = (row: number) => rois.imageIndex[row] ?? NONE;
  const rows = chosen.rows.filter((row) => isWanted(placeOf(row)));
  const present = new Set(rows.map(placeOf));
  for (const place of chosen.images.keys()) if (isWanted(place)) present.add(place);
  const images = summariseBatch(batch).flatMap((image, place) => {
    const { summary, gts } = image;
    const listedGts = chosen.images.get(place) ?? null;
    const facts = { imageIndex: firstImage + place, summary, gts, listedGts, ...decided.ignoredOf(image) };
    return present.has(place) ? [facts] : [];
  });
  return { rows: rows.map((row) => rowRecord(batch, row, rankOf.get(row) ?? NONE, wording)), images };
}
