import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { decideRun, withRun } from '../file/read-run.js';
import { runFileError } from '../file/run-file-error.js';
import type { RunReader } from '../file/run-store.js';
import { csvText } from './csv-text.js';
import { ROI_RECORD_FIELDS, roiRecord, selectedRanks } from './selected-rois.js';
import type { RoiRecord } from './selected-rois.js';

export type ExportFormat = 'csv' | 'json';

/**
 * Writes the RoIs that `mining` selects in a run, image by image, hardest first within a minibatch.
 * The file appears when it is whole.
 * @returns number of rows.
 * @throws MiningError 'run-file'
 */
export async function exportSelection(
  runPath: string,
  mining: MiningConfig,
  outPath: string,
  format: ExportFormat,
): Promise<number> {
  const part = `${outPath}.${process.pid}.part`;
  const out = createWriteStream(part, { flags: 'wx' });
  try {
    await once(out, 'open');
    const numRows = await writeSelection(runPath, mining, out, format);
    out.end();
    await finished(out);
    await rename(part, outPath);
    return numRows;
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
  format: ExportFormat,
): Promise<number> {
  return withRun(runPath, async (run) => {
    const write = async (text: string) => {
      if (!out.write(text)) await once(out, 'drain');
    };
    await write(format === 'csv' ? csvText(ROI_RECORD_FIELDS, []) : jsonHead(run, mining));
    let numRows = 0;
    for await (const records of selectedRecords(run, mining)) {
      const json = () =>
        records.map((record, i) => `${numRows + i === 0 ? '' : ','}\n${JSON.stringify(record)}`).join('');
      await write(format === 'csv' ? csvText(ROI_RECORD_FIELDS, records, false) : json());
      numRows += records.length;
    }
    if (format === 'json') await write('\n]}\n');
    return numRows;
  });
}

/** The selected RoIs of a run, minibatch by minibatch. */
async function* selectedRecords(run: RunReader, mining: MiningConfig): AsyncGenerator<readonly RoiRecord[]> {
  for await (const batch of decideRun(run, mining))
    yield Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, run.manifest.classes));
}

function jsonHead({ path, manifest }: RunReader, config: MiningConfig): string {
  const { checkpoint, backend, dataset, measure, lossSource, classes } = manifest;
  const head = { run: path, loss_source: lossSource, checkpoint, backend, dataset, measure, classes, config };
  return `${JSON.stringify(head).slice(0, -1)},"rois":[`;
}
