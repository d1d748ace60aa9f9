import { describe, expect, test } from 'vitest';
import { ignoreRegions, matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { IMAGE, makeGts } from '../make-output.js';

const BOX = [10, 10, 20, 20];

describe('matchableGts', () => {
  test('leaves out crowd, difficult and unknown classes, keeping rows of the table', () => {
    const gts = makeGts([
      { box: BOX, crowd: true },
      { box: BOX, gtClass: 1 },
      { box: BOX, difficult: true },
      { box: BOX, gtClass: -1 },
      { box: [30, 30, 40, 40], gtClass: 2 },
    ]);
    const matchable = matchableGts(gts, 3, IMAGE);
    expect([...matchable.row]).toEqual([1, 4]);
    expect([...matchable.gtClass]).toEqual([1, 2]);
    expect([...matchable.x1]).toEqual([10, 30]);
    expect([...ignoreRegions(gts).row]).toEqual([0, 2, 3]);
  });

  test.each([
    ['no width', [10, 10, 10, 20]],
    ['no height', [10, 10, 20, 10]],
    ['inverted', [20, 20, 10, 10]],
    ['NaN', [NaN, 10, 20, 20]],
    ['infinite', [10, 10, Infinity, 20]],
    ['left of the image', [-20, 10, 0, 20]],
    ['below the image', [10, 100, 20, 110]],
  ])('leaves out a box that is %s', (_what, box) => {
    expect(matchableGts(makeGts([{ box }]), 1, IMAGE).count).toBe(0);
  });

  test('a box partly outside stays, unclipped; an unknown image size excludes nothing', () => {
    expect([...matchableGts(makeGts([{ box: [-5, -5, 5, 5] }]), 1, IMAGE).x1]).toEqual([-5]);
    expect(matchableGts(makeGts([{ box: [500, 500, 600, 600] }]), 1, { width: 0, height: 0 }).count).toBe(1);
  });

  test('zero rows', () => {
    expect(matchableGts(makeGts([]), 1, IMAGE).count).toBe(0);
    expect(ignoreRegions(makeGts([])).count).toBe(0);
  });

  test.each([3, -2])('class %d of 3 is a broken contract', (gtClass) => {
    expect(() => matchableGts(makeGts([{ box: BOX, gtClass }]), 3, IMAGE)).toThrow(
      `mining: gts.gtClass[0]: expected a class in [0, 3) or -1, received ${gtClass}`,
    );
  });
});
