import { XMLBuilder } from 'fast-xml-parser';
import type { TextFormat } from '../export-format.js';
import { objectsOf, sizeOf, type ImageObjects } from '../image-objects.js';

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', format: true });

/**
 * "CVAT for images 1.1": the hard images with their objects, each with the loss of its hardest selected RoI as an
 * attribute. Objects that no training counts are left out: the format has no word for them.
 * Source: docs.cvat.ai, "CVAT XML format" 1.1
 */
export const cvatExport: TextFormat = {
  id: 'cvat',
  title: 'CVAT for images 1.1',
  holds: '"CVAT for images 1.1", the loss as an attribute; crowds, difficult and ignored objects are left out',
  extension: 'xml',
  async *text({ manifest: { classes } }, batches) {
    const attribute = { name: 'loss', mutable: 'False', input_type: 'text', default_value: '', values: '' };
    const labels = { label: classes.map((name) => ({ name, type: 'rectangle', attributes: { attribute } })) };
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n';
    yield builder.build({ version: '1.1', meta: { task: { labels } } });
    let id = 0;
    for await (const batch of batches)
      for (const image of objectsOf(batch)) yield builder.build({ image: elementOf(image, id++, classes) });
    yield '</annotations>\n';
  },
};

function elementOf(image: ImageObjects, id: number, classes: readonly string[]) {
  const { width, height } = sizeOf(image);
  const boxes = image.objects
    .filter(({ isVague }) => !isVague)
    .map(({ gtClass, box: [x1, y1, x2, y2], hardest }) => ({
      '@label': classes[gtClass] ?? '',
      '@occluded': '0',
      '@source': 'manual',
      '@xtl': x1.toFixed(2),
      '@ytl': y1.toFixed(2),
      '@xbr': x2.toFixed(2),
      '@ybr': y2.toFixed(2),
      '@z_order': '0',
      attribute: { '@name': 'loss', '#text': hardest?.loss?.toFixed(4) ?? '' },
    }));
  return { '@id': id, '@name': image.image.summary.id, '@width': width, '@height': height, box: boxes };
}
