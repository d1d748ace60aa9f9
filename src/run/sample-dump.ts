/** Mining on a RoI dump: a training run's own losses, no model. The answer's form: docs/roi-dump.md. */
import { concatRoiTables } from '../core/concat-roi-tables.js';
import type { MiningConfig } from '../core/mining-options.js';
import { samplerOf, selectHardExamples } from '../core/select.js';
import { NONE, STATUS_NAMES } from '../core/tables.js';
import type { RoiTable, Selection } from '../core/tables.js';
import { measureDump } from '../dataset/dump-measure.js';
import { writeDumpScores } from '../dataset/dump-scores.js';
import { openDump } from '../dataset/open-dump.js';

export interface SampleAnswer {
  /** Pieces of one line of JSON. */
  readonly json: readonly string[];
  /** What a person should know of the dump. */
  readonly notes: readonly string[];
}

/**
 * Decides every minibatch of a dump: `imagesPerBatch` consecutive images each, the last one may be shorter.
 * @throws MiningError 'dump' at the first image that is wrong; there is no partial answer.
 */
export async function sampleDump(path: string, config: MiningConfig): Promise<SampleAnswer> {
  const { header, images } = await openDump(path);
  const json = [`{"preset":${JSON.stringify(config.preset)},"config":${JSON.stringify(config)},"batches":[`];
  const notes = new Set<string>();
  const { options } = samplerOf(config.preset);
  let batch: BatchImages = { ids: [], tables: [] };
  const close = () => {
    if (batch.ids.length === 0) return;
    json.push(json.length === 1 ? '' : ',', batchJson(batch, config));
    batch = { ids: [], tables: [] };
  };
  for await (const image of images) {
    const { rois, hasBoxLoss, hasOverlaps } = measureDump(header, image, config.sigma, path);
    if (options.includes('scoreThreshold')) writeDumpScores(header, image, rois);
    if (header.task === 'detection' && !hasBoxLoss) notes.add('no loc_pred, loc_target or loss_loc: the box loss is 0');
    if (!hasOverlaps && (options.includes('bgLo') || options.includes('negOverlap'))) notes.add('no iou or gt: every overlap counts as 0');
    batch.ids.push(image.image);
    batch.tables.push(rois);
    if (batch.ids.length === config.imagesPerBatch) close();
  }
  close();
  json.push(']}\n');
  return { json, notes: [...notes] };
}

interface BatchImages {
  readonly ids: string[];
  readonly tables: RoiTable[];
}

function batchJson({ ids, tables }: BatchImages, config: MiningConfig): string {
  const rois = concatRoiTables(tables);
  const selection = selectHardExamples(rois, config);
  return JSON.stringify({
    images: ids,
    keep_num: selection.keepNum,
    cls_loss: known(selection.clsLoss),
    loc_loss: known(selection.locLoss),
    counts: Object.fromEntries(STATUS_NAMES.map((name, status) => [name, selection.counts[status]])),
    rois: roiRecords(tables, rois, selection),
  });
}

function roiRecords(tables: readonly RoiTable[], rois: RoiTable, selection: Selection): object[] {
  const { status, lossRank, suppressedBy, rankLoss } = selection;
  const records: object[] = [];
  let start = 0;
  tables.forEach(({ numRois }, image) => {
    for (let row = start; row < start + numRois; row++) {
      records.push({
        image,
        row: row - start,
        loss_cls: known(rois.lossCls[row]),
        loss_loc: known(rois.lossLoc[row]),
        loss: known(rankLoss[row]),
        rank: lossRank[row] === NONE ? null : lossRank[row],
        status: STATUS_NAMES[status[row]],
        suppressed_by: suppressedBy[row] === NONE ? null : suppressedBy[row] - start,
      });
    }
    start += numRois;
  });
  return records;
}

/** JSON has no NaN and no infinity. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
