/** The images of a run as what a detector would report of them, beside their ground truth. */
import { MiningError } from '../../core/mining-error.js';
import { copyGtTable, type GtTable } from '../../core/tables.js';
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

/**
 * Detections of every image that was measured and is whole, in file order.
 * @throws MiningError 'options' for a run of a classifier; 'run-file' where its RoIs have no scores.
 * Cost: reads every RoI once; one image is in memory.
 */
export async function detectImages(run: RunReader, options: DetectOptions): Promise<DetectedImage[]> {
  if (run.manifest.task !== 'detection')
    throw new MiningError('options', 'run', 'one of a detector', 'one of a classifier', { file: run.path });
  const images: DetectedImage[] = [];
  let [numRois, numScored] = [0, 0];
  for (const [imageIndex, { id, error }] of run.images.entries()) {
    const image = error === '' ? await tryReadImage(run, imageIndex) : null;
    if (image === null) continue;
    const { rois, gts } = image;
    numRois += rois.numRois;
    numScored += rois.score.reduce((count, score) => count + Number(!Number.isNaN(score)), 0);
    images.push({ imageIndex, id, found: detect(rois, options), gts: copyGtTable(gts) });
  }
  if (numRois > 0 && numScored === 0) {
    const todo = 'Import a dump with scores and boxes, or mine a checkpoint';
    throw new MiningError('run-file', 'scores', 'RoIs with scores', 'none', { file: run.path, todo });
  }
  return images;
}
