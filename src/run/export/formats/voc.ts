import { XMLBuilder } from 'fast-xml-parser';
import type { FolderFormat } from '../export-format.js';
import { extensionOf, FileNames } from '../file-names.js';
import { pixelsOf, sizeOf, trainingObjectsOf, type ImageObjects } from '../image-objects.js';

const builder = new XMLBuilder({ format: true });

/**
 * The hard images as a Pascal VOC data set: `JPEGImages/`, `Annotations/`, `ImageSets/Main/train.txt`. Objects that no
 * training counts are `difficult`. Corners count from 1 and include the last pixel, as in the devkit. `labelmap.txt`
 * names the classes for CVAT and Datumaro, which refuse others than VOC's own without it.
 * Sources: host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html; docs.cvat.ai, "Pascal VOC"
 */
export const vocExport: FolderFormat = {
  id: 'voc',
  title: 'Pascal VOC data set of the hard images',
  holds:
    '`JPEGImages/`, `Annotations/`, `ImageSets/Main/train.txt`; crowds, difficult and ignored ones are `difficult`',
  extension: null,
  async *files({ manifest: { classes } }, batches) {
    const names = new FileNames();
    const stems: string[] = [];
    for await (const batch of batches) {
      for (const image of trainingObjectsOf(batch)) {
        const { summary } = image.image;
        const stem = names.stemOf(summary);
        const file = `${stem}${extensionOf(summary)}`;
        stems.push(stem);
        yield { path: `JPEGImages/${file}`, content: { copyOf: pixelsOf(image) } };
        yield { path: `Annotations/${stem}.xml`, content: annotationOf(image, file, classes) };
      }
    }
    yield { path: 'ImageSets/Main/train.txt', content: stems.map((stem) => `${stem}\n`).join('') };
    yield { path: 'labelmap.txt', content: labelMapOf(classes) };
  },
};

/** Name, colour, parts, actions; a colon in a name has no escape there. */
function labelMapOf(classes: readonly string[]): string {
  return classes.map((name) => (name.includes(':') ? '' : `${name}:::\n`)).join('');
}

function annotationOf(image: ImageObjects, filename: string, classes: readonly string[]): string {
  const { width, height } = sizeOf(image);
  const corner = (value: number, side: number) => Number(Math.min(Math.max(value, 0), side).toFixed(2));
  const object = image.objects.flatMap(({ gtClass, box, isVague }) => {
    const [x1, x2, y1, y2] = [
      corner(box[0], width),
      corner(box[2], width),
      corner(box[1], height),
      corner(box[3], height),
    ];
    const bndbox = { xmin: x1 + 1, ymin: y1 + 1, xmax: x2, ymax: y2 };
    const facts = {
      name: classes[gtClass] ?? '',
      pose: 'Unspecified',
      truncated: 0,
      difficult: isVague ? 1 : 0,
      bndbox,
    };
    return x2 <= x1 || y2 <= y1 ? [] : [facts];
  });
  const size = { width, height, depth: 3 };
  return builder.build({ annotation: { folder: 'JPEGImages', filename, size, segmented: 0, object } });
}
