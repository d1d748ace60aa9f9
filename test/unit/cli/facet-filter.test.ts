import { describe, expect, it } from 'vitest';
import { filterOption, scopeOf } from '../../../src/cli/facet-filter.js';

const run = { classes: ['car', 'carriage', 'truck'] };
const scoped = (facet: string, ...values: string[]) => scopeOf([{ facet, values }], 'rois', run).scope;

describe('scopeOf', () => {
  it('finds values by name, or by how one alone begins', () => {
    expect(scoped('label', 'CAR', 'tr')).toMatchObject({
      of: 'items',
      query: { kind: 'rois', where: { label: [0, 2] } },
    });
    expect(scoped('answer', 'missed')).toMatchObject({ query: { where: { answer: [2] } } });
    expect(scopeOf([], 'rois', run)).toEqual({});
  });

  it('names the values where one is none, or several', () => {
    expect(() => scoped('label', 'c')).toThrow(/filter label: expected one of car; carriage; truck; background/);
    expect(() => scoped('label', 'bus')).toThrow(/received bus/);
  });
});

describe('--filter', () => {
  it('is a facet and its values, once a facet', () => {
    const parse = filterOption().parseArg;
    const first = parse?.('label=car,truck', []);
    expect(parse?.('iou=0.5', first as never)).toEqual([
      { facet: 'label', values: ['car', 'truck'] },
      { facet: 'iou', values: ['0.5'] },
    ]);
    expect(() => parse?.('colour=red', [])).toThrow(/expected one of suspicion, verdict, answer, /);
  });
});
