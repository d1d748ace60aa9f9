import { describe, expect, it } from 'vitest';
import { GridLayout } from '../../../../webview/rows/grid-layout.js';

const plain = (count: number) => [{ name: '', count }];
const GROUPS = [
  { name: 'cat', count: 5 },
  { name: 'dog', count: 1 },
  { name: 'none', count: 0 },
  { name: 'bus', count: 3 },
];

describe('GridLayout', () => {
  it('puts items side by side; the last line may be short', () => {
    const layout = new GridLayout(plain(7), 3);
    expect([layout.numLines, layout.length]).toEqual([3, 7]);
    expect([0, 1, 2].map((line) => layout.lineAt(line))).toEqual([
      { first: 0, count: 3 },
      { first: 3, count: 3 },
      { first: 6, count: 1 },
    ]);
    expect([0, 2, 3, 6].map((place) => layout.lineOf(place))).toEqual([0, 0, 1, 2]);
  });

  it('heads each group that has items', () => {
    const layout = new GridLayout(GROUPS, 3);
    const lines = Array.from({ length: layout.numLines }, (_, line) => layout.lineAt(line));
    expect(lines).toEqual([
      { name: 'cat', count: 5 },
      { first: 0, count: 3 },
      { first: 3, count: 2 },
      { name: 'dog', count: 1 },
      { first: 5, count: 1 },
      { name: 'bus', count: 3 },
      { first: 6, count: 3 },
    ]);
    for (let place = 0; place < 9; place++) {
      const line = layout.lineAt(layout.lineOf(place));
      expect('first' in line && line.first <= place && place < line.first + line.count).toBe(true);
    }
  });

  it('steps by lines over headings, in the column or the nearest place, and stops at the ends', () => {
    const layout = new GridLayout(GROUPS, 3);
    expect(layout.step(2, 1)).toBe(4);
    expect(layout.step(1, 2)).toBe(5);
    expect(layout.step(5, 1)).toBe(6);
    expect(layout.step(8, -3)).toBe(2);
    expect(layout.step(0, -5)).toBe(0);
    expect(layout.step(4, 99)).toBe(7);
  });

  it('lists as many as a browser shows', () => {
    const layout = new GridLayout([{ name: 'cat', count: 100 }, ...plain(100)], 4, 10);
    expect([layout.numLines, layout.length]).toEqual([10, 36]);
  });

  it('is empty without items', () => {
    const layout = new GridLayout(plain(0), 4);
    expect([layout.numLines, layout.length, layout.lineOf(0), layout.step(0, 1)]).toEqual([0, 0, 0, 0]);
  });
});
