import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { damageText, decideRun, withRun } from '../file/read-run.js';
import { runFileError } from '../file/run-file-error.js';
import { roiRecord, selectedRanks, type RoiRecord } from '../query/selected-rois.js';
import { exportFormat } from './registry.js';

export interface Exported {
  readonly numRows: number;
  /** What is damaged, as one line for a person; '' nothing. */
  readonly damage: string;
}

/**
 * Writes the RoIs that `mining` selects in a run, image by image, hardest first within a minibatch.
 * The file appears when it is whole.
 * @param format an id of `EXPORT_FORMATS`.
 * @returns number of rows, and what was left out because it is damaged.
 * @throws MiningError 'options' for a format that is none; 'run-file'
 */
export async function exportSelection(
  runPath: string,
  mining: MiningConfig,
  outPath: string,
  format: string,
): Promise<Exported> {
  exportFormat(format);
  const part = `${outPath}.${process.pid}.part`;
  const out = createWriteStream(part, { flags: 'wx' });
  try {
    await once(out, 'open');
    const exported = await writeSelection(runPath, mining, out, format);
    out.end();
    await finished(out);
    await rename(part, outPath);
    return exported;
  } catch (error) {
    out.destroy();
    await rm(part, { force: true });
    throw runFileError(error, outPath, 'export', 'a file that can be written');
  }
}

/** As `exportSelection`, into a stream that the caller owns. */
export function writeSelection(
  runPath: string,
  mining: MiningConfig,
  out: Writable,
  format: string,
): Promise<Exported> {
  const { write } = exportFormat(format);
  return withRun(runPath, async (run) => {
    let numRows = 0;
    async function* batches(): AsyncGenerator<readonly RoiRecord[]> {
      for await (const batch of decideRun(run, mining)) {
        const rows = Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, run.manifest.classes));
        numRows += rows.length;
        yield rows;
      }
    }
    for await (const text of write({ path: run.path, manifest: run.manifest, config: mining }, batches()))
      if (!out.write(text)) await once(out, 'drain');
    return { numRows, damage: damageText(run) };
  });
}
