import { describe, expect, it } from 'vitest';
import { GALLERY_SORTS, type GalleryItem, type GalleryQuery } from '../../../../src/protocol/gallery-messages.js';
import { FACETS } from '../../../../src/run/gallery/facets/index.js';
import { Gallery } from '../../../../src/run/gallery/gallery.js';
import { CLASSES, madeUpGallery } from './made-up-items.js';

const run = { classes: CLASSES, backgroundBelow: 0.3 };
const facetRun = { ...run, decisionOf: () => undefined };
const stored = madeUpGallery(500);
const gallery = new Gallery(stored, run);
const all: GalleryQuery = { kind: 'rois', where: {}, sort: 'loss', group: null };
const everything = (query: GalleryQuery) => gallery.page({ query, first: 0, most: 500 });

/** The same by the facets' own words, item by item. */
function passes(row: number, where: GalleryQuery['where']): boolean {
  return FACETS.every((facet) => {
    const picked = where[facet.id];
    return picked === undefined || picked.includes(facet.values(stored.items.rois, facetRun).code(row));
  });
}

const rows = Array.from({ length: 500 }, (_, row) => row);

describe('Gallery', () => {
  it('lists all items hardest first, those without a loss last, and pages through them', () => {
    const { numItems, numShown, numLeftOut, groups } = gallery.query(all);
    expect([numItems, numShown, numLeftOut, groups]).toEqual([500, 500, 4, [{ name: '', count: 500 }]]);
    const losses = everything(all).map(({ loss }) => loss);
    const known = losses.filter((loss) => loss !== null);
    expect(known).toEqual([...known].sort((a, b) => b - a));
    expect(losses.slice(known.length).every((loss) => loss === null)).toBe(true);
    const pages = [0, 200, 400].flatMap((first) => gallery.page({ query: all, first, most: 200 }));
    expect(pages).toEqual(everything(all));
  });

  it('tells a prediction below the score of background as background', () => {
    for (const { score, prediction } of everything(all)) if (score !== null && score < 0.3) expect(prediction).toBe(3);
  });

  it('combines facets, and counts each among the items that pass the others', () => {
    const where = { label: [0, 3], prediction: [3], score: [0, 1, 2, 3] };
    const { numShown, facets } = gallery.query({ ...all, where });
    expect(numShown).toBe(rows.filter((row) => passes(row, where)).length);
    expect(numShown).toBeGreaterThan(0);
    for (const { id, values } of facets) {
      const others = Object.fromEntries(Object.entries(where).filter(([other]) => other !== id));
      const facet = FACETS.find((each) => each.id === id)?.values(stored.items.rois, facetRun);
      const expected = rows.filter((row) => passes(row, others)).map((row) => facet?.code(row));
      for (const value of values) expect(value.count).toBe(expected.filter((each) => each === value.code).length);
    }
  });

  it('a picked value that nothing has stays in its list, and an unknown facet filters nothing', () => {
    const { facets, numShown } = gallery.query({
      ...all,
      where: { label: [0], prediction: [0], answer: [2], nonsense: [1] },
    });
    expect(numShown).toBe(0);
    expect(facets.find(({ id }) => id === 'answer')?.values).toContainEqual({
      code: 2,
      name: 'missed: object → background',
      count: 0,
    });
  });

  it('counts pairs of label and prediction, whatever these two are filtered by', () => {
    const cells = (where: GalleryQuery['where']) => [...gallery.query({ ...all, where }).confusion].sort();
    expect(cells({ label: [1], prediction: [3] })).toEqual(cells({}));
    expect(cells({}).reduce((sum, [, , count]) => sum + count, 0)).toBe(rows.filter((row) => row % 17 !== 16).length);
    const [, , one] = cells({ size: [0] })[0];
    expect(one).toBeLessThanOrEqual(cells({})[0][2]);
  });

  it('groups: the largest class first, bins in their order, what has no value last', () => {
    const byLabel = gallery.query({ ...all, group: 'label' }).groups;
    const counts = byLabel.slice(0, -1).map(({ count }) => count);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(byLabel.at(-1)?.name).toBe('without');
    expect(gallery.query({ ...all, group: 'iou' }).groups.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 10 }, (_, bin) => `${(bin / 10).toFixed(1)}–${((bin + 1) / 10).toFixed(1)}`),
      'without',
    ]);
    const losses = everything({ ...all, group: 'label' })
      .slice(0, counts[0])
      .map(({ loss }) => loss ?? -1);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it.each(GALLERY_SORTS.filter((sort) => sort !== 'doubt'))('sorts by %s, the unknown last', (sort) => {
    const key = ({ loss, score, iou, box: [x1, y1, x2, y2] }: GalleryItem) =>
      ({ loss, score, iou: iou === null ? null : -iou, size: -(x2 - x1) * (y2 - y1), doubt: 0 })[sort] ?? -Infinity;
    const keys = everything({ ...all, sort }).map(key);
    for (let i = 1; i < keys.length; i++) expect(keys[i]).toBeLessThanOrEqual(keys[i - 1] + 1e-2);
  });

  it('answers of nothing for a run without items', () => {
    const empty = new Gallery(madeUpGallery(0), run);
    expect(empty.query(all)).toMatchObject({ numItems: 0, numShown: 0, confusion: [] });
    expect(empty.page({ query: all, first: 0, most: 10 })).toEqual([]);
  });
});
