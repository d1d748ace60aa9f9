import type { ExportFormat } from './export-format.js';
import { objectsOf, type ImageObjects } from './image-objects.js';

/** Names of Label Studio's template "Object Detection with Bounding Boxes". */
const CONTROL = { from_name: 'label', to_name: 'image', type: 'rectanglelabels' } as const;

/**
 * Tasks for Label Studio: the objects as annotations, the hardest RoIs as predictions with their scores. Images are
 * named below its document root (`LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT` is the run's image folder).
 * Source: labelstud.io/guide/predictions and /guide/storage#Local-storage
 */
export const labelStudioExport: ExportFormat = {
  id: 'label-studio',
  title: 'Label Studio tasks',
  holds: "Objects as annotations, hardest RoIs as predictions; the image folder is Label Studio's document root",
  extension: 'json',
  async *write({ manifest: { classes } }, batches) {
    let separator = '[\n';
    let empty = true;
    for await (const batch of batches) {
      for (const image of objectsOf(batch)) {
        yield separator + JSON.stringify(taskOf(image, classes));
        [separator, empty] = [',\n', false];
      }
    }
    yield empty ? '[]\n' : '\n]\n';
  },
};

function taskOf({ image: { summary }, objects, rows }: ImageObjects, classes: readonly string[]) {
  const { id, width, height, lossSum } = summary;
  const part = (box: readonly (number | null)[], label: string) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box.map((side) => side ?? 0);
    const percent = { x: 100 * (x1 / width), y: 100 * (y1 / height) };
    const size = { width: 100 * ((x2 - x1) / width), height: 100 * ((y2 - y1) / height) };
    return {
      ...CONTROL,
      original_width: width,
      original_height: height,
      value: { ...percent, ...size, rotation: 0, rectanglelabels: [label] },
    };
  };
  const labelled = objects.map(({ box, gtClass }) => part(box, classes[gtClass] ?? ''));
  const predicted = rows.map((row) => ({ ...part(row.pred_box, row.top_class ?? row.label), score: row.score ?? 0 }));
  return {
    data: { image: `/data/local-files/?d=${encodeURIComponent(id)}`, loss: lossSum },
    annotations: [{ result: labelled }],
    predictions: [{ model_version: 'ohem-lens', result: predicted }],
  };
}
