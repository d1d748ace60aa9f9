import { basename } from 'node:path';
import type { TextFormat } from '../export-format.js';
import { knownBox, objectsOf, pixelsOf, sizeOf, type ImageObjects } from '../image-objects.js';

/** Fields of a sample beyond FiftyOne's own: `from_json` takes none that is not declared. */
function sampleFields(label: 'Detections' | 'Classification') {
  const number = 'fiftyone.core.fields.FloatField';
  const labels = `fiftyone.core.fields.EmbeddedDocumentField(fiftyone.core.labels.${label})`;
  return { loss_sum: number, loss_max: number, ground_truth: labels, predictions: labels };
}

/**
 * A data set for FiftyOne, `fiftyone.Dataset.from_json(path)`: objects as `ground_truth`, each with the loss of its
 * hardest selected RoI, and selected RoIs as `predictions` with score and loss; of a classifier one label each.
 * Source: docs.voxel51.com, fiftyone.core.dataset.Dataset.from_dict
 */
export const fiftyoneExport: TextFormat = {
  id: 'fiftyone',
  title: 'FiftyOne data set',
  holds: '`ground_truth` with the loss of each object, `predictions` with score and loss; opens by `Dataset.from_json`',
  extension: 'json',
  async *text({ path, manifest: { classes, task }, extent }, batches) {
    const isClassified = task === 'classification';
    const sampleOf = isClassified ? classifiedSample : detectedSample;
    const head = {
      name: basename(path),
      media_type: 'image',
      sample_fields: sampleFields(isClassified ? 'Classification' : 'Detections'),
      info: { run: path, ...extent },
      default_classes: classes,
    };
    yield `${JSON.stringify(head).slice(0, -1)},"samples":[`;
    let separator = '\n';
    for await (const batch of batches) {
      for (const image of objectsOf(batch)) {
        yield separator + JSON.stringify(sampleOf(image, classes));
        separator = ',\n';
      }
    }
    yield '\n]}\n';
  },
};

function factsOf(image: ImageObjects) {
  const { lossSum, lossMax } = image.image.summary;
  const metadata = { _cls: 'ImageMetadata', ...sizeOf(image) };
  return { filepath: pixelsOf(image), tags: [], metadata, loss_sum: lossSum, loss_max: lossMax };
}

function detectedSample(image: ImageObjects, classes: readonly string[]) {
  const { width, height } = sizeOf(image);
  const detection = (label: string, [x1, y1, x2, y2]: readonly [number, number, number, number]) => ({
    _cls: 'Detection',
    tags: [],
    attributes: {},
    label,
    bounding_box: [x1 / width, y1 / height, (x2 - x1) / width, (y2 - y1) / height],
  });
  const labelled = image.objects.map(({ gtClass, box, isVague, hardest }) => ({
    ...detection(classes[gtClass] ?? '', box),
    iscrowd: isVague,
    loss: hardest?.loss ?? null,
  }));
  // What has no box or no class is no prediction.
  const predicted = image.rows.flatMap(({ pred_box, top_class, label, score, loss, iou }) => {
    const box = knownBox(pred_box);
    if (box === null || top_class === null) return [];
    return [{ ...detection(top_class, box), confidence: score, loss, iou, matched_with: label }];
  });
  return {
    ...factsOf(image),
    ground_truth: { _cls: 'Detections', detections: labelled },
    predictions: { _cls: 'Detections', detections: predicted },
  };
}

function classifiedSample(image: ImageObjects) {
  const [row] = image.rows;
  const classification = (label: string) => ({ _cls: 'Classification', tags: [], label });
  const said = row?.predicted ?? null;
  return {
    ...factsOf(image),
    ground_truth: row === undefined ? null : { ...classification(row.label), loss: row.loss },
    predictions: said === null ? null : { ...classification(said), confidence: row?.score ?? null },
  };
}
