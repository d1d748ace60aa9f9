import { orderValue } from '../../../core/facts/image-orders.js';
import type { FolderFormat } from '../export-format.js';
import { extensionOf, FileNames } from '../file-names.js';
import { pixelsOf, sizeOf, trainingObjectsOf, type ImageObjects } from '../image-objects.js';

/**
 * The hard images as a data set of Ultralytics YOLO: `images/`, `labels/` with a line an object, `images.txt` with the
 * hardest image first, `data.yaml`. Objects that no training counts are left out: the format has no word for them.
 * Source: docs.ultralytics.com/datasets/detect
 */
export const yoloExport: FolderFormat = {
  id: 'yolo',
  title: 'YOLO data set of the hard images',
  holds: '`images/`, `labels/`, `images.txt` (hardest first), `data.yaml`; crowds, difficult and ignored are left out',
  extension: null,
  async *files({ manifest: { classes }, order }, batches) {
    const names = new FileNames();
    const listed: { readonly path: string; readonly value: number }[] = [];
    for await (const batch of batches) {
      for (const image of trainingObjectsOf(batch)) {
        const { summary } = image.image;
        const stem = names.stemOf(summary);
        const path = `images/${stem}${extensionOf(summary)}`;
        listed.push({ path, value: orderValue(summary, order) });
        yield { path, content: { copyOf: pixelsOf(image) } };
        yield { path: `labels/${stem}.txt`, content: labelsOf(image) };
      }
    }
    listed.sort((a, b) => b.value - a.value);
    yield { path: 'images.txt', content: listed.map(({ path }) => `./${path}\n`).join('') };
    yield { path: 'data.yaml', content: dataYaml(classes) };
  },
};

/** class, centre x, centre y, width, height: shares of the image. */
function labelsOf(image: ImageObjects): string {
  const { width, height } = sizeOf(image);
  const share = (value: number, side: number) => Math.min(Math.max(value / side, 0), 1);
  const lines = image.objects.flatMap(({ gtClass, box, isVague }) => {
    const [x1, x2] = [share(box[0], width), share(box[2], width)];
    const [y1, y2] = [share(box[1], height), share(box[3], height)];
    if (isVague || x2 <= x1 || y2 <= y1) return [];
    const numbers = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((value) => value.toFixed(6));
    return [`${gtClass} ${numbers.join(' ')}\n`];
  });
  return lines.join('');
}

/** The loader asks for a validation list, too. Names as JSON, which YAML reads. */
function dataYaml(classes: readonly string[]): string {
  const names = classes.map((name, index) => `  ${index}: ${JSON.stringify(name)}`);
  const head = ['train: images.txt', '# Validate on images that are not these.', 'val: images.txt', 'names:'];
  return [...head, ...names, ''].join('\n');
}
