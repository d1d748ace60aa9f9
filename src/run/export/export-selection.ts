import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { backgroundBelowOf } from '../../core/predictions.js';
import { replaceFile } from '../../files/replacing.js';
import { decideRun, extentOf, shortfallOf, withRun } from '../file/read-run.js';
import type { Shortfall } from '../file/read-run.js';
import { roiRecord, selectedRanks, type RoiRecord } from '../query/selected-rois.js';
import { exportFormat } from './registry.js';

/** Which rows are written, and what is called background. */
export interface ExportChoice {
  readonly mining: MiningConfig;
  /** Detection score below which a prediction is background, [0, 1]. */
  readonly backgroundBelow: number;
}

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
  const { mining } = choice;
  return withRun(runPath, async (run) => {
    const { task, classes } = run.manifest;
    const wording = { classes, backgroundBelow: backgroundBelowOf(task, choice.backgroundBelow) };
    let numRows = 0;
    async function* batches(): AsyncGenerator<readonly RoiRecord[]> {
      for await (const batch of decideRun(run, mining)) {
        const rows = Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, wording));
        numRows += rows.length;
        yield rows;
      }
    }
    const facts = { path: run.path, manifest: run.manifest, extent: extentOf(run) };
    const source = { ...facts, config: mining, backgroundBelow: wording.backgroundBelow };
    for await (const text of write(source, batches())) await put(text);
    return { numRows, shortfall: shortfallOf(run) };
  });
}
