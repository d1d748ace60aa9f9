import type { TextFormat } from '../export-format.js';
import { trainingObjectsOf, type ImageObjects } from '../image-objects.js';

/**
 * The hard images as a COCO data set: all their objects, those that no training counts as `iscrowd`, each with the loss
 * of its hardest selected RoI. Category ids count from 1 in the run's class order.
 * Source: cocodataset.org/#format-data
 */
export const cocoExport: TextFormat = {
  id: 'coco',
  title: 'COCO data set of the hard images',
  holds: 'The images with all their objects; crowds, difficult and ignored ones are `iscrowd`, each has a `loss`',
  extension: 'json',
  async *text({ path, manifest: { classes }, extent }, batches) {
    const categories = classes.map((name, index) => ({ id: index + 1, name }));
    const head = JSON.stringify({ info: { description: `Hard examples of ${path}`, ...extent }, categories });
    yield `${head.slice(0, -1)},"images":[`;
    const annotations: string[] = [];
    let separator = '\n';
    for await (const batch of batches) {
      for (const image of trainingObjectsOf(batch)) {
        yield separator + JSON.stringify(imageOf(image));
        separator = ',\n';
        for (const annotation of annotationsOf(image, annotations.length)) annotations.push(JSON.stringify(annotation));
      }
    }
    yield `\n],"annotations":[\n${annotations.join(',\n')}\n]}\n`;
  },
};

function imageOf({ image: { imageIndex, summary } }: ImageObjects) {
  const { id, width, height, lossSum } = summary;
  return { id: imageIndex + 1, file_name: id, width, height, loss: lossSum };
}

function annotationsOf({ image: { imageIndex }, objects }: ImageObjects, numBefore: number) {
  return objects.map(({ gtClass, box: [x1, y1, x2, y2], isVague, hardest }, i) => ({
    id: numBefore + i + 1,
    image_id: imageIndex + 1,
    category_id: gtClass + 1,
    bbox: [x1, y1, x2 - x1, y2 - y1],
    area: (x2 - x1) * (y2 - y1),
    iscrowd: isVague ? 1 : 0,
    loss: hardest?.loss ?? null,
  }));
}
