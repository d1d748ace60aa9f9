/** Labels to check as items of the gallery, the most doubtful first. */
import { NONE } from '../../core/tables.js';
import { DETECTING } from '../../core/triage/detections.js';
import { OBJECT_LAB } from '../../core/triage/label-quality.js';
import { SUSPICIONS } from '../../core/triage/label-suspects.js';
import type { SuspectFacts } from '../../protocol/gallery-messages.js';
import type { OnRead } from '../query/detected-images.js';
import { suspectsOf, type SuspectRecord } from '../query/label-suspects.js';
import type { RunReader } from '../file/run-store.js';
import { allocateItems, type Items } from './items.js';

export interface SuspectItems {
  readonly items: Items;
  readonly facts: SuspectFacts;
}

/** @param onRead and the rest: as `suspectsOf`. */
export async function readSuspects(run: RunReader, onRead?: OnRead): Promise<SuspectItems> {
  const choice = { ...OBJECT_LAB, asQuantiles: false };
  const { suspects, sure, extent, numFailed, ofTraining } = await suspectsOf(run, DETECTING, choice, onRead);
  const { complete, num_images: numImages, num_in_dataset: numInDataset } = extent;
  const facts = { sure, numImages, numInDataset, complete, numFailed, ofTraining };
  return { items: itemsOf(suspects, run.manifest.classes), facts };
}

function itemsOf(suspects: readonly SuspectRecord[], classes: readonly string[]): Items {
  const items = allocateItems(suspects.length);
  const codes = new Map(classes.map((name, code) => [name, code]));
  const codeOf = (name: string | null, absent: number) => (name === null ? absent : (codes.get(name) ?? NONE));
  for (const [place, suspect] of suspects.entries()) {
    items.image[place] = suspect.image_index;
    // An example is decided on as an image.
    items.row[place] = suspect.pred_box === null ? NONE : (suspect.row ?? NONE);
    items.gt[place] = suspect.gt_index ?? NONE;
    items.annotation[place] = suspect.annotation ?? NONE;
    items.label[place] = codeOf(suspect.label, classes.length);
    items.preferred[place] = codeOf(suspect.predicted, NONE);
    items.error[place] = NONE;
    items.score[place] = suspect.predicted_score ?? NaN;
    items.iou[place] = NaN;
    items.loss[place] = NaN;
    const [x1, y1, x2, y2] = suspect.gt_box ?? suspect.pred_box ?? [0, 0, 0, 0];
    [items.x1[place], items.y1[place], items.x2[place], items.y2[place]] = [x1, y1, x2, y2];
  }
  const kind = Int8Array.from(suspects, (suspect) => SUSPICIONS.findIndex(({ id }) => id === suspect.kind));
  return { ...items, suspicions: { kind, score: Float64Array.from(suspects, ({ score }) => score) } };
}
