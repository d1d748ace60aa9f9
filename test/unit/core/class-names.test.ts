import { expect, it } from 'vitest';
import { likeness, rankNames, suggestClasses } from '../../../src/core/class-names.js';

const lists = (dataset: readonly string[], checkpoint: readonly string[]) => ({ dataset, checkpoint, family: 'yolox' });
const indices = (count: number) => Array.from({ length: count }, (_, i) => String(i));

it.each([
  ['tvmonitor', 'TV', 1],
  ['Motorbike', 'motorcycle', 1],
  ['cars', 'car', 0.95],
  ['buses', 'bus', 0.95],
  ['berries', 'berry', 0.95],
  ['pedestrian', 'person', 0.8],
  ['white blood cell', 'cell', 0.7],
])('%s is like %s: %f', (a, b, expected) => {
  expect(likeness(a, b)).toBe(expected);
  expect(likeness(b, a)).toBe(expected);
});

it('proposes the likeliest, and nothing for what is like none', () => {
  expect(suggestClasses(lists(['pedestrians', 'trafficlights', 'xyzzy'], ['traffic light', 'person', 'dog']))).toEqual({
    pedestrians: 'person',
    trafficlights: 'traffic light',
    xyzzy: null,
  });
  expect(rankNames('bike', lists(['bike'], ['car', 'motorcycle', 'bicycle'])).names[2]).toBe('car');
});

it.each([
  [80, 'person', '0'],
  [80, 'diningtable', '60'],
  [80, 'toothbrush', '79'],
  [90, 'toothbrush', '89'],
  [91, 'toothbrush', '90'],
  [91, 'stop sign', '13'],
])('finds a class of COCO among %i indices: %s is %s', (count, name, index) => {
  expect(suggestClasses(lists([name], indices(count)))).toEqual({ [name]: index });
});
