/** COCO JSON of rendered scenes. Format: cocodataset.org/#format-data. */
import { SAMPLE_CLASSES } from './parts/catalogue.js';
import type { SceneObject } from './annotate.js';
import { SCENE_HEIGHT, SCENE_WIDTH } from './scene.js';

/** Category ids start at 1; boxes are [x, y, width, height], image px. Annotation ids count from 1 in file order. */
export function cocoOf(fileNames: readonly string[], objects: readonly (readonly SceneObject[])[]): object {
  const annotations = objects.flatMap((list, image) =>
    list.map(({ gtClass, x1, y1, x2, y2, area }) => ({
      image_id: image + 1,
      category_id: gtClass + 1,
      bbox: [x1, y1, x2 - x1, y2 - y1],
      area,
      iscrowd: 0,
    })),
  );
  return {
    info: {
      description: 'OHEM Lens sample: small parts on a workbench, rendered',
      version: '1',
      contributor: 'OHEM Lens',
    },
    licenses: [{ id: 1, name: 'MIT', url: 'https://opensource.org/license/mit' }],
    images: fileNames.map((file, i) => ({
      id: i + 1,
      file_name: file,
      width: SCENE_WIDTH,
      height: SCENE_HEIGHT,
      license: 1,
    })),
    categories: SAMPLE_CLASSES.map((name, i) => ({ id: i + 1, name, supercategory: 'part' })),
    annotations: annotations.map((annotation, i) => ({ id: i + 1, ...annotation })),
  };
}
