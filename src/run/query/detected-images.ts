/** The images of a run as what a detector would report of them, beside their ground truth. */
import { MiningError } from '../../core/mining-error.js';
import { copyGtTable, NONE, type GtTable } from '../../core/tables.js';
import { detect, type Detections, type DetectOptions } from '../../core/triage/detections.js';
import { tryReadImage } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** Small enough to hold all of a run. */
export interface DetectedImage {
  /** Row of the run file. */
  readonly imageIndex: number;
  readonly id: string;
  readonly found: Detections;
  readonly gts: GtTable;
}

/** Hears how many images of a run are read. */
export type OnRead = (numDone: number) => void;

/**
 * Detections of every image that was measured and is whole, in file order.
 * @param onRead images read so far; what it throws ends the reading.
 * @throws MiningError 'options' for a run of a classifier; 'run-file' where a dump told neither scores with
 * classes of its RoIs, or no objects.
 * Cost: reads every RoI once; one image is in memory.
 */
export async function detectImages(
  run: RunReader,
  options: DetectOptions,
  onRead: OnRead = () => undefined,
): Promise<DetectedImage[]> {
  if (run.manifest.task !== 'detection')
    throw new MiningError('options', 'run', 'one of a detector', 'one of a classifier', { file: run.path });
  const images: DetectedImage[] = [];
  let [numRois, numTold, numGts] = [0, 0, 0];
  for (const [imageIndex, { id, error }] of run.images.entries()) {
    const image = error === '' ? await tryReadImage(run, imageIndex) : null;
    onRead(imageIndex + 1);
    if (image === null) continue;
    const { rois, gts } = image;
    numRois += rois.numRois;
    numTold += rois.predClass.filter((label, row) => label !== NONE && !Number.isNaN(rois.score[row])).length;
    numGts += gts.numGts;
    images.push({ imageIndex, id, found: detect(rois, options), gts: copyGtTable(gts) });
  }
  if (numRois > 0 && numTold === 0) {
    const todo = 'Import a dump with score and pred_label, or logits; or mine a checkpoint';
    throw new MiningError('run-file', 'scores', 'RoIs with scores and classes', 'none', { file: run.path, todo });
  }
  if (numRois > 0 && numGts === 0 && run.manifest.lossSource === 'training') {
    const todo = 'Import a dump with gt: without objects all detections would be background';
    throw new MiningError('run-file', 'objects', 'images with objects', 'none', { file: run.path, todo });
  }
  return images;
}
