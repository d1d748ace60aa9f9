/** The readers on real data. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../src/dataset/pixels/decode-image.js';
import { openDataset } from '../../../src/dataset/registry.js';

const shared = '../shared/data';

/** Runs where the shared data is; says why it does not otherwise. */
const onShared = (name: string) => (existsSync(`${shared}/${name}`) ? it : it.skip);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe(`real data in ${shared} (skipped where it is absent)`, () => {
  onShared('coco-cc-train')('coco-cc-train: 66 images, 496 boxes, 4 crowds, 80 classes of 90 ids', async () => {
    const set = await openDataset(`${shared}/coco-cc-train`, {});
    expect(set).toMatchObject({ kind: 'coco', task: 'detection', split: null, warnings: [] });
    expect(set.classes).toHaveLength(80);
    expect([set.classes[0], set.classes[79]]).toEqual(['person', 'toothbrush']);
    expect(set.images.numImages).toBe(66);
    expect(set.gts.numGts).toBe(496);
    expect(sum(set.gts.isCrowd)).toBe(4);
    expect(set.imageRoot.endsWith('coco-cc-train/images')).toBe(true);
    const first = await decodeImage(set.images.path[0]);
    expect([first.width, first.height]).toEqual([set.images.width[0], set.images.height[0]]);
  });

  onShared('bccd')('bccd: 364 images, 4888 boxes of which 2 are degenerate', async () => {
    const set = await openDataset(`${shared}/bccd`, { split: 'all' });
    expect(set).toMatchObject({ kind: 'voc', split: null, classes: ['Platelets', 'RBC', 'WBC'] });
    expect(set.images.numImages).toBe(364);
    expect(set.gts.numGts).toBe(4886);
    expect(set.warnings).toHaveLength(2);
    expect(set.warnings[0]).toMatch(/^dataset: object\[12\]: expected .*BloodImage_00338\.xml\)$/);
    const counts = [0, 0, 0];
    for (const c of set.gts.gtClass) counts[c]++;
    expect(counts).toEqual([361, 4155 - 2, 372]);
  });

  onShared('bccd')('bccd: the default split is trainval, another one can be named', async () => {
    expect((await openDataset(`${shared}/bccd`, {})).split).toBe('trainval');
    expect((await openDataset(`${shared}/bccd`, {})).images.numImages).toBe(292);
    expect((await openDataset(`${shared}/bccd`, { split: 'test' })).images.numImages).toBe(72);
    await expect(openDataset(`${shared}/bccd`, { split: 'dev' })).rejects.toThrow(
      /split: expected one of test, train, trainval, val, all, received "dev"/,
    );
  });
});
