/** One set of pictures, annotated in every format and layout, gives one table bit for bit. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotationPlace, FORMATS, openDataset } from '../../src/dataset/registry.js';
import { expectSound } from '../fixtures/dataset/expect-sound.js';
import { makeTree } from '../fixtures/dataset/folder-tree.js';
import { LAYOUTS, type Picture } from '../fixtures/dataset/layouts.js';
import { plainPng } from '../fixtures/dataset/plain-png.js';

/** Sides are powers of two and corners multiples of 1/8: fractions and percents of them are exact. */
const PICTURES: readonly Picture[] = [
  {
    name: 'a.png',
    width: 64,
    height: 32,
    objects: [
      { label: 'dog', box: [0, 0, 16, 8] },
      { label: 'cat', box: [8.5, 4.25, 64, 32] },
    ],
  },
  { name: 'b.png', width: 128, height: 64, objects: [{ label: 'cat', box: [1, 2, 3.125, 60] }] },
  {
    name: 'c.png',
    width: 32,
    height: 32,
    objects: [
      { label: 'cat', box: [5, 6, 7, 8] },
      { label: 'cat', box: [5, 6, 9, 10] },
      { label: 'dog', box: [30, 0, 32, 32] },
    ],
  },
];

it('every detection format is in the list', () => {
  const kinds = new Set(LAYOUTS.map(({ kind }) => kind));
  for (const { id, task } of FORMATS) if (task === 'detection') expect(kinds).toContain(id);
});

describe.each(LAYOUTS)('$kind: $title', (layout) => {
  const make = async () => {
    const images = await Promise.all(
      PICTURES.map(async ({ name, width, height }) => [layout.images + name, await plainPng(width, height)] as const),
    );
    const root = await makeTree({ ...Object.fromEntries(images), ...layout.write(PICTURES) });
    return openDataset(path.join(root, layout.open), {});
  };

  it('is the one table', async () => {
    const set = await make();
    expectSound(set);
    expect([set.kind, set.classes, set.warnings]).toEqual([layout.kind, ['cat', 'dog'], []]);
    const { images, gts } = set;
    const pictures = images.id.map((id, i) => ({
      name: path.posix.basename(id),
      width: images.width[i],
      height: images.height[i],
      objects: Array.from({ length: (images.gtStart[i + 1] ?? 0) - (images.gtStart[i] ?? 0) }, (_, k) => {
        const row = (images.gtStart[i] ?? 0) + k;
        const box = [gts.x1[row], gts.y1[row], gts.x2[row], gts.y2[row]];
        return { label: set.classes[gts.gtClass[row] ?? -1], box };
      }),
    }));
    expect(pictures).toEqual(PICTURES);
  });

  it('shows each object where it stands', async () => {
    const { images, gts } = await make();
    const shown = await Promise.all(
      Array.from({ length: gts.numGts }, async (_, row) => {
        const file = images.annotationPath[gts.imageIndex[row] ?? -1] ?? '';
        const place = await annotationPlace(layout.kind, file, gts.annotation[row] ?? -1);
        return (await readFile(file, 'utf8')).slice(place?.start, place?.end);
      }),
    );
    const expected = PICTURES.flatMap((picture) => picture.objects.map((object) => layout.text(picture, object)));
    expect(shown).toEqual(expected);
  });
});
