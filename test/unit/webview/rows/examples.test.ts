import { describe, expect, it } from 'vitest';
import type { ImageSummary } from '../../../../src/core/facts/run-manifest.js';
import { allocateGtTable, allocateRoiTable, NONE } from '../../../../src/core/tables.js';
import { appendExamples, rowOfImage, withUri, type ReadExample } from '../../../../webview/rows/examples.js';

/** An image whose rows have its number as their loss. */
function example(number: number, numRois = 1): ReadExample {
  const rois = allocateRoiTable(numRois, 3, 'float32');
  rois.lossCls.fill(number);
  const gts = allocateGtTable(number % 2);
  gts.annotation.fill(10 + number);
  return { summary: { id: String(number) } as ImageSummary, rois, gts, uri: number % 2 === 0 ? null : `/${number}` };
}

describe('appendExamples', () => {
  it('joins messages to one table; each row knows its image', () => {
    const one = appendExamples(null, 0, [example(0), example(1, 0), example(2)], 5);
    const both = appendExamples(one, 3, [example(3, 2), example(4)], 6);
    expect([...(both?.rois.lossCls ?? [])]).toEqual([0, 2, 3, 3, 4]);
    expect([...(both?.rois.imageIndex ?? [])]).toEqual([0, 2, 3, 3, 4]);
    expect(both?.images.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4']);
    expect(both?.uris).toEqual([null, '/1', null, '/3', null]);
    expect(both?.annotations).toEqual([NONE, 11, NONE, 13, NONE]);
    expect(both?.numKnown).toBe(6);
  });

  it('leaves out what it has, and takes nothing behind a gap', () => {
    const one = appendExamples(null, 0, [example(0), example(1)], 2);
    expect([...(appendExamples(one, 1, [example(1), example(2)], 3)?.rois.imageIndex ?? [])]).toEqual([0, 1, 2]);
    expect(appendExamples(one, 3, [example(3)], 9)).toBe(one);
    expect(appendExamples(one, 2, [], 7)).toEqual({ ...one, numKnown: 7 });
    expect(appendExamples(null, 0, [], 0)).toBeNull();
  });

  it('keeps the first image of a single message', () => {
    expect([...(appendExamples(null, 0, [example(5)], 1)?.rois.imageIndex ?? [])]).toEqual([0]);
  });
});

describe('rowOfImage', () => {
  it('finds the first row; NONE for failed and unread images', () => {
    const all = appendExamples(null, 0, [example(0), example(1, 0), example(2, 2), example(3)], 9);
    if (all === null) throw new Error('no examples');
    expect([0, 1, 2, 3, 4, -1].map((image) => rowOfImage(all, image))).toEqual([0, NONE, 1, 3, NONE, NONE]);
  });
});

describe('withUri', () => {
  it('changes one address only, and nothing where it is known', () => {
    const all = appendExamples(null, 0, [example(0), example(1)], 2);
    if (all === null) throw new Error('no examples');
    expect(withUri(all, 0, '/converted').uris).toEqual(['/converted', '/1']);
    expect(withUri(all, 1, '/1')).toBe(all);
    expect(withUri(all, 7, '/x')).toBe(all);
  });
});
