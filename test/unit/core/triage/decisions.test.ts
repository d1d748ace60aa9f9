import { expect, it } from 'vitest';
import { keyOf, rowOfDecision } from '../../../../src/core/triage/decisions.js';
import { makeGts } from '../make-output.js';

const gts = makeGts([{ box: [0, 0, 10, 10] }, { box: [0, 0, 10, 9] }, { box: [50, 0, 60, 10] }]);
const labels = ['cat', 'cat', 'dog'];
const annotations = [4, 5, 6];

it('finds a decided object by its annotation, whatever its class is now', () => {
  const object = { label: 'bird', box: [0, 0, 10, 8.9] as const, annotation: 4 };
  expect(rowOfDecision(object, gts, labels, annotations)).toBe(0);
});

it('finds it by class and place where annotations were numbered anew, or are not known', () => {
  expect(rowOfDecision({ label: 'cat', box: [0, 0, 10, 8.9], annotation: 6 }, gts, labels, annotations)).toBe(1);
  expect(rowOfDecision({ label: 'cat', box: [0, 0, 10, 8.9] }, gts, labels)).toBe(1);
});

it('finds none that moved away, or changed its class without an annotation to tell', () => {
  expect(rowOfDecision({ label: 'cat', box: [50, 0, 60, 10], annotation: null }, gts, labels, annotations)).toBe(-1);
  expect(rowOfDecision({ label: 'cat', box: [200, 0, 210, 10], annotation: 4 }, gts, labels, annotations)).toBe(-1);
});

it('has one key a target, to a tenth of a pixel', () => {
  const key = (x1: number) => keyOf({ image: 'a', roi: { label: 'cat', box: [x1, 0, 1, 1] } });
  expect(key(0.101)).toBe(key(0.1));
  expect(keyOf({ image: 'a' })).not.toBe(key(0.1));
});
