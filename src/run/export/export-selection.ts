import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { orderValue } from '../../core/facts/image-orders.js';
import { MiningError } from '../../core/mining-error.js';
import type { Verdict } from '../../core/triage/decisions.js';
import { backgroundBelowOf } from '../../core/predictions.js';
import { replaceFile } from '../../files/replacing.js';
import { readDecisions } from '../decisions/decisions.js';
import { summariseBatch } from '../file/minibatch.js';
import { decideRun, extentOf, shortfallOf, withRun } from '../file/read-run.js';
import type { RunBatch, Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { roiRecord, selectedRanks, type Wording } from '../query/selected-rois.js';
import { summarise } from '../query/summarise-run.js';
import type { ExportBatch, ExportChoice } from './export-format.js';
import { exportFormat } from './registry.js';

export interface Exported {
  readonly numRows: number;
  readonly shortfall: Shortfall;
}

/**
 * Writes the RoIs that are selected in a run, image by image, hardest first within a minibatch.
 * The file appears when it is whole.
 * @param choice which rows, and how they are told.
 * @param out where to; `force` replaces a file that exists.
 * @param format an id of `EXPORT_FORMATS`.
 * @returns number of rows, and what the run lacks.
 * @throws MiningError 'options' for a format that is none, and as `replaceFile`; 'run-file'
 */
export async function exportSelection(
  runPath: string,
  choice: ExportChoice,
  out: { readonly path: string; readonly force: boolean },
  format: string,
): Promise<Exported> {
  return replaceFile({ ...out, inputs: [runPath] }, (handle) =>
    writeRows(runPath, choice, format, (text) => handle.appendFile(text)),
  );
}

/** As `exportSelection`, into a stream that the caller owns. */
export function writeSelection(
  runPath: string,
  choice: ExportChoice,
  out: Writable,
  format: string,
): Promise<Exported> {
  return writeRows(runPath, choice, format, async (text) => {
    if (!out.write(text)) await once(out, 'drain');
  });
}

async function writeRows(
  runPath: string,
  choice: ExportChoice,
  format: string,
  put: (text: string) => Promise<void>,
): Promise<Exported> {
  const { write } = exportFormat(format);
  return withRun(runPath, async (run) => {
    const backgroundBelow = backgroundBelowOf(run.manifest.task, choice.backgroundBelow);
    const source = { ...choice, backgroundBelow, path: run.path, manifest: run.manifest, extent: extentOf(run) };
    const wanted = await chosenImages(run, choice);
    let numRows = 0;
    async function* batches(): AsyncGenerator<ExportBatch> {
      for await (const batch of decideRun(run, choice.mining)) {
        const part = partOf(batch, { classes: run.manifest.classes, backgroundBelow }, wanted);
        numRows += part.rows.length;
        yield part;
      }
    }
    for await (const text of write(source, batches())) await put(text);
    return { numRows, shortfall: shortfallOf(run) };
  });
}

/** Indices of the images that were chosen, the hardest of them; null for all. Ties: earlier in the file first. */
async function chosenImages(run: RunReader, choice: ExportChoice): Promise<ReadonlySet<number> | null> {
  const { mining, order, most, verdicts } = choice;
  const decided = verdicts === undefined ? null : await decidedImages(run, verdicts);
  const indices = [...run.images.keys()].filter((index) => decided?.has(run.images[index]?.id ?? '') ?? true);
  if (most === null) return decided === null ? null : new Set(indices);
  const values = (await summarise(run, mining)).map((image) => orderValue(image, order));
  const value = (index: number) => values[index] ?? 0;
  return new Set(indices.sort((a, b) => value(b) - value(a) || a - b).slice(0, most));
}

/** Ids of images with one of these verdicts. @throws MiningError 'options' where decisions cannot be read. */
async function decidedImages(run: RunReader, verdicts: readonly Verdict[]): Promise<ReadonlySet<string>> {
  const { decisions, faults } = await readDecisions(resolve(run.path));
  if (faults[0] !== undefined) throw new MiningError('options', 'decisions', 'lines that are decisions', faults[0]);
  return new Set(decisions.filter(({ verdict }) => verdicts.includes(verdict)).map(({ image }) => image));
}

/** @param wanted indices of images; null all. */
function partOf(batch: RunBatch, wording: Wording, wanted: ReadonlySet<number> | null): ExportBatch {
  const records = Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, wording));
  const rows = wanted === null ? records : records.filter(({ image_index }) => wanted.has(image_index));
  const present = new Set(rows.map(({ image_index }) => image_index));
  const images = summariseBatch(batch).flatMap(({ summary, gts }, i) => {
    const imageIndex = batch.firstImage + i;
    return present.has(imageIndex) ? [{ imageIndex, summary, gts }] : [];
  });
  return { rows, images };
}
