import { describe, expect, it } from 'vitest';
import { groupByImage, type Decision } from '../../../../src/core/triage/decisions.js';
import { decisionAt, placeDecisions, targetOfRow } from '../../../../src/core/triage/placed-decisions.js';
import { sampleImage } from '../../arrow/run-sample.js';

const CLASSES = ['cat', 'dog', 'bus'];
const image = sampleImage('a.jpg', 6, 3);
image.gts.x1.set([0, 50, 200]);
image.gts.y1.fill(0);
image.gts.x2.set([40, 90, 240]);
image.gts.y2.fill(30);
image.gts.gtClass.set([0, 0, 1]);
image.gts.annotation.set([7, -1, 9]);

const decide = (what: 'object' | 'roi', row: number, at = '2026-11-27T10:00:00Z', note = ''): Decision => {
  const target = targetOfRow('a.jpg', image, CLASSES, what, row);
  if (target === undefined) throw new Error('no such row');
  return { ...target, verdict: 'hard', note, at, by: 'Ada' };
};

describe('placeDecisions', () => {
  it.each([
    ['object', 0],
    ['object', 1],
    ['object', 2],
    ['roi', 0],
    ['roi', 5],
  ] as const)('finds the %s in row %i again, by what its target says', (what, row) => {
    const decision = decide(what, row);
    expect(decisionAt(placeDecisions([decision], image, CLASSES), what, row)).toBe(decision);
  });

  it('tells the image from what is in it, and of two on one row takes the later', () => {
    const whole: Decision = { image: 'a.jpg', verdict: 'ignore', note: '', at: '2026-11-27T10:00:00Z', by: 'Ada' };
    const [early, late] = [decide('object', 0), decide('object', 0, '2026-11-27T11:00:00Z', 'later')];
    const placed = placeDecisions([late, whole, early], image, CLASSES);
    expect(decisionAt(placed, 'image', -1)).toBe(whole);
    expect([...placed.object]).toEqual([[0, late]]);
    expect(placed.roi.size).toBe(0);
  });

  it('leaves out what is gone, and names no row that is not there', () => {
    const elsewhere = {
      ...decide('object', 1),
      object: { annotation: null, label: 'cat', box: [900, 0, 940, 30] },
    } as const;
    expect(placeDecisions([elsewhere], image, CLASSES).object.size).toBe(0);
    expect(targetOfRow('a.jpg', image, CLASSES, 'object', 3)).toBeUndefined();
    expect(targetOfRow('a.jpg', sampleImage('a.jpg', 0, 0), CLASSES, 'roi', 0)).toBeUndefined();
  });
});

describe('groupByImage', () => {
  it('keeps the order', () => {
    const of = (id: string, note: string) => ({ ...decide('object', 0), image: id, note });
    const groups = groupByImage([of('b', '1'), of('a', '2'), of('b', '3')]);
    expect([...groups].map(([id, each]) => [id, each.map(({ note }) => note).join('')])).toEqual([
      ['b', '13'],
      ['a', '2'],
    ]);
  });
});
