import { describe, expect, it } from 'vitest';
import { keyedSize, movedSize } from '../../../../webview/chrome/split-size.js';

const before = { least: 80, most: 500, sign: 1 } as const;
const behind = { ...before, sign: -1 } as const;

describe('movedSize', () => {
  it('grows with the move before the splitter, and against it behind', () => {
    expect([movedSize(300, 20, before), movedSize(300, 20, behind)]).toEqual([320, 280]);
  });

  it('stays in its bounds, and at the least where there is no room for more', () => {
    expect([movedSize(300, 900, before), movedSize(300, 900, behind)]).toEqual([500, 80]);
    expect(movedSize(300, 0, { ...before, most: 60 })).toBe(80);
  });
});

describe('keyedSize', () => {
  const axis = { axis: 'x', leap: false } as const;

  it('moves the splitter in the direction of the arrow', () => {
    expect(keyedSize('ArrowRight', axis, 300, before)).toBe(316);
    expect(keyedSize('ArrowRight', axis, 300, behind)).toBe(284);
    expect(keyedSize('ArrowLeft', { ...axis, leap: true }, 300, behind)).toBe(364);
    expect(keyedSize('ArrowUp', { axis: 'y', leap: false }, 300, before)).toBe(284);
  });

  it('goes to the ends, and leaves every other key', () => {
    expect([keyedSize('Home', axis, 300, behind), keyedSize('End', axis, 300, behind)]).toEqual([80, 500]);
    expect([keyedSize('ArrowUp', axis, 300, before), keyedSize('j', axis, 300, before)]).toEqual([null, null]);
  });
});
