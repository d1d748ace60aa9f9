import { roiBoxOf } from '../../../core/facts/run-manifest.js';
import { decodeImage, encodeCrop, type PixelRect } from '../../../dataset/pixels/decode-image.js';
import type { FolderFile } from '../../../files/replace-folder.js';
import type { Box } from '../../query/selected-rois.js';
import type { FolderFormat } from '../export-format.js';
import { extensionOf, FileNames } from '../file-names.js';
import { knownBox, pixelsOf, trainingObjectsOf, type ImageObjects } from '../image-objects.js';

/**
 * Pictures in class folders, as torchvision's `ImageFolder` and Keras' `image_dataset_from_directory` read them. Of a
 * detector the hard negatives: each selected background RoI is cut out of its image, in the folder of the class that
 * it is taken for. Of a classifier the images themselves, in the folder of their label.
 * Cost: decodes each image that has one.
 */
export const cropsExport: FolderFormat = {
  id: 'crops',
  title: 'Hard negatives as crops in class folders',
  holds: 'Background RoIs, each in the folder of the class it is taken for; of a classifier the images by label',
  extension: null,
  async *files({ manifest }, batches) {
    const [stems, folders] = [new FileNames(), new FileNames()];
    const folderOf = new Map([...manifest.classes, 'background'].map((name) => [name, folders.nameOf(name)]));
    const side = roiBoxOf(manifest) === 'regressed' ? 'pred_box' : 'region';
    const filesOf =
      manifest.task === 'classification' ? labelledImage : (image: ImageObjects) => negatives(image, side);
    for await (const batch of batches) {
      for (const image of trainingObjectsOf(batch)) {
        const stem = stems.stemOf(image.image.summary);
        for await (const { name, className, content } of filesOf(image)) {
          const folder = folderOf.get(className);
          if (folder !== undefined) yield { path: `${folder}/${stem}${name}`, content };
        }
      }
    }
  },
};

interface Picture {
  /** What stands behind the image's own name. */
  readonly name: string;
  readonly className: string;
  readonly content: FolderFile['content'];
}

async function* labelledImage(image: ImageObjects): AsyncGenerator<Picture> {
  const [row] = image.rows;
  if (row === undefined) return;
  yield { name: extensionOf(image.image.summary), className: row.label, content: { copyOf: pixelsOf(image) } };
}

async function* negatives(image: ImageObjects, side: 'region' | 'pred_box'): AsyncGenerator<Picture> {
  const rows = image.rows.filter(({ label, top_class }) => label === 'background' && top_class !== null);
  if (rows.length === 0) return;
  const pixels = await decodeImage(pixelsOf(image));
  for (const row of rows) {
    const rect = rectOf(row[side], pixels);
    if (rect === null) continue;
    yield { name: `-${row.row}.jpg`, className: row.top_class ?? '', content: await encodeCrop(pixels, rect) };
  }
}

/** The part of a box that lies in the image; null where there is none. */
function rectOf(box: Box, { width, height }: { readonly width: number; readonly height: number }): PixelRect | null {
  const known = knownBox(box);
  if (known === null) return null;
  const [x1, y1, x2, y2] = known;
  const [left, top] = [Math.max(Math.floor(x1), 0), Math.max(Math.floor(y1), 0)];
  const [right, bottom] = [Math.min(Math.ceil(x2), width), Math.min(Math.ceil(y2), height)];
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : null;
}
