import type { TextFormat } from '../export-format.js';
import { knownBox, objectsOf, sizeOf, type ImageObjects } from '../image-objects.js';

/** Names of Label Studio's template "Object Detection with Bounding Boxes". */
const CONTROL = { from_name: 'label', to_name: 'image', type: 'rectanglelabels' } as const;

/**
 * Tasks for Label Studio: the objects as annotations, the hardest RoIs as predictions with their scores. Images are
 * named below its document root (`LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT` is the run's image folder).
 * Source: labelstud.io/guide/predictions and /guide/storage#Local-storage
 */
export const labelStudioExport: TextFormat = {
  id: 'label-studio',
  title: 'Label Studio tasks',
  holds: "Objects as annotations, hardest RoIs as predictions; the image folder is Label Studio's document root",
  extension: 'json',
  async *text({ manifest: { classes } }, batches) {
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

function taskOf(image: ImageObjects, classes: readonly string[]) {
  const { id, lossSum } = image.image.summary;
  const { width, height } = sizeOf(image);
  const part = ([x1, y1, x2, y2]: readonly [number, number, number, number], label: string) => {
    const percent = { x: 100 * (x1 / width), y: 100 * (y1 / height) };
    const size = { width: 100 * ((x2 - x1) / width), height: 100 * ((y2 - y1) / height) };
    return {
      ...CONTROL,
      original_width: width,
      original_height: height,
      value: { ...percent, ...size, rotation: 0, rectanglelabels: [label] },
    };
  };
  const labelled = image.objects.map(({ box, gtClass }) => part(box, classes[gtClass] ?? ''));
  // What has no box or no class is no prediction.
  const predicted = image.rows.flatMap(({ pred_box, top_class, score }) => {
    const box = knownBox(pred_box);
    return box === null || top_class === null ? [] : [{ ...part(box, top_class), score: score ?? 0 }];
  });
  return {
    data: { image: `/data/local-files/?d=${encodeURIComponent(id)}`, loss: lossSum },
    annotations: [{ result: labelled }],
    predictions: [{ model_version: 'ohem-lens', result: predicted }],
  };
}
