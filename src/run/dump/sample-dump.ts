/** Mining on a RoI dump: a training run's own losses, no model. The answer's form: docs/roi-dump.md. */
import { concatRoiTables } from '../../core/concat-roi-tables.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { selectHardExamples } from '../../core/mining/select.js';
import { samplerOf } from '../../core/mining/samplers/index.js';
import { NONE, STATUS_NAMES } from '../../core/tables.js';
import type { RoiTable, Selection } from '../../core/tables.js';
import { measureDump } from '../../dataset/dump/dump-measure.js';
import { writeDumpScores } from '../../dataset/dump/dump-scores.js';
import { openDump } from '../../dataset/dump/open-dump.js';

/** How an answer is written: `head`, then each minibatch, `between` them, then `tail`. */
export interface SampleFormat {
  readonly head: (config: MiningConfig) => string;
  readonly batch: (batch: SampledBatch) => string;
  readonly between: string;
  readonly tail: string;
}

/** One decided minibatch. */
export interface SampledBatch {
  /** Names of its images, as the dump gives them. */
  readonly images: readonly string[];
  /** For each image, the row at which its RoIs begin; the last entry is R. */
  readonly starts: readonly number[];
  readonly rois: RoiTable;
  readonly selection: Selection;
}

export interface SampleAnswer {
  /** Pieces of the text. */
  readonly text: readonly string[];
  /** What a person should know of the dump. */
  readonly notes: readonly string[];
}

/** One line of JSON, as docs/roi-dump.md describes it. */
export const JSON_ANSWER: SampleFormat = {
  head: (config) => `{"preset":${JSON.stringify(config.preset)},"config":${JSON.stringify(config)},"batches":[`,
  batch: batchJson,
  between: ',',
  tail: ']}\n',
};

/**
 * Decides every minibatch of a dump: `imagesPerBatch` consecutive images each, the last one may be shorter.
 * @param maxInflated of an NPZ: what its arrays may inflate to, bytes; default 1 GiB.
 * @throws MiningError 'dump' at the first image that is wrong; there is no partial answer.
 */
export async function sampleDump(
  path: string,
  config: MiningConfig,
  format: SampleFormat = JSON_ANSWER,
  maxInflated?: number,
): Promise<SampleAnswer> {
  const { header, images } = await openDump(path, maxInflated === undefined ? {} : { maxInflated });
  const text: string[] = [];
  const notes = new Set<string>();
  const { options } = samplerOf(config.preset);
  let [names, tables]: [string[], RoiTable[]] = [[], []];
  const close = () => {
    if (names.length === 0) return;
    text.push(format.batch(decide(names, tables, config)));
    [names, tables] = [[], []];
  };
  for await (const image of images) {
    const { rois, hasBoxLoss, hasOverlaps } = measureDump(header, image, config.sigma, path);
    if (options.includes('scoreThreshold')) writeDumpScores(header, image, rois);
    if (header.task === 'detection' && !hasBoxLoss) notes.add('no loc_pred, loc_target or loss_loc: the box loss is 0');
    if (!hasOverlaps && (options.includes('bgLo') || options.includes('negOverlap')))
      notes.add('no iou or gt: every overlap counts as 0');
    names.push(image.image);
    tables.push(rois);
    if (names.length === config.imagesPerBatch) close();
  }
  close();
  return {
    text: [
      format.head(config),
      ...text.flatMap((piece, i) => (i === 0 ? [piece] : [format.between, piece])),
      format.tail,
    ],
    notes: [...notes],
  };
}

function decide(images: readonly string[], tables: readonly RoiTable[], config: MiningConfig): SampledBatch {
  const rois = concatRoiTables(tables);
  const starts = [0];
  for (const { numRois } of tables) starts.push(starts[starts.length - 1] + numRois);
  return { images, starts, rois, selection: selectHardExamples(rois, config) };
}

function batchJson({ images, starts, rois, selection }: SampledBatch): string {
  return JSON.stringify({
    images,
    keep_num: selection.keepNum,
    cls_loss: known(selection.clsLoss),
    loc_loss: known(selection.locLoss),
    counts: Object.fromEntries(STATUS_NAMES.map((name, status) => [name, selection.counts[status]])),
    rois: images.flatMap((_, image) => roiRecords(image, starts, rois, selection)),
  });
}

function roiRecords(
  image: number,
  starts: readonly number[],
  rois: RoiTable,
  { status, lossRank, suppressedBy, rankLoss }: Selection,
): object[] {
  const records: object[] = [];
  const start = starts[image];
  for (let row = start; row < starts[image + 1]; row++) {
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
  return records;
}

/** JSON has no NaN and no infinity. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
