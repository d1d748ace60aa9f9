import type { TextFormat } from '../export-format.js';
import { pathOf, rankedImages } from '../ranked-images.js';

/** A path a line, the hardest image first: what training scripts take as a list of images. */
export const imageListExport: TextFormat = {
  id: 'image-list',
  title: 'Image paths, hardest first',
  holds: 'A path a line: what training scripts take as a list of images',
  extension: 'txt',
  async *text(source, batches) {
    for (const { summary } of await rankedImages(source, batches)) yield `${pathOf(summary)}\n`;
  },
};
