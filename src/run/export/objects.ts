import { csvText } from '../query/csv-text.js';
import type { TextFormat } from './export-format.js';
import { objectsOf } from './image-objects.js';

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
] as const;

/** A line a ground truth of the images: the loss of its hardest selected RoI, empty where none was matched with it. */
export const objectsExport: TextFormat = {
  id: 'objects',
  title: 'Objects with their losses',
  holds: 'A line a ground truth, with the loss of its hardest selected RoI',
  extension: 'csv',
  async *text({ manifest: { classes } }, batches) {
    yield csvText(FIELDS, []);
    for await (const batch of batches) {
      const lines = objectsOf(batch).flatMap(({ image: { summary }, objects }) =>
        objects.map(({ gt, gtClass, box, annotation, hardest }) => ({
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
        })),
      );
      yield csvText(FIELDS, lines, false);
    }
  },
};
