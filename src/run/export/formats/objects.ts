import { csvText } from '../../query/csv-text.js';
import type { TextFormat } from '../export-format.js';
import { objectsOf, type ImageObjects } from '../image-objects.js';

const FIELDS = [
  'image',
  'path',
  'gt_index',
  'annotation_path',
  'annotation',
  'label',
  'box',
  'loss',
  'predicted',
  'score',
  'iou',
  'weight',
] as const;

/**
 * A line a ground truth of the images: the loss of its hardest selected RoI, empty where none was matched with it, and
 * that loss as a weight for a sampler of objects.
 * Cost: a line an object in memory.
 */
export const objectsExport: TextFormat = {
  id: 'objects',
  title: 'Objects with their losses',
  holds: 'A line a ground truth: the loss of its hardest selected RoI, and as a weight, 1 on average',
  extension: 'csv',
  async *text({ manifest: { classes } }, batches) {
    const lines: ReturnType<typeof linesOf> = [];
    for await (const batch of batches) lines.push(...objectsOf(batch).flatMap((image) => linesOf(image, classes)));
    const losses = lines.flatMap(({ loss }) => loss ?? []);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    yield csvText(FIELDS, []);
    for (const line of lines)
      yield csvText(FIELDS, [{ ...line, weight: line.loss === null || !(mean > 0) ? null : line.loss / mean }], false);
  },
};

function linesOf({ image: { summary, listedGts }, objects }: ImageObjects, classes: readonly string[]) {
  const listed = objects.filter(({ gt }) => listedGts?.has(gt) ?? true);
  return listed.map(({ gt, gtClass, box, annotation, hardest }) => ({
    image: summary.id,
    path: summary.path,
    gt_index: gt,
    annotation_path: summary.annotationPath,
    annotation,
    label: classes[gtClass] ?? '',
    box,
    loss: hardest?.loss ?? null,
    predicted: hardest?.predicted ?? null,
    score: hardest?.score ?? null,
    iou: hardest?.iou ?? null,
  }));
}
